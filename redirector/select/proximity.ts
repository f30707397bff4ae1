import { fillNearest } from './band.ts';
import { toShares } from './cap.ts';
import { distanceKm } from './distance.ts';
import { inCountry, inNetwork } from './eligible.ts';
import type { SelectionStrategy } from './strategy.ts';
import type { Candidate, Place } from './types.ts';

const ownNetworkFactor = 0.5;
const ownCountryFactor = 0.7;

/** Kilometres with the client's own AS or a listed network counting half, and its country seven tenths; a global mirror has no such factors. */
export const effectiveKm = ({ location }: Candidate, place: Place, km: number): number => {
  if (location.global) return km;
  const network = inNetwork(location, place) ? ownNetworkFactor : 1;
  const country = inCountry(location, place) ? ownCountryFactor : 1;
  return km * network * country;
};

/**
 * How near a mirror is compared with the closest, 0 to 1. Distances that differ by less than the accuracy of the client's
 * place cannot be told apart, so both are taken from that far away: a country's centre makes no mirror near it a favourite.
 */
const closeness = (closestKm: number, km: number, accuracyKm: number): number =>
  (closestKm + 1 + accuracyKm) / (km + 1 + accuracyKm);

/** Nearest first; within the band a mirror's share is its weight x closeness. */
export const proximity: SelectionStrategy = {
  distanceKm,
  effectiveKm,
  fill: (policy, ranking, availability, pool) => {
    fillNearest(policy, ranking, availability, pool);
    const { order, share } = pool;
    const closestKm = ranking.effectiveKm[order[0] ?? 0] ?? 0;
    for (let at = 0; at < pool.band; at++) {
      const position = order[at] ?? 0;
      const near = closeness(closestKm, ranking.effectiveKm[position] ?? 0, ranking.place.accuracyKm);
      share[at] = (ranking.candidates[position]?.weight ?? 0) * near;
    }
    toShares(share, pool.band, policy.maxSharePercent);
  },
};
