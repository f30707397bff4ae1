import { isIP } from 'node:net';
import { flag, list, number, object, oneOf, optional, text, textThat, webURL, whole, type Parse } from './parse.ts';
import type { ArchiveRule, Audience, Fallback, FreshnessRule, Location, Policy, SelectionPolicy } from './policy.ts';

const country = textThat((code) => /^[A-Z]{2}$/.test(code), 'a country code of two capitals');
const network = textThat(isCIDR, 'a CIDR');

/** A mirror's or fallback's place; throws StoreFailure `Malformed`. */
export const parseLocation: Parse<Location> = object<Location>({
  latitude: optional(number(-90, 90)),
  longitude: optional(number(-180, 180)),
  country: optional(country),
  additionalCountries: list(country),
  continent: optional(oneOf(['AF', 'AN', 'AS', 'EU', 'NA', 'OC', 'SA'])),
  asns: list(number(0, 4_294_967_295)),
  networks: list(network),
  global: flag,
});

/** Whom a mirror serves; throws StoreFailure `Malformed`. */
export const parseAudience: Parse<Audience> = object<Audience>({
  scope: oneOf(['Anyone', 'Continent', 'Country', 'ASN']),
  networks: list(network),
  excludedCountries: list(country),
});

const selection = object<SelectionPolicy>({
  strategy: oneOf(['Proximity', 'Weighted', 'Mirrorbits']),
  rangePercent: number(0, 1_000_000),
  stickiness: oneOf(['None', 'Client']),
  alternatives: whole,
  maxSharePercent: number(0, 100),
  mirrorbitsZeroASMatches: flag,
});

/** How a repository is served; throws StoreFailure `Malformed`. */
export const parsePolicy: Parse<Policy> = object<Policy>({
  hosts: list(text),
  pathPrefix: textThat((prefix) => prefix.startsWith('/') && prefix.endsWith('/'), 'a path between slashes'),
  createdAt: whole,
  freshnessRules: list(object<FreshnessRule>({ paths: list(text), authorityOnly: flag })),
  unknownFiles: oneOf(['Fallback', 'NotFound']),
  selection,
  upgradeToHTTPS: flag,
  fallbacks: list(object<Fallback>({ name: text, url: webURL, location: parseLocation })),
  archive: list(object<ArchiveRule>({ paths: list(text), url: webURL })),
  output: oneOf(['Auto', 'Redirect', 'JSON']),
});

function isCIDR(cidr: string): boolean {
  const [address = '', bits = '', ...rest] = cidr.split('/');
  const family = isIP(address);
  return family !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}
