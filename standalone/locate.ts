import type { Locate } from '@geomirror/operator/ports.ts';
import type { Geo } from '@geomirror/redirector/geo/geo.ts';

/** Mirrors are placed by the same databases as clients. */
export function locateWith(geo: Pick<Geo, 'locate'>): Locate {
  return (address) => {
    const found = geo.locate(address);
    if (found.country === '') return undefined;
    return {
      ...(found.accuracy === 'Unknown' ? {} : { latitude: found.latitude, longitude: found.longitude }),
      country: found.country,
      ...(found.continent === '' ? {} : { continent: found.continent }),
      asns: found.asn === 0 ? [] : [found.asn],
    };
  };
}
