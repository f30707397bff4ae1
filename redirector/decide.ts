import { availability } from '@geomirror/catalog/file.ts';
import type { Fallback } from '@geomirror/catalog/policy.ts';
import type { ExclusionReason } from '@geomirror/catalog/reason.ts';
import type { NotFoundReason, UnavailableReason } from './answer/errors.ts';
import { unknown, type Asked, type AskedFile } from './locate.ts';
import { choose } from './select/choose.ts';
import { shares } from './select/shares.ts';
import type { Choice, Place } from './select/types.ts';
import type { Scheme } from './view/endpoints.ts';
import { rankFallbacks } from './view/fallbacks.ts';
import type { Ranked } from './view/rankings.ts';
import type { ServedRepository } from './view/repository.ts';

/** Who asks, as far as it matters for whom they are sent to. */
export type Client = {
  readonly place: Place;
  readonly scheme: Scheme;
  /** Equal for neighbours that share a mirror under `stickiness: Client`. */
  readonly key: string | undefined;
  /** From [0, 1): which of several good mirrors. */
  readonly draw: () => number;
};

/** Where the client goes, or why it goes nowhere. */
export type Decision =
  | Reachable
  | { readonly kind: 'NotFound'; readonly reason: NotFoundReason }
  | { readonly kind: 'Unavailable'; readonly reason: UnavailableReason };

export type Reachable =
  | ToMirror
  | { readonly kind: 'Fallback'; readonly fallbacks: readonly Fallback[] }
  | { readonly kind: 'Archive'; readonly url: string };

export type ToMirror = { readonly kind: 'Mirror' | 'AllDown'; readonly ranked: Ranked; readonly choice: Choice };

/** Steps 7 to 10 of the list in README.md, without a look at the clock or the dice. */
export function decide(repository: ServedRepository, asked: Asked, client: Client): Decision {
  switch (asked.kind) {
    case 'File':
      return decideFile(repository, asked, client);
    case 'Directory':
      return toFallback(repository, client) ?? toAnyMirror(repository, client) ?? nobody('NoMirror');
    case 'Elsewhere':
      return toFallback(repository, client) ?? { kind: 'NotFound', reason: 'NoSuchFile' };
    case 'Archived':
      return { kind: 'Archive', url: asked.url };
    case 'Nothing':
      return { kind: 'NotFound', reason: 'NoSuchFile' };
  }
}

function decideFile(repository: ServedRepository, file: AskedFile, client: Client): Decision {
  if (repository.rules.authorityOnly(file.path)) return toFallback(repository, client) ?? nobody('AuthorityOnly');
  const mirror = toMirror('Mirror', repository, file, client);
  if (mirror !== undefined) return mirror;
  // Nobody has it any more, the source included: what holds for other paths that left the tree holds now.
  if (file.retained) return decide(repository, unknown(repository, file.path), client);
  return toFallback(repository, client) ?? toMirror('AllDown', repository, file, client) ?? nobody('NoMirror');
}

function toAnyMirror(repository: ServedRepository, client: Client): ToMirror | undefined {
  return toMirror('Mirror', repository, undefined, client) ?? toMirror('AllDown', repository, undefined, client);
}

function toMirror(
  kind: ToMirror['kind'],
  repository: ServedRepository,
  file: AskedFile | undefined,
  client: Client,
): ToMirror | undefined {
  const { rankings, policy } = repository;
  const { place, scheme, draw, key } = client;
  const ranked = kind === 'Mirror' ? rankings.usable(place, scheme) : rankings.lastResort(place, scheme);
  const holds = holderTest(ranked, file);
  let choice = choose(policy.selection, ranked.ranking, holds, draw(), key);
  if (ranked.lacksFamily?.[choice.chosen] === true) {
    const better = sameFamily(repository, ranked, holds);
    if (better !== undefined) choice = choose(policy.selection, ranked.ranking, better, draw(), key);
  }
  return choice.chosen < 0 ? undefined : { kind, ranked, choice };
}

type Holds = (position: number) => boolean;

/** Whether the mirror at a position has the file, or any file where a directory is meant. */
export function holderTest(ranked: Ranked, file: AskedFile | undefined): Holds {
  return file === undefined ? () => true : (position) => fileExclusion(ranked, position, file) === undefined;
}

/** The holders within the band that the client's address family reaches; undefined if there is none. */
function sameFamily({ policy }: ServedRepository, { ranking, lacksFamily }: Ranked, holds: Holds): Holds | undefined {
  const inBand = new Set(
    shares(policy.selection, ranking, holds)
      .filter(({ position, probability }) => probability > 0 && lacksFamily?.[position] !== true)
      .map(({ position }) => position),
  );
  return inBand.size === 0 ? undefined : (position) => inBand.has(position);
}

/** Why the mirror at a position cannot serve a file; undefined if it can. */
export function fileExclusion(ranked: Ranked, position: number, file: AskedFile): ExclusionReason | undefined {
  const has = ranked.columns[position]?.get(file.number) ?? availability.Absent;
  if (has === availability.Absent) return 'Absent';
  if (has === availability.WrongSize) return 'WrongSize';
  if (has === availability.Outdated && !file.inGrace) return 'Outdated';
  return (file.size ?? 0) > (ranked.maxFileSizes[position] ?? 0) ? 'TooLarge' : undefined;
}

/** Whether the client gets the version before, in grace: what is known of the file does not hold for that copy. */
export function leadsToOutdated(decision: Decision, file: AskedFile): boolean {
  if (decision.kind !== 'Mirror' && decision.kind !== 'AllDown') return false;
  return decision.ranked.columns[decision.choice.chosen]?.get(file.number) === availability.Outdated;
}

function toFallback({ policy, health }: ServedRepository, { place, scheme }: Client): Decision | undefined {
  const fallbacks = rankFallbacks(policy.fallbacks, health, place, scheme);
  return fallbacks.length === 0 ? undefined : { kind: 'Fallback', fallbacks };
}

function nobody(reason: UnavailableReason): Decision {
  return { kind: 'Unavailable', reason };
}
