import type { Audience, Location, SelectionPolicy } from '@geomirror/catalog/policy.ts';
import type { Candidate, Place } from './types.ts';

/** A location with nothing but what is given. */
const located = (location: Partial<Location> = {}): Location => ({
  additionalCountries: [],
  asns: [],
  networks: [],
  global: false,
  ...location,
});

/** A mirror that takes anyone. */
export const mirror = (
  index: number,
  location: Partial<Location> = {},
  other: { readonly weight?: number; readonly audience?: Partial<Audience>; readonly name?: string } = {},
): Candidate => ({
  index,
  name: other.name ?? `mirror-${index}`,
  location: located(location),
  audience: { scope: 'Anyone', networks: [], excludedCountries: [], ...other.audience },
  weight: other.weight ?? 100,
});

/** A client of unknown place, unless more is given. */
export const place = (known: Partial<Place> = {}): Place => ({
  key: '',
  accuracy: known.latitude === undefined ? 'Unknown' : 'City',
  latitude: 0,
  longitude: 0,
  accuracyKm: 0,
  country: '',
  continent: '',
  city: '',
  asn: 0,
  asName: '',
  networks: [],
  family: 4,
  ...known,
});

/** The policy of a Repository that says nothing about selection. */
export const policy = (other: Partial<SelectionPolicy> = {}): SelectionPolicy => ({
  strategy: 'Proximity',
  rangePercent: 150,
  stickiness: 'None',
  alternatives: 5,
  maxSharePercent: 100,
  mirrorbitsZeroASMatches: false,
  ...other,
});

/** Kilometres east of 0/0 on the equator. */
export const eastKm = (km: number): { readonly latitude: number; readonly longitude: number } => ({
  latitude: 0,
  longitude: ((km / 6371) * 180) / Math.PI,
});

/** Every mirror holds the file and answers everyone. */
export const everywhere = { holds: () => true, reachable: () => true };
