import type { Health } from '@geomirror/catalog/health.ts';
import type { Fallback } from '@geomirror/catalog/policy.ts';
import { coordinatesOf, farthestKm, greatCircleKm } from '../select/distance.ts';
import { inCountry } from '../select/eligible.ts';
import type { Place } from '../select/types.ts';
import { hasScheme, type Scheme } from './endpoints.ts';

/**
 * Fallbacks that a client of this scheme can use, best first: those that are up before those that are down, then the
 * client's country, its continent, and the nearest. A fallback of the other scheme is none.
 */
export function rankFallbacks(
  fallbacks: readonly Fallback[],
  health: Health | undefined,
  place: Place,
  scheme: Scheme,
): readonly Fallback[] {
  return fallbacks
    .filter((fallback) => hasScheme(fallback.url, scheme))
    .map((fallback) => ({ fallback, cost: costOf(fallback, health, place) }))
    .toSorted((a, b) => compareCosts(a.cost, b.cost))
    .map(({ fallback }) => fallback);
}

type Cost = readonly [down: number, country: number, continent: number, km: number];

function costOf(fallback: Fallback, health: Health | undefined, place: Place): Cost {
  const { name, location } = fallback;
  const isDown = health?.fallbacks[name]?.up === false;
  const isElsewhere = !inCountry(location, place);
  const isOverseas = place.continent === '' || location.continent !== place.continent;
  return [Number(isDown), Number(isElsewhere), Number(isOverseas), fallbackKm(fallback, place)];
}

/** Kilometres as of mirrors: 0 for a client of unknown place, the farthest for a fallback of unknown place. */
export function fallbackKm({ location }: Fallback, place: Place): number {
  if (place.accuracy === 'Unknown') return 0;
  const coordinates = coordinatesOf(location);
  return coordinates === undefined ? farthestKm : greatCircleKm(place, coordinates);
}

function compareCosts(a: Cost, b: Cost): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3];
}
