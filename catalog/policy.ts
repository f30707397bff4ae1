/** How a redirector serves one repository: what it needs of the Repository's spec, defaults filled in, durations in seconds. */
export type Policy = {
  /** Lower-case host names; empty: any host. */
  readonly hosts: readonly string[];
  /** Begins and ends with a slash. */
  readonly pathPrefix: string;
  /** Unix ms; the older of two repositories with equal host and prefix keeps them. */
  readonly createdAt: number;
  /** In order, first match wins; a rule without `authorityOnly` only shields its paths from the rules after it. */
  readonly freshnessRules: readonly FreshnessRule[];
  readonly unknownFiles: 'Fallback' | 'NotFound';
  readonly selection: SelectionPolicy;
  readonly upgradeToHTTPS: boolean;
  readonly fallbacks: readonly Fallback[];
  readonly archive: readonly ArchiveRule[];
  readonly output: 'Auto' | 'Redirect' | 'JSON';
};

export type FreshnessRule = { readonly paths: readonly string[]; readonly authorityOnly: boolean };
export type ArchiveRule = { readonly paths: readonly string[]; readonly url: string };

export type Strategy = 'Proximity' | 'Weighted' | 'Mirrorbits';

export type SelectionPolicy = {
  readonly strategy: Strategy;
  readonly rangePercent: number;
  readonly stickiness: 'None' | 'Client';
  readonly alternatives: number;
  /** No mirror is drawn with a higher probability than max(this, 100 / eligible), in per cent. */
  readonly maxSharePercent: number;
  readonly mirrorbitsZeroASMatches: boolean;
};

/** Country codes are ISO 3166-1 alpha-2, continents AF AN AS EU NA OC SA; both upper-case. Degrees, north and east positive. */
export type Location = {
  readonly latitude?: number;
  readonly longitude?: number;
  readonly country?: string;
  readonly additionalCountries: readonly string[];
  readonly continent?: string;
  readonly asns: readonly number[];
  /** CIDRs. */
  readonly networks: readonly string[];
  /** A CDN or anycast address: counts as 1 500 km from everyone. */
  readonly global: boolean;
};

export type Fallback = { readonly name: string; readonly url: string; readonly location: Location };

export type Audience = {
  readonly scope: 'Anyone' | 'Continent' | 'Country' | 'ASN';
  readonly networks: readonly string[];
  readonly excludedCountries: readonly string[];
};
