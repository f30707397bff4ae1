import type { Place } from '../select/types.ts';
import { type Address, clientBits, type Prefix, parseAddress, prefixOf } from './address.ts';
import type { Geo, GeoRecord } from './geo.ts';
import { indexNetworks } from './networks.ts';
import { createRecent } from './recent.ts';

export type PlacesDeps = {
  readonly geo: Pick<Geo, 'locate' | 'version'>;
  /** CIDRs that resources list, in locations and audiences. */
  readonly networks: readonly string[];
};

export type Places = {
  /** The place of an address as `clientAddress` returns it; what is no address is in an unknown place. */
  readonly place: (address: string) => Place;
};

const mostAddresses = 32_768;
const mostNetworks = 65_536;
const mostPlaces = 16_384;

const keyOf = (record: GeoRecord, networks: readonly string[], family: Place['family']): string => {
  const { accuracy, latitude, longitude, accuracyKm, country, continent, city, asn } = record;
  // The name of an AS follows from its number.
  return [accuracy, latitude, longitude, accuracyKm, country, continent, asn, family, networks.join(), city].join(' ');
};

/**
 * Finds places, remembering them by address and, where neither a database nor a listed network divides it, by the
 * client's whole /24 or /48. Equal places are one object while they are in use. Memory is bounded whoever asks from wherever.
 */
export const createPlaces = ({ geo, networks }: PlacesDeps): Places => {
  const listed = indexNetworks(networks);
  const places = createRecent<string, Place>(mostPlaces);
  const byAddress = createRecent<string, Place>(mostAddresses);
  const byNetwork = {
    4: createRecent<Prefix, Place>(mostNetworks),
    6: createRecent<Prefix, Place>(mostNetworks),
  } as const;
  let version = geo.version();

  const forget = (): void => {
    version = geo.version();
    for (const cache of [places, byAddress, byNetwork[4], byNetwork[6]]) cache.clear();
  };

  const intern = (record: GeoRecord, matched: readonly string[], family: Place['family']): Place => {
    const key = keyOf(record, matched, family);
    const known = places.get(key);
    if (known !== undefined) return known;
    const { prefixLength: _, ...rest } = record;
    const place: Place = { key, ...rest, networks: matched, family };
    places.set(key, place);
    return place;
  };

  const find = (address: Address): Place => {
    const { family } = address;
    const network = prefixOf(address, clientBits[family]);
    const known = byNetwork[family].get(network);
    if (known !== undefined) return known;
    const record = geo.locate(address);
    const place = intern(record, listed.containing(address), family);
    if (record.prefixLength <= clientBits[family] && !listed.divideClient(address))
      byNetwork[family].set(network, place);
    return place;
  };

  return {
    place: (text) => {
      if (version !== geo.version()) forget();
      const known = byAddress.get(text);
      if (known !== undefined) return known;
      const address = parseAddress(text);
      if (address === undefined) return intern(geo.locate(text), [], undefined);
      const place = find(address);
      byAddress.set(text, place);
      return place;
    },
  };
};
