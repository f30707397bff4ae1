import { fillNearest } from './band.ts';
import { toShares } from './cap.ts';
import { distanceKm } from './distance.ts';
import { type Pool, swap } from './pool.ts';
import { effectiveKm } from './proximity.ts';
import type { SelectionStrategy } from './strategy.ts';

/** Geography only filters: within the band share and order go by weight alone, so that a lone mirror nearby is one among the others there. */
export const weighted: SelectionStrategy = {
  distanceKm,
  effectiveKm,
  fill: (policy, ranking, availability, pool) => {
    fillNearest(policy, ranking, availability, pool);
    for (let at = 0; at < pool.band; at++) {
      pool.share[at] = ranking.candidates[pool.order[at] ?? 0]?.weight ?? 0;
    }
    heaviestFirst(pool);
    toShares(pool.share, pool.band, policy.maxSharePercent);
  },
};

// An insertion sort: bands are short, and equal weights, the usual case, cost one comparison each.
const heaviestFirst = (pool: Pool): void => {
  const { share } = pool;
  for (let at = 1; at < pool.band; at++) {
    for (let to = at; to > 0 && (share[to - 1] ?? 0) < (share[to] ?? 0); to--) swap(pool, to - 1, to);
  }
};
