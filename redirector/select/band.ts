import type { SelectionPolicy } from '@geomirror/catalog/policy.ts';
import { mirrorsNeeded } from './cap.ts';
import type { Pool } from './pool.ts';
import type { Availability } from './strategy.ts';
import { indexAt } from './ranking.ts';
import type { Place, Ranking } from './types.ts';

/** Mirrors this much farther than the closest are as good as it, whatever the percentage. */
const slackKm = 100;

/** How far mirrors may be to be drawn when the closest that holds the file is at `closestKm`. */
export const bandLimitKm = (policy: SelectionPolicy, place: Place, closestKm: number): number =>
  Math.max((closestKm * policy.rangePercent) / 100, closestKm + slackKm + place.accuracyKm);

/**
 * Fills the pool, nearest first, with the mirrors that hold the file: the band, and after it as many as are wanted.
 * Mirrors are asked only until then, so the cost does not grow with their number.
 *
 * The band is everything within the limit, widened by the next nearest until it holds the mirrors that `maxSharePercent` takes. If some in
 * it answer over the client's address family and some do not, those that do not count as absent.
 */
export const fillNearest = (
  policy: SelectionPolicy,
  ranking: Ranking,
  availability: Availability,
  pool: Pool,
): void => {
  const needed = mirrorsNeeded(policy.maxSharePercent);
  let next = collectBand(policy, ranking, availability, pool);
  if (pool.reachableOnly) {
    dropUnreachable(ranking, availability, pool);
    next = collectMore(ranking, availability, pool, { from: next, until: needed });
  }
  pool.band = pool.count;
  collectMore(ranking, availability, pool, { from: next, until: pool.wanted });
};

const collectBand = (
  policy: SelectionPolicy,
  ranking: Ranking,
  { holds, reachable }: Availability,
  pool: Pool,
): number => {
  const needed = mirrorsNeeded(policy.maxSharePercent);
  let limitKm = Infinity;
  let reached = 0;
  let next = 0;
  for (; next < ranking.candidates.length; next++) {
    const km = ranking.effectiveKm[next] ?? 0;
    if (km > limitKm && pool.count >= needed) break;
    const index = indexAt(ranking, next);
    if (!holds(index)) continue;
    if (pool.count === 0) limitKm = bandLimitKm(policy, ranking.place, km);
    pool.order[pool.count++] = next;
    if (reachable(index)) reached++;
  }
  pool.reachableOnly = reached > 0 && reached < pool.count;
  return next;
};

const dropUnreachable = (ranking: Ranking, { reachable }: Availability, pool: Pool): void => {
  let kept = 0;
  for (let at = 0; at < pool.count; at++) {
    const position = pool.order[at] ?? 0;
    if (reachable(indexAt(ranking, position))) pool.order[kept++] = position;
  }
  pool.count = kept;
};

const collectMore = (
  ranking: Ranking,
  { holds, reachable }: Availability,
  pool: Pool,
  { from, until }: { readonly from: number; readonly until: number },
): number => {
  let next = from;
  for (; next < ranking.candidates.length && pool.count < until; next++) {
    const index = indexAt(ranking, next);
    if (holds(index) && (!pool.reachableOnly || reachable(index))) pool.order[pool.count++] = next;
  }
  return next;
};
