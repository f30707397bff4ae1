import { bitsIn } from '@geomirror/catalog/column.ts';
import { availability, type Availability } from '@geomirror/catalog/file.ts';
import type { Fallback } from '@geomirror/catalog/policy.ts';
import type { ExclusionReason } from '@geomirror/catalog/reason.ts';
import type { NotFoundReason, UnavailableReason } from './answer/errors.ts';
import { unknown, type Asked, type AskedFile } from './locate.ts';
import type { Choose, Drawing } from './select/choose.ts';
import type { Choice, Place } from './select/types.ts';
import type { Scheme } from './view/endpoints.ts';
import { rankFallbacks } from './view/fallbacks.ts';
import type { Ranked } from './view/rankings.ts';
import type { ServedRepository } from './view/repository.ts';

/** Who asks, as far as it matters for whom they are sent to. */
export type Client = Drawing & {
  readonly place: Place;
  readonly scheme: Scheme;
  readonly choose: Choose;
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
  const ranked =
    kind === 'Mirror' ? rankings.usable(client.place, client.scheme) : rankings.lastResort(client.place, client.scheme);
  const having = { holds: holderTest(repository, file), reachable: ranked.reachable };
  const choice = client.choose(policy.selection, ranked.ranking, having, client);
  return choice.chosen < 0 ? undefined : { kind, ranked, choice };
}

/** Whether the mirror at a place of the manifest has the file, or any file where a directory is meant. */
export function holderTest(repository: ServedRepository, file: AskedFile | undefined): (index: number) => boolean {
  if (file === undefined) return () => true;
  const { hasSizeLimits, holdings } = repository;
  const { number } = file;
  const pages = holdings[number >>> 14] ?? none;
  return (index) => {
    // The usual case, asked of every mirror in reach of the client: two bits and nothing else.
    if (!hasSizeLimits && bitsIn(pages[index], number) === availability.Current) return true;
    return fileExclusion(repository, index, file) === undefined;
  };
}

const none: readonly undefined[] = [];

const shortcomings: Readonly<Record<Availability, ExclusionReason | undefined>> = {
  [availability.Absent]: 'Absent',
  [availability.Current]: undefined,
  [availability.WrongSize]: 'WrongSize',
  [availability.Outdated]: 'Outdated',
};

/** Why the mirror at a place of the manifest cannot serve a file; undefined if it can. */
export function fileExclusion(
  { catalog }: ServedRepository,
  index: number,
  file: AskedFile,
): ExclusionReason | undefined {
  const has = catalog.columns[index]?.get(file.number) ?? availability.Absent;
  const shortcoming = has === availability.Outdated && file.inGrace ? undefined : shortcomings[has];
  if (shortcoming !== undefined) return shortcoming;
  const most = catalog.manifest.mirrors[index]?.maxFileSize;
  return most !== undefined && file.size !== undefined && file.size > most ? 'TooLarge' : undefined;
}

/** Whether the client gets the version before, in grace: what is known of the file does not hold for that copy. */
export function leadsToOutdated({ holdings }: ServedRepository, decision: Decision, file: AskedFile): boolean {
  if (decision.kind !== 'Mirror' && decision.kind !== 'AllDown') return false;
  const { ranked, choice } = decision;
  const index = ranked.ranking.candidates[choice.chosen]?.index ?? -1;
  return bitsIn(holdings[file.number >>> 14]?.[index], file.number) === availability.Outdated;
}

function toFallback({ policy, health }: ServedRepository, { place, scheme }: Client): Decision | undefined {
  const fallbacks = rankFallbacks(policy.fallbacks, health, place, scheme);
  return fallbacks.length === 0 ? undefined : { kind: 'Fallback', fallbacks };
}

function nobody(reason: UnavailableReason): Decision {
  return { kind: 'Unavailable', reason };
}
