import type { EndpointHealth, Health } from '@geomirror/catalog/health.ts';
import type { MirrorRecord } from '@geomirror/catalog/manifest.ts';
import type { Fallback, Location } from '@geomirror/catalog/policy.ts';
import type { MirrorJSON } from './json-schema.ts';

/** How mirrorbits writes "never". */
const never = '0001-01-01T00:00:00Z';

/** What depends on who asks for what. */
export type Standing = {
  readonly url: string;
  readonly distanceKm: number;
  readonly excludeReason?: string | undefined;
};

/** A mirror as mirrorbits describes one; `index` is its place in the manifest. */
export function mirrorJSON(
  mirror: MirrorRecord,
  index: number,
  health: Health | undefined,
  standing: Standing,
): MirrorJSON {
  const { audience } = mirror;
  const endpoints = health?.mirrors[mirror.uid]?.endpoints ?? [];
  const scanned = rfc3339(mirror.scannedAt);
  return {
    ...blank(mirror.name, mirror.location, standing),
    ID: index + 1,
    ...sponsorJSON(mirror.sponsor),
    ContinentOnly: audience.scope === 'Continent',
    CountryOnly: audience.scope === 'Country',
    ASOnly: audience.scope === 'ASN',
    Score: mirror.weight - 100,
    ExcludedCountryCodes: audience.excludedCountries.join(' '),
    Enabled: mirror.mode === 'Active',
    HttpDownReason: downReason(endpoints, 'http://'),
    HttpsDownReason: downReason(endpoints, 'https://'),
    StateSince: rfc3339(endpoints.length === 0 ? undefined : Math.max(...endpoints.map(({ since }) => since))),
    LastSync: scanned,
    LastSuccessfulSync: scanned,
  };
}

/** A fallback in the form of a mirror, with what is known of it. */
export function fallbackJSON({ name, url, location }: Fallback, distanceKm: number): MirrorJSON {
  return blank(name, location, { url, distanceKm });
}

function blank(name: string, location: Location, { url, distanceKm, excludeReason }: Standing): MirrorJSON {
  const countries = location.country === undefined ? [] : [location.country, ...location.additionalCountries];
  return {
    ID: 0,
    Name: name,
    HttpURL: url,
    RsyncURL: '',
    FtpURL: '',
    SponsorName: '',
    SponsorURL: '',
    SponsorLogoURL: '',
    CustomData: '',
    ContinentOnly: false,
    CountryOnly: false,
    ASOnly: false,
    Score: 0,
    Latitude: location.latitude ?? 0,
    Longitude: location.longitude ?? 0,
    ContinentCode: location.continent ?? '',
    CountryCodes: countries.join(' '),
    ExcludedCountryCodes: '',
    Asnum: location.asns[0] ?? 0,
    Enabled: true,
    StateSince: never,
    Distance: distanceKm,
    ComputedScore: 0,
    LastSync: never,
    LastSuccessfulSync: never,
    LastSuccessfulSyncProtocol: 0,
    LastSuccessfulSyncPrecision: 0,
    LastModTime: never,
    AbsoluteURL: url,
    ExcludeReason: excludeReason,
  };
}

function sponsorJSON(
  sponsor: MirrorRecord['sponsor'],
): Pick<MirrorJSON, 'SponsorName' | 'SponsorURL' | 'SponsorLogoURL'> {
  const { name = '', url = '', logoURL = '' } = sponsor ?? {};
  return { SponsorName: name, SponsorURL: url, SponsorLogoURL: logoURL };
}

function downReason(endpoints: readonly EndpointHealth[], scheme: string): string | undefined {
  const endpoint = endpoints.find(({ url }) => url.startsWith(scheme));
  return endpoint === undefined || endpoint.up ? undefined : (endpoint.reason ?? 'Down');
}

/** RFC 3339 of Unix ms; what mirrorbits writes for "never" where it is unknown. */
export function rfc3339(ms: number | undefined): string {
  return ms === undefined ? never : new Date(ms).toISOString().replace('.000Z', 'Z');
}
