import type { SelectionPolicy } from '@geomirror/catalog/policy.ts';
import { mirrorsNeeded, toShares } from './cap.ts';
import { coordinatesOf, globalKm } from './distance.ts';
import type { Pool } from './pool.ts';
import { indexAt } from './ranking.ts';
import type { Availability, SelectionStrategy } from './strategy.ts';
import type { Candidate, Place, Ranking } from './types.ts';

const float = Math.fround;
const radians = float(Math.PI / 180);
const smallest = 2 ** -149;

/** However many mirrors could be drawn, mirrorbits lists no more. */
const mostListed = 5;

/** Clients without a country count as not located, whatever else is known. */
const isLocated = (place: Place): boolean => place.country !== '';

/** Haversine in the single-precision steps of mirrorbits; 0 for a client that is not located. */
const distanceKm = ({ location }: Candidate, place: Place): number => {
  if (!isLocated(place) || place.accuracy === 'Unknown') return 0;
  if (location.global) return globalKm;
  const mirror = coordinatesOf(location) ?? { latitude: 0, longitude: 0 };
  const [fromLatitude, toLatitude] = [float(place.latitude), float(mirror.latitude)];
  const [fromLongitude, toLongitude] = [float(place.longitude), float(mirror.longitude)];
  const latitude = Math.sin(float(float(float(toLatitude - fromLatitude) * radians) / 2)) ** 2;
  const longitude = Math.sin(float(float(float(toLongitude - fromLongitude) * radians) / 2)) ** 2;
  const chord = latitude + Math.cos(float(fromLatitude * radians)) * Math.cos(float(toLatitude * radians)) * longitude;
  return float(6371 * float(2 * Math.atan2(Math.sqrt(chord), Math.sqrt(1 - chord))));
};

type Extent = { readonly closestKm: number; readonly base: number };

/** What the scores refer to: the closest mirror that holds the file, and the whole kilometres to the farthest. */
const extentOf = (ranking: Ranking, positions: readonly number[]): Extent => {
  const closest = ranking.distanceKm[positions[0] ?? 0] ?? 0;
  const farthest = ranking.distanceKm[positions.at(-1) ?? 0] ?? 0;
  return { closestKm: closest === 0 ? smallest : closest, base: Math.trunc(farthest) };
};

const nearnessScore = (
  policy: SelectionPolicy,
  { location }: Candidate,
  { country }: Place,
  { km, closestKm, base }: Extent & { readonly km: number },
): number => {
  if (km <= float(closestKm * float(policy.rangePercent / 100))) {
    const nearer = float(base - km);
    return Math.trunc(country === location.country ? nearer : float(nearer / 2));
  }
  if (country === location.country) return Math.trunc(float(base - float(5 * km)));
  return location.additionalCountries.includes(country) ? Math.trunc(float(base - closestKm)) : 0;
};

const isSameNetwork = (policy: SelectionPolicy, { location }: Candidate, { asn }: Place): boolean =>
  asn === 0 ? policy.mirrorbitsZeroASMatches && location.asns.length === 0 : location.asns.includes(asn);

const scoreOf = (policy: SelectionPolicy, ranking: Ranking, position: number, extent: Extent): number => {
  const candidate = ranking.candidates[position];
  if (candidate === undefined) return 0;
  const km = ranking.distanceKm[position] ?? 0;
  let score = extent.base - Math.trunc(km) + 1;
  score += nearnessScore(policy, candidate, ranking.place, { ...extent, km });
  if (isSameNetwork(policy, candidate, ranking.place)) score += Math.trunc(extent.base / 2);
  const percent = candidate.weight - 100;
  return Math.trunc(Math.max(1, score + score * (percent / 100) + 0.5));
};

export type Scored = {
  readonly position: number;
  /** `ComputedScore`; 0 for a client that is not located. */
  readonly score: number;
  /** In proportion to which it is drawn; 0: only listed. */
  readonly weight: number;
};

/** The eligible mirrors with their scores, highest first; for a client that is not located all weigh the same. */
export const scoreMirrors = (policy: SelectionPolicy, ranking: Ranking, availability: Availability): Scored[] => {
  const positions = [...ranking.candidates.keys()].filter((position) => availability.holds(indexAt(ranking, position)));
  if (!isLocated(ranking.place)) return positions.map((position) => ({ position, score: 0, weight: 1 }));
  const extent = extentOf(ranking, positions);
  return positions
    .map((position) => {
      const score = scoreOf(policy, ranking, position, extent);
      return { position, score, weight: Math.max(0, score - extent.base) };
    })
    .sort((a, b) => b.score - a.score);
};

const bandOf = (policy: SelectionPolicy, scored: readonly Scored[]): number => {
  const weighted = scored.filter(({ weight }) => weight > 0).length;
  return Math.min(scored.length, Math.max(weighted, mirrorsNeeded(policy.maxSharePercent)));
};

/**
 * What mirrorbits does: scores relative to the farthest mirror that holds the file, a draw among those that exceed it, or always the first
 * if none does. `weight - 100` is its Score. Below 100, `maxSharePercent` adds the next by score, with the least weight.
 */
export const mirrorbits: SelectionStrategy = {
  distanceKm,
  effectiveKm: (_candidate, _place, km) => km,
  fill: (policy, ranking, availability, pool) => {
    let scored = scoreMirrors(policy, ranking, availability);
    const isReachable = ({ position }: Scored) => availability.reachable(indexAt(ranking, position));
    const band = scored.slice(0, bandOf(policy, scored));
    pool.reachableOnly = band.some(isReachable) && !band.every(isReachable);
    if (pool.reachableOnly) scored = scored.filter(isReachable);
    put(policy, scored, pool);
  },
};

const put = (policy: SelectionPolicy, scored: readonly Scored[], pool: Pool): void => {
  pool.count = scored.length;
  pool.band = bandOf(policy, scored);
  for (const [at, { position, weight }] of scored.entries()) {
    pool.order[at] = position;
    pool.share[at] = Math.max(1, weight);
  }
  toShares(pool.share, pool.band, policy.maxSharePercent);
  pool.drawAll = pool.band > 1;
  if (pool.drawAll) pool.listed = Math.min(mostListed, pool.band);
};
