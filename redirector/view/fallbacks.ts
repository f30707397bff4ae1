import type { Health } from '@geomirror/catalog/health.ts';
import type { Fallback, Location } from '@geomirror/catalog/policy.ts';
import { distanceKm } from '../select/distance.ts';
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

function costOf({ name, location }: Fallback, health: Health | undefined, place: Place): Cost {
  const isDown = health?.fallbacks[name]?.up === false;
  const elsewhere = place.country === '' || !countriesOf(location).includes(place.country);
  const overseas = place.continent === '' || location.continent !== place.continent;
  return [Number(isDown), Number(elsewhere), Number(overseas), kilometres(location, place)];
}

function countriesOf({ country, additionalCountries }: Location): readonly string[] {
  return country === undefined ? additionalCountries : [country, ...additionalCountries];
}

/** Half the way round the world where either end is unknown. */
function kilometres({ latitude, longitude }: Location, place: Place): number {
  if (place.accuracy === 'Unknown' || latitude === undefined || longitude === undefined) return 20_000;
  return distanceKm(place.latitude, place.longitude, latitude, longitude);
}

function compareCosts(a: Cost, b: Cost): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3];
}
