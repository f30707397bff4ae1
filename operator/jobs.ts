/** Long work with a bound on how much runs at once, and never two jobs at one remote host. */
export type Jobs = {
  /** Waits for its turn, then works. Rejects with what `work` throws, or with the signal's reason while waiting. */
  run<T>(host: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
};

export function createJobs(atOnce: number): Jobs {
  const busyHosts = new Set<string>();
  const waiting: { readonly host: string; readonly start: () => void }[] = [];
  let running = 0;

  const startNext = (): void => {
    for (let i = 0; i < waiting.length && running < atOnce; ) {
      const job = waiting[i];
      if (job === undefined || busyHosts.has(job.host)) {
        i += 1;
        continue;
      }
      waiting.splice(i, 1);
      running += 1;
      busyHosts.add(job.host);
      job.start();
    }
  };

  const turn = (host: string, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const job = {
        host,
        start: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      const leave = (): void => {
        const place = waiting.indexOf(job);
        if (place !== -1) waiting.splice(place, 1);
        reject(signal.reason as Error);
      };
      if (signal.aborted) return void leave();
      signal.addEventListener('abort', leave, { once: true });
      waiting.push(job);
      startNext();
    });

  return {
    async run(host, signal, work) {
      await turn(host, signal);
      try {
        return await work();
      } finally {
        running -= 1;
        busyHosts.delete(host);
        startNext();
      }
    },
  };
}
