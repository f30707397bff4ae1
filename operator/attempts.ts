import type { Logger } from 'pino';

/** One attempt to index a source or to scan a mirror, whatever came of it. Times in Unix ms. */
export type Attempt = {
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly outcome: 'Succeeded' | 'PartlyUnreadable' | 'Held' | 'Failed';
  /** Why it failed. */
  readonly reason: string | undefined;
  readonly message: string;
};

/** The history that decides when the next attempt is due. */
export type Attempts = {
  readonly running: boolean;
  readonly last: Attempt | undefined;
  readonly failuresInARow: number;
  /** The request and the spec that the last attempt answered. */
  readonly request: string | undefined;
  readonly spec: string | undefined;
  /** Since when an attempt is owed for another reason: a mirror came back. */
  readonly owedSince: number | undefined;
};

export const noAttempts: Attempts = {
  running: false,
  last: undefined,
  failuresInARow: 0,
  request: undefined,
  spec: undefined,
  owedSince: undefined,
};

/** What the schedule depends on. */
export type Wish = {
  readonly intervalMs: number;
  /** How soon to look again when a guard holds the listing. */
  readonly heldRetryMs: number;
  /** Changes with every request by annotation. */
  readonly request: string;
  /** Changes with everything in the resource that makes another attempt worth while. */
  readonly spec: string;
  /** Spreads resources of equal interval, [0, 1). */
  readonly spread: number;
};

const firstRetryMs = 30_000;

/**
 * When the next attempt should start (Unix ms; 0: at once). In this order:
 *
 *   never tried, asked for, or spec changed     at once
 *   owed (a mirror is back), not tried since     at once
 *   owed, tried since                            30 s after the last, never later than in order
 *   last listing held                            heldRetryMs after it
 *   last attempt failed                          30 s, 1 m, 2 m … after it, never later than in order
 *   in order                                     interval after the last start, +-10 %
 */
export function nextAttemptAt(attempts: Attempts, wish: Wish): number {
  const { last, owedSince } = attempts;
  if (last === undefined || wish.request !== attempts.request || wish.spec !== attempts.spec) return 0;
  if (owedSince !== undefined && last.startedAt < owedSince) return 0;
  const inOrder = last.startedAt + wish.intervalMs * (0.9 + 0.2 * wish.spread);
  return Math.min(inOrder, last.finishedAt + retryMs(attempts, wish));
}

function retryMs({ last, owedSince, failuresInARow }: Attempts, wish: Wish): number {
  if (owedSince !== undefined) return firstRetryMs;
  if (last?.outcome === 'Held') return wish.heldRetryMs;
  if (last?.outcome === 'Failed') return firstRetryMs * 2 ** Math.min(Math.max(failuresInARow - 1, 0), 12);
  return Infinity;
}

/** The history after one more attempt. */
export function afterAttempt(before: Attempts, attempt: Attempt, wish: Pick<Wish, 'request' | 'spec'>): Attempts {
  const good = attempt.outcome === 'Succeeded' || attempt.outcome === 'PartlyUnreadable';
  const paid = good && before.owedSince !== undefined && attempt.startedAt >= before.owedSince;
  return {
    running: false,
    last: attempt,
    failuresInARow: attempt.outcome === 'Failed' ? before.failuresInARow + 1 : 0,
    request: wish.request,
    spec: wish.spec,
    owedSince: paid ? undefined : before.owedSince,
  };
}

/** What came of work, before its times are known. */
export type Outcome = Omit<Attempt, 'startedAt' | 'finishedAt'>;

export type AttemptDeps = {
  readonly log: Pick<Logger, 'error'>;
  readonly signal: AbortSignal;
  /** Log fields: whose attempt it is. */
  readonly about: Readonly<Record<string, string>>;
};

/** A bug ends the attempt and nothing else; undefined: `signal` aborted it, and nobody wants to know. */
export async function tryAttempt<T extends Outcome>(
  { log, signal, about }: AttemptDeps,
  work: () => Promise<T>,
): Promise<T | Outcome | undefined> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) return undefined;
    log.error({ ...about, err: error }, 'an attempt ended by a bug');
    return { outcome: 'Failed', reason: 'InternalError', message: 'the operator failed; its log says more' };
  }
}

/** [0, 1) from a UID, so that resources made together do not work together for ever. */
export function spreadOf(uid: string): number {
  let hash = 2_166_136_261;
  for (const character of uid) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619);
  return (hash >>> 0) / 2 ** 32;
}
