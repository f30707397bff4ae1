import type { Health } from '@geomirror/catalog/health.ts';
import type { Manifest } from '@geomirror/catalog/manifest.ts';
import type { ExclusionReason } from '@geomirror/catalog/reason.ts';
import { linkParts, type LinkParts } from '../answer/link.ts';
import { admit } from '../select/eligible.ts';
import { rank } from '../select/rank.ts';
import type { Candidate, Excluded, Place, Ranking } from '../select/types.ts';
import { endpointOf, lacksFamily, type MirrorEndpoint, type Scheme } from './endpoints.ts';

/** A ranking together with what its mirrors look like to a client. */
export type Ranked = {
  readonly ranking: Ranking;
  /** Parallel to the ranking's candidates: where each sends clients, and how it is named as an alternative. */
  readonly urls: readonly string[];
  readonly links: readonly LinkParts[];
  /** By place in the manifest. */
  readonly endpoints: readonly MirrorEndpoint[];
  /** Whether the mirror answers over the client's address family; true where that is not known. */
  readonly reachable: (index: number) => boolean;
};

/** The mirrors of one repository in one state of health, ranked for a place and cached. */
export type Rankings = {
  /** Those that clients are sent to. */
  usable(place: Place, scheme: Scheme): Ranked;
  /** Those that are down and may yet answer: a maybe beats a certain failure. */
  lastResort(place: Place, scheme: Scheme): Ranked;
};

/** Down or slow, but not known to hold wrong bytes and not kept back by its operator. */
const hopefulReasons: ReadonlySet<ExclusionReason> = new Set([
  'Down',
  'AwaitingRescan',
  'TooSlow',
] satisfies ExclusionReason[]);

/** Reasons of an endpoint that answers, but not with the files: sending clients there is a certain failure too. */
const certainFailures: ReadonlySet<string> = new Set(['ContentMissing', 'ContentWrong', 'RedirectRefused']);

function isHopeful({ reason, health }: MirrorEndpoint): boolean {
  const [word = ''] = health?.reason?.split(':') ?? [];
  return reason !== undefined && hopefulReasons.has(reason) && !certainFailures.has(word);
}

/** Candidates in all cached rankings together: 16 bytes and a few pointers each. */
const maxCachedCandidates = 500_000;

type Pool = {
  readonly endpoints: readonly MirrorEndpoint[];
  readonly links: readonly LinkParts[];
  readonly usable: readonly Candidate[];
  readonly hopeful: readonly Candidate[];
  readonly excluded: readonly Excluded[];
};

/** Rankings are made when they are first asked for, and kept within a bound. */
export function createRankings(manifest: Manifest, health: Health | undefined): Rankings {
  const policy = manifest.policy.selection;
  const mostPlaces = Math.max(64, Math.floor(maxCachedCandidates / Math.max(1, manifest.mirrors.length)));
  const pool = memoize(3, (scheme: Scheme) => poolOf(manifest, health, scheme));
  const cached = (mirrorsOf: (pool: Pool) => readonly Candidate[], mostKept: number): Rankings['usable'] => {
    const byScheme = memoize(3, (scheme: Scheme) => {
      const { endpoints, links, excluded } = pool(scheme);
      return memoize(mostKept, (place: Place): Ranked => {
        const admitted = admit(mirrorsOf(pool(scheme)), place);
        const ranking = rank(policy, admitted.candidates, [...excluded, ...admitted.excluded], place);
        return {
          ranking,
          urls: ranking.candidates.map(({ index }) => endpoints[index]?.url ?? ''),
          links: ranking.candidates.flatMap(({ index }) => links[index] ?? []),
          endpoints,
          reachable: (index) => !lacksFamily(endpoints[index]?.health, place.family),
        };
      });
    });
    return (place, scheme) => byScheme(scheme)(place);
  };
  return {
    usable: cached((from) => from.usable, mostPlaces),
    lastResort: cached((from) => from.hopeful, 64),
  };
}

function poolOf(manifest: Manifest, health: Health | undefined, scheme: Scheme): Pool {
  const endpoints = manifest.mirrors.map((mirror) => endpointOf(mirror, health?.mirrors[mirror.uid], scheme));
  const most = Math.min(manifest.policy.selection.alternatives, manifest.mirrors.length);
  const links = manifest.mirrors.map(({ location }, index) => linkParts(endpoints[index]?.url ?? '', location, most));
  const usable: Candidate[] = [];
  const excluded: Excluded[] = [];
  for (const [index, { name, location, audience, weight }] of manifest.mirrors.entries()) {
    const candidate: Candidate = { index, name, location, audience, weight };
    const reason = endpoints[index]?.reason;
    if (reason === undefined) usable.push(candidate);
    else excluded.push({ candidate, reason });
  }
  const hopeful = excluded
    .map(({ candidate }) => candidate)
    .filter(({ index }) => endpoints[index] !== undefined && isHopeful(endpoints[index]));
  return { endpoints, links, usable, hopeful, excluded };
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
