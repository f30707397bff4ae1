import type { Digests } from '@geomirror/catalog/file.ts';
import { leadsToOutdated, type Client, type Reachable } from '../decide.ts';
import { explain, type Explained } from '../explain.ts';
import type { Asked } from '../locate.ts';
import type { Place } from '../select/types.ts';
import { fallbackKm } from '../view/fallbacks.ts';
import type { ServedRepository } from '../view/repository.ts';
import { bodyHeaders, type Answer } from './answer.ts';
import {
  compileSerialiser,
  type AnswerJSON,
  type ClientJSON,
  type FileJSON,
  type MirrorJSON,
  type Serialise,
} from './json-schema.ts';
import { fallbackJSON, mirrorJSON, rfc3339 } from './mirror-json.ts';

/** What is described, and how. */
export type Described = {
  readonly repository: ServedRepository;
  readonly asked: Asked;
  readonly client: Client;
  /** '' where it is unknown. */
  readonly address: string;
  readonly decision: Reachable;
  /** Further header names and values by turns. */
  readonly headers: readonly string[];
  /** Indented by four spaces, without a line feed at the end. */
  readonly pretty: boolean;
};

export type Describe = (described: Described) => Answer;

/** Answers 200 with the fields of mirrorbits (see redirector/README.md); the first answer compiles the serialiser. */
export function createJSONAnswer(): Describe {
  let serialise: Serialise | undefined;
  const countries = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
  return (described) => {
    const { decision, headers, pretty } = described;
    const answer = describe(described, countries);
    serialise ??= compileSerialiser();
    const text = serialise(answer);
    const body = pretty ? JSON.stringify(JSON.parse(text), null, 4) : `${text}\n`;
    const all = [...headers, ...bodyHeaders('application/json', body)];
    return { status: 200, outcome: decision.kind, headers: all, body };
  };
}

function describe(described: Described, countries: Intl.DisplayNames): AnswerJSON {
  const { repository, asked, client, decision, address } = described;
  const explained = explain(repository, asked, client, decision).flatMap((each) => toMirrorJSON(repository, each));
  const listed = explained.filter((mirror) => mirror.ExcludeReason === undefined);
  const excluded = explained.filter((mirror) => mirror.ExcludeReason !== undefined);
  const elsewhere = elsewhereOf(decision, client.place);
  return {
    FileInfo: fileJSON(described),
    IP: address,
    ClientInfo: clientJSON(client.place, countries),
    MirrorList: elsewhere ?? listed,
    ExcludedList: excluded.length === 0 ? undefined : excluded,
    Fallback: elsewhere === undefined ? undefined : true,
  };
}

function toMirrorJSON({ catalog, health }: ServedRepository, explained: Explained): readonly MirrorJSON[] {
  const { index, url, reason } = explained;
  const mirror = catalog.manifest.mirrors[index];
  return mirror === undefined
    ? []
    : [mirrorJSON(mirror, index, health, { url, distanceKm: explained.distanceKm, excludeReason: reason })];
}

function elsewhereOf(decision: Reachable, place: Place): readonly MirrorJSON[] | undefined {
  switch (decision.kind) {
    case 'Mirror':
    case 'AllDown':
      return undefined;
    case 'Fallback':
      return decision.fallbacks.map((fallback) => fallbackJSON(fallback, fallbackKm(fallback, place)));
    case 'Archive':
      return [fallbackJSON({ name: 'archive', url: decision.url, location: nowhere }, 0)];
  }
}

const nowhere = { additionalCountries: [], asns: [], networks: [], global: false };

const noDigests: Digests = {};

function fileJSON({ repository, asked, decision }: Described): FileJSON {
  if (asked.kind !== 'File') {
    const slash = asked.kind === 'Directory' && asked.path !== '' ? '/' : '';
    return { Path: `/${asked.path}${slash}`, ModTime: rfc3339(undefined) };
  }
  const { table } = repository.catalog;
  // The copy that the client gets may be of the version before: its digests are not known.
  const { sha1, sha256, md5 } = leadsToOutdated(repository, decision, asked) ? noDigests : table.digests(asked.number);
  const modifiedAt = table.modifiedAt(asked.number);
  return {
    Path: `/${asked.path}`,
    Size: asked.size === 0 ? undefined : asked.size,
    ModTime: rfc3339(modifiedAt === undefined ? undefined : modifiedAt * 1000),
    Sha1: sha1,
    Sha256: sha256,
    Md5: md5,
  };
}

function clientJSON(place: Place, countries: Intl.DisplayNames): ClientJSON {
  return {
    CountryCode: place.country,
    ContinentCode: place.continent,
    City: place.city,
    Country: /^[A-Z]{2}$/.test(place.country) ? (countries.of(place.country) ?? '') : '',
    Latitude: place.latitude,
    Longitude: place.longitude,
    ASName: place.asName,
    ASNum: place.asn,
  };
}
