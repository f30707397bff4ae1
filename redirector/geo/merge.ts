import type { Place } from '../select/types.ts';
import { countryOf } from './countries.ts';
import type { GeoFacts } from './facts.ts';

/** All that is known of an address. */
export type GeoRecord = Omit<Place, 'key' | 'networks' | 'family'> & {
  /** All addresses that share so many leading bits have the same record. */
  readonly prefixLength: number;
};

/** Of coordinates that come without a radius. */
const cityAccuracyKm = 50;

const accuracyOf = ({ accuracyKm, city, country }: GeoFacts): number =>
  accuracyKm ?? (city === undefined ? countryOf(country)?.radiusKm : undefined) ?? cityAccuracyKm;

const mostPrecise = (all: readonly GeoFacts[]): GeoFacts | undefined => {
  let best: GeoFacts | undefined;
  for (const facts of all) {
    if (facts.latitude === undefined) continue;
    if (best === undefined || accuracyOf(facts) < accuracyOf(best)) best = facts;
  }
  return best;
};

type Position = Pick<GeoRecord, 'accuracy' | 'latitude' | 'longitude' | 'accuracyKm'>;

const positionOf = (facts: GeoFacts | undefined): Position => {
  const country = countryOf(facts?.country);
  if (facts?.latitude !== undefined && facts.longitude !== undefined) {
    const accuracyKm = accuracyOf(facts);
    const isCity = facts.city !== undefined || accuracyKm < (country?.radiusKm ?? Infinity);
    const { latitude, longitude } = facts;
    return { accuracy: isCity ? 'City' : 'Country', latitude, longitude, accuracyKm };
  }
  if (country === undefined) return { accuracy: 'Unknown', latitude: 0, longitude: 0, accuracyKm: 0 };
  const { latitude, longitude, radiusKm } = country;
  return { accuracy: 'Country', latitude, longitude, accuracyKm: radiusKm };
};

const nothing: Partial<GeoFacts> = {};

/**
 * Joins what several databases say of one address: the most precise coordinates with the country, continent and city
 * beside them; without any the centre of the first country named, as wide as the country; the first AS. Of equals the
 * earlier database wins.
 */
export const mergeFacts = (all: readonly GeoFacts[], prefixLength: number): GeoRecord => {
  const facts = mostPrecise(all) ?? all.find((each) => each.country !== undefined);
  const { country = first(all, 'country') ?? '', continent, city = '' } = facts ?? nothing;
  const { asn = 0, asName = '' } = all.find((each) => each.asn !== undefined) ?? nothing;
  return {
    ...positionOf(facts),
    country,
    continent: continent ?? continentOf(all, country),
    city,
    asn,
    asName,
    prefixLength,
  };
};

const first = <K extends keyof GeoFacts>(all: readonly GeoFacts[], name: K): GeoFacts[K] | undefined =>
  all.find((each) => each[name] !== undefined)?.[name];

const continentOf = (all: readonly GeoFacts[], country: string): string =>
  countryOf(country)?.continent ?? first(all, 'continent') ?? '';
