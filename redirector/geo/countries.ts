import table from './countries.json' with { type: 'json' };

export type Country = {
  /** AF AN AS EU NA OC SA. */
  readonly continent: string;
  readonly latitude: number;
  readonly longitude: number;
  /** Around the centre, so that most of the country lies within. */
  readonly radiusKm: number;
};

/**
 * Centre, size and continent per ISO 3166-1 alpha-2 code, and of XK (Kosovo).
 *
 * The centres are the centroids of the land in Natural Earth's 1:10m map (public domain), without parts that lie more
 * than 3 000 km from the largest one; the radius is that of a disc over which land would be spread as widely. Territories that the map does not show apart
 * are written by hand. Continents follow the custom of GeoIP databases: Russia and Cyprus EU, Turkey and the Caucasus AS.
 */
const countries: ReadonlyMap<string, Country> = new Map(
  Object.entries(table).map(([code, row]) => {
    const [continent, latitude, longitude, radiusKm] = row as [string, number, number, number];
    return [code, { continent, latitude, longitude, radiusKm }];
  }),
);

/** The country of an upper-case alpha-2 code; undefined for anything else. */
export const countryOf = (code: string | undefined): Country | undefined =>
  code === undefined ? undefined : countries.get(code);
