import type { Jobs } from '../jobs.ts';
import { WorkQueue } from '../queue.ts';

/** Work that comes again and again, each time after the delay it asked for. */
export type Round = {
  /** Where it waits for its turn: never two at one host. */
  readonly jobs: Jobs;
  readonly host: string;
  /** Resolves with the milliseconds until the next time. */
  readonly work: (signal: AbortSignal) => Promise<number>;
};

export type Rounds = {
  /** Begins after the delay; a key that is there already keeps its round. */
  add(key: string, round: Round, delayMs: number): void;
  /** Ends it, even in the middle of its work. */
  remove(key: string): void;
  /** Does not wait longer than that; at once by default. */
  hasten(key: string, delayMs?: number): void;
  /** Works until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
};

const retryAfterMs = 5000;

/** `onError` is told of bugs only: the round goes on. */
export function createRounds(onError: (key: string, error: unknown) => void): Rounds {
  const running = new Map<string, { readonly round: Round; readonly ended: AbortController }>();

  const work = async (key: string, signal: AbortSignal): Promise<void> => {
    const entry = running.get(key);
    if (entry === undefined) return;
    const { round, ended } = entry;
    const both = AbortSignal.any([signal, ended.signal]);
    try {
      const delayMs = await round.jobs.run(round.host, both, () => round.work(both));
      if (!both.aborted) queue.addAfter(key, delayMs);
    } catch (error) {
      // What fails while it is being ended is part of the end.
      if (!both.aborted) throw error;
    }
  };

  // What is due waits for its host and its turn in `jobs`, so that one slow host keeps nobody else waiting.
  const queue = new WorkQueue({ work, atOnce: Infinity, retryAfterMs, onError });

  return {
    add(key, round, delayMs) {
      if (running.has(key)) return;
      running.set(key, { round, ended: new AbortController() });
      queue.addAfter(key, delayMs);
    },
    remove(key) {
      running.get(key)?.ended.abort();
      running.delete(key);
    },
    hasten(key, delayMs = 0) {
      if (!running.has(key)) return;
      if (delayMs === 0) queue.add(key);
      else queue.addAfter(key, delayMs);
    },
    run: (signal) => queue.run(signal),
  };
}
