/** Bytes that may be read, refilled evenly: at most an hour's worth in hand. */
export type ByteBudget = {
  /** Whole bytes in hand at `now` (Unix ms). */
  available(bytesPerHour: number, now: number): number;
  take(bytes: number): void;
};

const hourMs = 3_600_000;

/** A token bucket that starts full. */
export function createByteBudget(): ByteBudget {
  let tokens = Infinity;
  let filledAt = 0;
  return {
    available(bytesPerHour, now) {
      const elapsedMs = Math.max(0, now - filledAt);
      tokens = Math.min(bytesPerHour, tokens + (elapsedMs * bytesPerHour) / hourMs);
      filledAt = now;
      return Math.max(0, Math.floor(tokens));
    },
    take(bytes) {
      tokens -= bytes;
    },
  };
}
