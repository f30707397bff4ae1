import type { SelectionPolicy } from '@geomirror/catalog/policy.ts';
import type { ExclusionReason } from '@geomirror/catalog/reason.ts';
import { createPool, resetPool } from './pool.ts';
import { strategies } from './rank.ts';
import type { Availability } from './strategy.ts';
import type { Ranking, Shares } from './types.ts';

/** A mirror that holds the file: how often it is drawn, and why it is not the chosen one whenever it is not. */
export type ExplainedShare = Shares[number] & {
  readonly reason: Extract<ExclusionReason, 'NotDrawn' | 'OutsideBand' | 'OtherAddressFamily'>;
};

/**
 * The probabilities by which `choose` draws, one entry per eligible mirror in the order of preference: `NotDrawn` for those
 * of the band, else probability 0 and `OtherAddressFamily` (the client's, over which others in the band do answer) or `OutsideBand`.
 */
export const explain = (
  policy: SelectionPolicy,
  ranking: Ranking,
  availability: Availability,
): readonly ExplainedShare[] => {
  const pool = createPool();
  resetPool(pool, ranking.candidates.length, Infinity);
  strategies[policy.strategy].fill(policy, ranking, availability, pool);
  const explained: ExplainedShare[] = [];
  for (let at = 0; at < pool.count; at++) {
    const position = pool.order[at] ?? 0;
    if (at < pool.band) explained.push({ position, probability: pool.share[at] ?? 0, reason: 'NotDrawn' });
    else explained.push({ position, probability: 0, reason: 'OutsideBand' });
  }
  const listed = new Set(explained.map(({ position }) => position));
  for (const [position, { index }] of ranking.candidates.entries()) {
    if (listed.has(position) || !availability.holds(index)) continue;
    explained.push({ position, probability: 0, reason: 'OtherAddressFamily' });
  }
  return explained;
};
