import { setTimeout as sleep } from 'node:timers/promises';

/** Spaces requests to one host. */
export type RequestRate = {
  /** Resolves when the next request may be sent; rejects when the signal aborts. */
  readonly turn: (signal: AbortSignal) => Promise<void>;
  /** Nobody's turn comes within the next `milliseconds`. */
  readonly rest: (milliseconds: number) => void;
};

/** At most `perSecond` requests a second, evenly spaced, without bursts; Infinity: no limit but the rests. */
export function createRequestRate(deps: { readonly now: () => number }, perSecond: number): RequestRate {
  const spacing = 1000 / perSecond;
  let next = 0;
  let restUntil = 0;
  return {
    turn: async (signal) => {
      next = Math.max(next, deps.now());
      const mine = next;
      next += spacing;
      // A rest may begin while this one waits for its turn.
      for (let wait = mine - deps.now(); wait > 0; wait = restUntil - deps.now())
        await sleep(wait, undefined, { signal });
    },
    rest: (milliseconds) => {
      restUntil = Math.max(restUntil, deps.now() + milliseconds);
      next = Math.max(next, restUntil);
    },
  };
}
