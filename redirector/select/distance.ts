import type { Location } from '@geomirror/catalog/policy.ts';
import { countryOf } from '../geo/countries.ts';
import type { Candidate, Place } from './types.ts';

export type Coordinates = { readonly latitude: number; readonly longitude: number };

/** What a CDN or anycast address counts as. */
export const globalKm = 1500;

/** As far as two points on Earth can be from each other. */
export const farthestKm = 20_015;

const radiusKm = 6371;
const radians = Math.PI / 180;

/** Great-circle distance (haversine) on a sphere of 6 371 km. */
export const greatCircleKm = (a: Coordinates, b: Coordinates): number => {
  const latitude = Math.sin(((b.latitude - a.latitude) * radians) / 2) ** 2;
  const longitude = Math.sin(((b.longitude - a.longitude) * radians) / 2) ** 2;
  const chord = latitude + Math.cos(a.latitude * radians) * Math.cos(b.latitude * radians) * longitude;
  return 2 * radiusKm * Math.asin(Math.min(1, Math.sqrt(chord)));
};

/** Where a mirror is: its coordinates, else its country's centre; undefined if neither is known. */
export const coordinatesOf = ({ latitude, longitude, country }: Location): Coordinates | undefined =>
  latitude === undefined || longitude === undefined ? countryOf(country) : { latitude, longitude };

/** Kilometres from client to mirror: 0 for a client of unknown place, 1 500 for a global mirror, the farthest for a mirror of unknown place. */
export const distanceKm = ({ location }: Candidate, place: Place): number => {
  if (place.accuracy === 'Unknown') return 0;
  if (location.global) return globalKm;
  const mirror = coordinatesOf(location);
  return mirror === undefined ? farthestKm : greatCircleKm(place, mirror);
};
