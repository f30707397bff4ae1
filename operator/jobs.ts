/** Long work with a bound on how much runs at once, and never two jobs at one remote host. */
export type Jobs = {
  /** Waits for its turn, then works. Rejects with what `work` throws, or with the signal's reason while waiting. */
  run<T>(host: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
};

export function createJobs(atOnce: number): Jobs {
  const line = createLine(atOnce);
  return {
    async run(host, signal, work) {
      await line.enter(host, signal);
      try {
        return await work();
      } finally {
        line.leave(host);
      }
    },
  };
}

type Waiting = { readonly host: string; readonly start: () => void };

/** First come, first served, but nobody waits behind one whose host is busy. */
function createLine(atOnce: number): {
  enter: (host: string, signal: AbortSignal) => Promise<void>;
  leave: (host: string) => void;
} {
  const busyHosts = new Set<string>();
  const waiting = new Set<Waiting>();

  const startNext = (): void => {
    for (const job of waiting) {
      if (busyHosts.size >= atOnce) return;
      if (busyHosts.has(job.host)) continue;
      waiting.delete(job);
      busyHosts.add(job.host);
      job.start();
    }
  };

  return {
    enter: (host, signal) =>
      new Promise((resolve, reject) => {
        const giveUp = (): void => {
          waiting.delete(job);
          reject(signal.reason as Error);
        };
        const start = (): void => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        };
        const job = { host, start };
        if (signal.aborted) {
          giveUp();
          return;
        }
        signal.addEventListener('abort', giveUp, { once: true });
        waiting.add(job);
        startNext();
      }),
    leave(host) {
      busyHosts.delete(host);
      startNext();
    },
  };
}
