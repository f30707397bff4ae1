import { nextTurn } from '@geomirror/catalog/pace.ts';

/** Must not throw for ordinary failures: a throw goes to `onError`, and the key is tried again after `retryAfterMs`. */
export type WorkQueueDeps = {
  readonly work: (key: string, signal: AbortSignal) => Promise<void>;
  readonly atOnce: number;
  readonly retryAfterMs: number;
  readonly onError: (key: string, error: unknown) => void;
};

type Delayed = { readonly due: number; readonly timer: NodeJS.Timeout };

// A longer delay would overflow the timer and fire at once.
const longestDelayMs = 86_400_000;

/**
 * Keys waiting for a worker. Invariant: a key is never with two workers, and one added while it is worked on comes again
 * afterwards, however often it was added.
 */
export class WorkQueue {
  readonly #deps: WorkQueueDeps;
  readonly #dirty = new Set<string>();
  readonly #working = new Set<string>();
  readonly #delayed = new Map<string, Delayed>();
  #signal: AbortSignal | undefined;
  #idle: () => void = () => undefined;

  constructor(deps: WorkQueueDeps) {
    this.#deps = deps;
  }

  add(key: string): void {
    clearTimeout(this.#delayed.get(key)?.timer);
    this.#delayed.delete(key);
    this.#dirty.add(key);
    this.#startReady();
  }

  /** Of several delays of a key the earliest due counts. */
  addAfter(key: string, delayMs: number): void {
    const due = performance.now() + delayMs;
    const waiting = this.#delayed.get(key);
    if (waiting !== undefined && waiting.due <= due) return;
    clearTimeout(waiting?.timer);
    const timer = setTimeout(() => this.add(key), Math.min(Math.max(delayMs, 0), longestDelayMs));
    this.#delayed.set(key, { due, timer });
  }

  /** Works until the signal aborts, then waits for those under way. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    this.#startReady();
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    for (const { timer } of this.#delayed.values()) clearTimeout(timer);
    this.#delayed.clear();
    while (this.#working.size > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
  }

  #startReady(): void {
    const signal = this.#signal;
    if (signal === undefined || signal.aborted) return;
    for (const key of this.#dirty) {
      if (this.#working.size >= this.#deps.atOnce) return;
      if (this.#working.has(key)) continue;
      this.#dirty.delete(key);
      this.#working.add(key);
      void this.#workOn(key, signal);
    }
  }

  async #workOn(key: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#deps.work(key, signal);
    } catch (error) {
      this.#deps.onError(key, error);
      if (!signal.aborted) this.addAfter(key, this.#deps.retryAfterMs);
    } finally {
      // Keys that wake each other must not keep timers and sockets from their turn.
      await nextTurn();
      this.#working.delete(key);
      if (this.#working.size === 0) this.#idle();
      this.#startReady();
    }
  }
}
