/** Bytes that may be read, refilled evenly: at most `bytesPerHour` in hand. */
export type ByteBudget = {
  /** Whole bytes in hand at `now` (Unix ms). */
  available(now: number): number;
  take(bytes: number, now: number): void;
};

const hourMs = 3_600_000;

/** A token bucket that starts full. `bytesPerHour` is asked each time, so that a change counts at once. */
export function createByteBudget(bytesPerHour: () => number, startedAt: number): ByteBudget {
  let tokens = bytesPerHour();
  let filledAt = startedAt;
  const refill = (now: number): void => {
    const elapsed = Math.max(0, now - filledAt);
    tokens = Math.min(bytesPerHour(), tokens + (elapsed * bytesPerHour()) / hourMs);
    filledAt = now;
  };
  return {
    available(now) {
      refill(now);
      return Math.max(0, Math.floor(tokens));
    },
    take(bytes, now) {
      refill(now);
      tokens -= bytes;
    },
  };
}
