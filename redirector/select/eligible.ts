import type { Location } from '@geomirror/catalog/policy.ts';
import type { ExclusionReason } from '@geomirror/catalog/reason.ts';
import { countryOf } from '../geo/countries.ts';
import type { Candidate, Excluded, Place } from './types.ts';

/** Whether the place's country, if known, is one that the location names. */
export const inCountry = (location: Location, place: Place): boolean =>
  place.country !== '' && (location.country === place.country || location.additionalCountries.includes(place.country));

/** Whether the place is inside an AS or network that the location names. */
export const inNetwork = (location: Location, place: Place): boolean =>
  (place.asn !== 0 && location.asns.includes(place.asn)) || contains(location.networks, place);

const contains = (networks: readonly string[], place: Place): boolean =>
  place.networks.some((network) => networks.includes(network));

const onContinent = (location: Location, place: Place): boolean =>
  place.continent !== '' && place.continent === (location.continent ?? countryOf(location.country)?.continent);

const outsideScope = ({ audience, location }: Candidate, place: Place): ExclusionReason | undefined => {
  switch (audience.scope) {
    case 'Anyone':
      return undefined;
    case 'Continent':
      return onContinent(location, place) ? undefined : 'OtherContinent';
    case 'Country':
      return inCountry(location, place) ? undefined : 'OtherCountry';
    case 'ASN':
      return place.asn !== 0 && location.asns.includes(place.asn) ? undefined : 'OtherNetwork';
  }
};

/**
 * Why a mirror refuses clients of this place whatever the file; undefined if it takes them. First match:
 *
 *     client in audience.excludedCountries     CountryExcluded
 *     client in audience.networks              taken
 *     audience.scope Anyone                    taken
 *     … Continent, Country, ASN of the mirror  taken if the client's is known and the same,
 *                                              else OtherContinent, OtherCountry, OtherNetwork
 */
export const refusalOf = (candidate: Candidate, place: Place): ExclusionReason | undefined => {
  const { audience } = candidate;
  if (place.country !== '' && audience.excludedCountries.includes(place.country)) return 'CountryExcluded';
  if (contains(audience.networks, place)) return undefined;
  return outsideScope(candidate, place);
};

/** Parts mirrors that take clients of this place from those that do not. */
export const admit = (
  mirrors: readonly Candidate[],
  place: Place,
): { readonly candidates: readonly Candidate[]; readonly excluded: readonly Excluded[] } => {
  const candidates: Candidate[] = [];
  const excluded: Excluded[] = [];
  for (const candidate of mirrors) {
    const reason = refusalOf(candidate, place);
    if (reason === undefined) candidates.push(candidate);
    else excluded.push({ candidate, reason });
  }
  return { candidates, excluded };
};
