import { createHash } from 'node:crypto';

/** What a listing lost against the one before it. */
export type Loss = {
  readonly had: number;
  readonly lost: number;
  /** A digest of the lost paths, whatever their order: stays the same while the loss does; '' when nothing is lost. */
  readonly id: string;
};

/** Sums up a loss path by path. */
export function createLossTally(): {
  /** One file that was there; its path if it is there no more. */
  readonly add: (lost: string | undefined) => void;
  readonly result: () => Loss;
} {
  const sum = new Uint8Array(16);
  let had = 0;
  let lost = 0;
  return {
    add(path) {
      had += 1;
      if (path === undefined) return;
      lost += 1;
      const digest = createHash('sha256').update(path).digest();
      for (let i = 0; i < sum.length; i += 1) sum[i] = (sum[i] ?? 0) ^ (digest[i] ?? 0);
    },
    result: () => ({ had, lost, id: lost === 0 ? '' : Buffer.from(sum).toString('hex') }),
  };
}

export const lostPercent = (loss: Loss): number => (loss.had === 0 ? 0 : (loss.lost * 100) / loss.had);

/** Two losses of about the same size: what a second scan must show before a mirror's loss is believed. */
export const similarLoss = (a: Loss, b: Loss): boolean => Math.abs(a.lost - b.lost) <= Math.max(a.lost, b.lost) * 0.05;
