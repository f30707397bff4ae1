import { fileURLToPath } from 'node:url';
import { type Address, parseAddress } from './address.ts';
import { type GeoDatabase, openDatabase, type Stamp, stampOf } from './database.ts';
import type { GeoFacts } from './facts.ts';
import { type GeoRecord, mergeFacts } from './merge.ts';

export type { GeoRecord } from './merge.ts';

/** What is wrong with a database, and the cure. Whatever was read of it before stays in use. */
export type GeoProblem = { readonly file: string; readonly message: string };

export type GeoDeps = {
  /** Told once of each problem when it appears. */
  readonly report?: (problem: GeoProblem) => void;
  /** How often files are looked at; 0: only when told to. */
  readonly pollMs?: number;
};

/** Databases that say where an address is. */
export type Geo = AsyncDisposable & {
  /** Never throws: what is no address, or in no database, is Unknown. */
  readonly locate: (address: string | Address) => GeoRecord;
  /** Grows whenever a database was replaced: answers from before may be old. */
  readonly version: () => number;
  /** Those in use, for their age among other things. */
  readonly databases: () => readonly Pick<GeoDatabase, 'file' | 'type' | 'builtAt'>[];
  readonly problems: () => readonly GeoProblem[];
  /** Looks at all files now, and reads those that changed. */
  readonly refresh: () => Promise<void>;
};

type Source = {
  readonly file: string;
  database: GeoDatabase | undefined;
  stamp: Stamp | undefined;
  problem: string | undefined;
};

const usualPollMs = 10_000;

/** The country database that comes with geomirror. */
const defaultGeoFile = (): string =>
  fileURLToPath(import.meta.resolve('@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb'));

/**
 * Opens mmdb files of any kinds together (none: the country database that comes with geomirror) and follows their changes: a new version
 * is swapped in whole, a broken one changes nothing. Files that cannot be read are problems, never errors; they are tried again when they change.
 */
export const openGeo = async (files: readonly string[], deps: GeoDeps = {}): Promise<Geo> => {
  const { report, pollMs = usualPollMs } = deps;
  const names = files.length === 0 ? [defaultGeoFile()] : [...new Set(files)];
  const sources = names.map((file): Source => ({ file, database: undefined, stamp: undefined, problem: undefined }));
  let version = 0;
  const lookAt = async (source: Source): Promise<void> => {
    const before = source.problem;
    if (await update(source)) version++;
    if (source.problem !== undefined && source.problem !== before) report?.(problemOf(source, source.problem));
  };
  const refresh = oneAtATime(async () => {
    await Promise.all(sources.map(lookAt));
  });
  await refresh();
  const timer = pollMs === 0 ? undefined : setInterval(() => void refresh(), pollMs).unref();
  return {
    locate: (address) => locate(sources, address),
    version: () => version,
    databases: () => sources.flatMap(({ database }) => database ?? []),
    problems: () =>
      sources.flatMap((source) => (source.problem === undefined ? [] : problemOf(source, source.problem))),
    refresh,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await refresh.ended();
    },
  };
};

const problemOf = ({ file, database }: Source, problem: string): GeoProblem => ({
  file,
  message: `${file}: ${problem}${database === undefined ? '' : '. The version read before stays in use.'}`,
});

/** Reads the file if it changed since it was last tried; true if there is a new database. */
const update = async (source: Source): Promise<boolean> => {
  const stamp = await stampOf(source.file);
  if (stamp !== undefined && stamp === source.stamp) return false;
  const opened = await openDatabase(source.file);
  // Written to meanwhile: it is read again at the next look, and what was read is not trusted.
  if (stamp !== (await stampOf(source.file))) return false;
  source.stamp = stamp;
  source.problem = typeof opened === 'string' ? opened : undefined;
  if (typeof opened === 'string') return false;
  source.database = opened;
  return true;
};

const locate = (sources: readonly Source[], text: string | Address): GeoRecord => {
  const address = typeof text === 'string' ? parseAddress(text) : text;
  const facts: GeoFacts[] = [];
  let longest = 0;
  for (const { database } of sources) {
    if (address === undefined || database === undefined) continue;
    const [found, prefixLength] = database.find(address);
    if (found !== undefined) facts.push(found);
    longest = Math.max(longest, prefixLength);
  }
  return mergeFacts(facts, longest);
};

/** Calls that come while one runs wait for that one. */
const oneAtATime = (act: () => Promise<void>) => {
  let running: Promise<void> | undefined;
  const call = (): Promise<void> => {
    running ??= act().finally(() => {
      running = undefined;
    });
    return running;
  };
  return Object.assign(call, { ended: async () => running });
};
