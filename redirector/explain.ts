import type { ExclusionReason } from '@geomirror/catalog/reason.ts';
import { fileExclusion, holderTest, type Client, type Decision } from './decide.ts';
import type { Asked } from './locate.ts';
import { distanceKm } from './select/distance.ts';
import { explain as explainShares } from './select/explain.ts';
import type { Candidate, Excluded } from './select/types.ts';
import type { Ranked } from './view/rankings.ts';
import type { ServedRepository } from './view/repository.ts';

/** One mirror and what became of it. */
export type Explained = {
  /** Its place in the manifest. */
  readonly index: number;
  readonly url: string;
  readonly distanceKm: number;
  /** Undefined for the chosen one and its alternatives. */
  readonly reason: ExclusionReason | undefined;
};

/** Every mirror of a repository once: the chosen one, its alternatives in their order, then all others with the reason. */
export function explain(
  repository: ServedRepository,
  asked: Asked,
  client: Client,
  decision: Decision,
): readonly Explained[] {
  const ranked = repository.rankings.usable(client.place, client.scheme);
  const listed = listedOf(decision);
  const seen = new Set(listed.map(({ index }) => index));
  const others = [...reasonsAlong(repository, ranked, asked), ...ranked.ranking.excluded]
    .filter(({ candidate }) => !seen.has(candidate.index))
    .map(({ candidate, reason }) => explained(ranked, candidate, reason));
  return [...listed, ...others];
}

function listedOf(decision: Decision): readonly Explained[] {
  if (decision.kind !== 'Mirror' && decision.kind !== 'AllDown') return [];
  const { ranked, choice } = decision;
  return [choice.chosen, ...choice.alternatives]
    .map((position) => ranked.ranking.candidates[position])
    .filter((candidate) => candidate !== undefined)
    .map((candidate) => explained(ranked, candidate, undefined));
}

function explained({ ranking, endpoints }: Ranked, candidate: Candidate, reason: Explained['reason']): Explained {
  const { index } = candidate;
  return { index, url: endpoints[index]?.url ?? '', distanceKm: distanceKm(candidate, ranking.place), reason };
}

/** Why each mirror that clients are sent to is not the one, supposing that it is not. */
function reasonsAlong(repository: ServedRepository, { ranking, reachable }: Ranked, asked: Asked): readonly Excluded[] {
  const { candidates } = ranking;
  const all = (reason: ExclusionReason): readonly Excluded[] => candidates.map((candidate) => ({ candidate, reason }));
  if (asked.kind !== 'File' && asked.kind !== 'Directory') return all('Absent');
  const file = asked.kind === 'File' ? asked : undefined;
  if (file !== undefined && repository.rules.authorityOnly(file.path)) return all('AuthorityOnly');
  const availability = { holds: holderTest(repository, file), reachable };
  const shares = explainShares(repository.policy.selection, ranking, availability);
  const holders = new Map(shares.map(({ position, reason }) => [position, reason]));
  return candidates.map((candidate, position) => ({
    candidate,
    reason: holders.get(position) ?? (file && fileExclusion(repository, candidate.index, file)) ?? 'NotDrawn',
  }));
}
