import { setImmediate as turn } from 'node:timers/promises';

/** Keys waiting for a worker: never two workers on one key, a key added while it is worked on comes again afterwards. */
export type WorkQueue = {
  add(key: string): void;
  /** The earliest of several due times counts. */
  addAfter(key: string, delayMs: number): void;
  /** Works until the signal aborts, then waits for those under way. */
  run(signal: AbortSignal): Promise<void>;
};

export type WorkQueueDeps = {
  /** Must not throw for ordinary failures: a throw is logged by `onError` and tried again after `retryAfterMs`. */
  readonly work: (key: string, signal: AbortSignal) => Promise<void>;
  readonly atOnce: number;
  readonly retryAfterMs: number;
  readonly onError: (key: string, error: unknown) => void;
};

export function createWorkQueue(deps: WorkQueueDeps): WorkQueue {
  const dirty = new Set<string>();
  const working = new Set<string>();
  const timers = new Map<string, { readonly due: number; readonly timer: NodeJS.Timeout }>();
  let wake: () => void = () => undefined;

  const add = (key: string): void => {
    const waiting = timers.get(key);
    if (waiting !== undefined) {
      clearTimeout(waiting.timer);
      timers.delete(key);
    }
    dirty.add(key);
    wake();
  };

  const addAfter = (key: string, delayMs: number): void => {
    const due = performance.now() + delayMs;
    const waiting = timers.get(key);
    if (waiting !== undefined && waiting.due <= due) return;
    if (waiting !== undefined) clearTimeout(waiting.timer);
    // A delay beyond 2^31 ms would fire at once.
    const timer = setTimeout(() => add(key), Math.min(Math.max(delayMs, 0), 86_400_000));
    timers.set(key, { due, timer });
  };

  const workOn = async (key: string, signal: AbortSignal): Promise<void> => {
    try {
      await deps.work(key, signal);
    } catch (error) {
      deps.onError(key, error);
      addAfter(key, deps.retryAfterMs);
    } finally {
      working.delete(key);
      wake();
    }
  };

  const startReady = (signal: AbortSignal): void => {
    for (const key of dirty) {
      if (working.size >= deps.atOnce) return;
      if (working.has(key)) continue;
      dirty.delete(key);
      working.add(key);
      void workOn(key, signal);
    }
  };

  return {
    add,
    addAfter,
    async run(signal) {
      const abort = (): void => wake();
      signal.addEventListener('abort', abort, { once: true });
      while (!signal.aborted) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        startReady(signal);
        await woken;
        await turn();
      }
      for (const { timer } of timers.values()) clearTimeout(timer);
      timers.clear();
      while (working.size > 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
