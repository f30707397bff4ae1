import type { Column } from '@geomirror/catalog/column.ts';
import type { Health } from '@geomirror/catalog/health.ts';
import type { Manifest } from '@geomirror/catalog/manifest.ts';
import type { SelectionPolicy } from '@geomirror/catalog/policy.ts';
import type { ExclusionReason } from '@geomirror/catalog/reason.ts';
import { exclusionFor } from '../select/eligible.ts';
import { rank } from '../select/rank.ts';
import type { Candidate, Excluded, Place, Ranking } from '../select/types.ts';
import { endpointOf, lacksFamily, type MirrorEndpoint, type Scheme } from './endpoints.ts';

/** A ranking together with what a request tests along it; all arrays are parallel to `ranking.candidates`. */
export type Ranked = {
  readonly ranking: Ranking;
  readonly urls: readonly string[];
  readonly columns: readonly Column[];
  /** Bytes; Infinity where the mirror names no limit. */
  readonly maxFileSizes: readonly number[];
  /** Who lacks the client's address family; undefined where it makes no difference: nobody does, or everybody. */
  readonly lacksFamily: readonly boolean[] | undefined;
};

/** The mirrors of one repository in one state of health, ranked for a place and cached. */
export type Rankings = {
  /** Those that clients are sent to. */
  usable(place: Place, scheme: Scheme): Ranked;
  /** Those that are down and may yet answer: a maybe beats a certain failure. */
  lastResort(place: Place, scheme: Scheme): Ranked;
  /** Where a mirror would send clients of this scheme, by its place in the manifest. */
  endpoints(scheme: Scheme): readonly MirrorEndpoint[];
};

/** Down or slow, but not known to hold wrong bytes and not kept back by its operator. */
const hopeful: ReadonlySet<ExclusionReason> = new Set([
  'Down',
  'AwaitingRescan',
  'TooSlow',
] satisfies ExclusionReason[]);

/** Candidates in all cached rankings together: 16 bytes and a few pointers each. */
const maxCachedCandidates = 500_000;

type Pool = {
  readonly endpoints: readonly MirrorEndpoint[];
  readonly usable: readonly Candidate[];
  readonly excluded: readonly Excluded[];
};

/** `columns` are parallel to `manifest.mirrors`. */
export function createRankings(manifest: Manifest, columns: readonly Column[], health: Health | undefined): Rankings {
  const policy = manifest.policy.selection;
  const maxEntries = Math.max(64, Math.floor(maxCachedCandidates / Math.max(1, manifest.mirrors.length)));
  const pool = memoize(3, (scheme: Scheme) => poolOf(manifest, health, scheme));
  const ranker = (select: (pool: Pool, place: Place) => Ranking, entries: number) => {
    const caches = memoize(3, (scheme: Scheme) =>
      memoize(entries, (place: Place) => {
        const { endpoints } = pool(scheme);
        return dress(select(pool(scheme), place), { manifest, columns, endpoints });
      }),
    );
    return (place: Place, scheme: Scheme): Ranked => caches(scheme)(place);
  };
  return {
    usable: ranker((from, place) => rankUsable(policy, from, place), maxEntries),
    lastResort: ranker((from, place) => rankHopeful(policy, from, place), 64),
    endpoints: (scheme) => pool(scheme).endpoints,
  };
}

function poolOf(manifest: Manifest, health: Health | undefined, scheme: Scheme): Pool {
  const endpoints = manifest.mirrors.map((mirror) => endpointOf(mirror, health?.mirrors[mirror.uid], scheme));
  const usable: Candidate[] = [];
  const excluded: Excluded[] = [];
  for (const [index, { name, location, audience, weight }] of manifest.mirrors.entries()) {
    const candidate: Candidate = { index, name, location, audience, weight };
    const reason = endpoints[index]?.reason;
    if (reason === undefined) usable.push(candidate);
    else excluded.push({ candidate, reason });
  }
  return { endpoints, usable, excluded };
}

function rankUsable(policy: SelectionPolicy, pool: Pool, place: Place): Ranking {
  const candidates: Candidate[] = [];
  const excluded = [...pool.excluded];
  for (const candidate of pool.usable) {
    const reason = exclusionFor(candidate, place);
    if (reason === undefined) candidates.push(candidate);
    else excluded.push({ candidate, reason });
  }
  return rank(policy, candidates, excluded, place);
}

function rankHopeful(policy: SelectionPolicy, pool: Pool, place: Place): Ranking {
  const candidates = pool.excluded
    .filter(({ candidate, reason }) => hopeful.has(reason) && exclusionFor(candidate, place) === undefined)
    .map(({ candidate }) => candidate);
  return rank(policy, candidates, [], place);
}

type World = {
  readonly manifest: Manifest;
  readonly columns: readonly Column[];
  readonly endpoints: readonly MirrorEndpoint[];
};

const nothing: Column = { get: () => 0, pages: [] };

function dress(ranking: Ranking, { manifest, columns, endpoints }: World): Ranked {
  const { candidates, place } = ranking;
  const lacking = candidates.map(({ index }) => lacksFamily(endpoints[index]?.health, place.family));
  return {
    ranking,
    urls: candidates.map(({ index }) => endpoints[index]?.url ?? ''),
    columns: candidates.map(({ index }) => columns[index] ?? nothing),
    maxFileSizes: candidates.map(({ index }) => manifest.mirrors[index]?.maxFileSize ?? Infinity),
    lacksFamily: lacking.includes(true) && lacking.includes(false) ? lacking : undefined,
  };
}

/** Remembers at most `limit` results; the oldest goes first. */
function memoize<K, V>(limit: number, compute: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = compute(key);
    if (known.size >= limit) {
      const [oldest] = known.keys();
      if (oldest !== undefined) known.delete(oldest);
    }
    known.set(key, value);
    return value;
  };
}
