/** What one record of one database says, whatever its layout; undefined where it says nothing usable. */
export type GeoFacts = {
  readonly latitude: number | undefined;
  readonly longitude: number | undefined;
  /** Kilometres within which the client is likely to be. */
  readonly accuracyKm: number | undefined;
  readonly country: string | undefined;
  readonly continent: string | undefined;
  readonly city: string | undefined;
  readonly asn: number | undefined;
  readonly asName: string | undefined;
};

const field = (record: unknown, path: string): unknown => {
  let value = record;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
};

const firstOf = <T>(record: unknown, paths: readonly string[], read: (value: unknown) => T | undefined) => {
  for (const path of paths) {
    const value = read(field(record, path));
    if (value !== undefined) return value;
  }
  return undefined;
};

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, 100) : undefined;

const code = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[A-Za-z]{2}$/.test(value) ? value.toUpperCase() : undefined;

const number = (value: unknown): number | undefined => {
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof read === 'number' && Number.isFinite(read) ? read : undefined;
};

const within = (limit: number) => (value: unknown) => {
  const read = number(value);
  return read !== undefined && Math.abs(read) <= limit ? read : undefined;
};

const kilometres = (value: unknown): number | undefined => {
  const read = number(value);
  return read !== undefined && read > 0 && read <= 20_000 ? read : undefined;
};

const systemNumber = (value: unknown): number | undefined => {
  const read = typeof value === 'string' ? number(value.replace(/^AS/i, '')) : number(value);
  return read !== undefined && Number.isInteger(read) && read > 0 && read < 2 ** 32 ? read : undefined;
};

// For each fact the fields that hold it, by layout: MaxMind and DB-IP nest, IPinfo and @ip-location-db are flat.
const paths = {
  latitude: ['location.latitude', 'latitude', 'lat'],
  longitude: ['location.longitude', 'longitude', 'lng', 'lon'],
  accuracyKm: ['location.accuracy_radius', 'accuracy_radius', 'radius'],
  country: ['country.iso_code', 'country_code', 'country'],
  continent: ['continent.code', 'continent_code', 'continent'],
  city: ['city.names.en', 'city', 'city_name'],
  asn: ['autonomous_system_number', 'traits.autonomous_system_number', 'asn', 'as_number'],
  asName: [
    'autonomous_system_organization',
    'traits.autonomous_system_organization',
    'as_name',
    'as_organization',
    'isp',
  ],
} as const;

const continents = /^(?:AF|AN|AS|EU|NA|OC|SA)$/;

/**
 * Reads a record in the layout of MaxMind and DB-IP (City, Country, ASN, ISP), of IPinfo, or of `@ip-location-db`. Numbers
 * may be text. What is out of range counts as missing, and so does 0/0, by which databases say that they do not know.
 */
export const readFacts = (record: unknown): GeoFacts => {
  const latitude = firstOf(record, paths.latitude, within(90));
  const longitude = firstOf(record, paths.longitude, within(180));
  const isPlaced = latitude !== undefined && longitude !== undefined && (latitude !== 0 || longitude !== 0);
  const continent = firstOf(record, paths.continent, code);
  return {
    latitude: isPlaced ? latitude : undefined,
    longitude: isPlaced ? longitude : undefined,
    accuracyKm: firstOf(record, paths.accuracyKm, kilometres),
    country: firstOf(record, paths.country, code),
    continent: continent !== undefined && continents.test(continent) ? continent : undefined,
    city: firstOf(record, paths.city, text),
    asn: firstOf(record, paths.asn, systemNumber),
    asName: firstOf(record, paths.asName, text),
  };
};

/** Whether a record said anything that helps to choose a mirror. */
export const isUseful = ({ latitude, country, continent, asn }: GeoFacts): boolean =>
  latitude !== undefined || country !== undefined || continent !== undefined || asn !== undefined;
