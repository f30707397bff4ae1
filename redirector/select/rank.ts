import type { SelectionPolicy, Strategy } from '@geomirror/catalog/policy.ts';
import { mirrorbits } from './mirrorbits.ts';
import { proximity } from './proximity.ts';
import type { SelectionStrategy } from './strategy.ts';
import type { Candidate, Excluded, Place, Ranking } from './types.ts';
import { weighted } from './weighted.ts';

export const strategies: Readonly<Record<Strategy, SelectionStrategy>> = {
  Proximity: proximity,
  Weighted: weighted,
  Mirrorbits: mirrorbits,
};

/** Orders the mirrors that clients of this place may be sent to: nearest first, then heaviest, then as in the manifest. */
export const rank = (
  policy: SelectionPolicy,
  candidates: readonly Candidate[],
  excluded: readonly Excluded[],
  place: Place,
): Ranking => {
  const strategy = strategies[policy.strategy];
  const rows = candidates
    .map((candidate) => {
      const distanceKm = strategy.distanceKm(candidate, place);
      return { candidate, distanceKm, effectiveKm: strategy.effectiveKm(candidate, place, distanceKm) };
    })
    .sort(
      (a, b) =>
        a.effectiveKm - b.effectiveKm ||
        b.candidate.weight - a.candidate.weight ||
        a.candidate.index - b.candidate.index,
    );
  return {
    place,
    candidates: rows.map((row) => row.candidate),
    distanceKm: Float64Array.from(rows, (row) => row.distanceKm),
    effectiveKm: Float64Array.from(rows, (row) => row.effectiveKm),
    excluded,
  };
};
