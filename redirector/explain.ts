import type { Location } from '@geomirror/catalog/policy.ts';
import type { ExclusionReason } from '@geomirror/catalog/reason.ts';
import { fileExclusion, holderTest, type Client, type Decision } from './decide.ts';
import type { Asked } from './locate.ts';
import { distanceKm } from './select/distance.ts';
import { shares } from './select/shares.ts';
import type { Place } from './select/types.ts';
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
  const listed = listedOf(decision);
  const seen = new Set(listed.map(({ index }) => index));
  const ranked = repository.rankings.usable(client.place, client.scheme);
  const endpoints = repository.rankings.endpoints(client.scheme);
  const others = reasonsAlong(repository, ranked, asked).map((reason, position) =>
    explainedAt(ranked, position, reason),
  );
  const excluded = ranked.ranking.excluded.map(({ candidate, reason }) => ({
    index: candidate.index,
    url: endpoints[candidate.index]?.url ?? '',
    distanceKm: distanceTo(candidate.location, client.place),
    reason,
  }));
  return [...listed, ...[...others, ...excluded].filter(({ index }) => !seen.has(index))];
}

function listedOf(decision: Decision): readonly Explained[] {
  if (decision.kind !== 'Mirror' && decision.kind !== 'AllDown') return [];
  const { ranked, choice } = decision;
  return [choice.chosen, ...choice.alternatives].map((position) => explainedAt(ranked, position, undefined));
}

function explainedAt({ ranking, urls }: Ranked, position: number, reason: Explained['reason']): Explained {
  return {
    index: ranking.candidates[position]?.index ?? -1,
    url: urls[position] ?? '',
    distanceKm: ranking.distanceKm[position] ?? 0,
    reason,
  };
}

/** By position: why this mirror is not the one, supposing that it is not. */
function reasonsAlong(repository: ServedRepository, ranked: Ranked, asked: Asked): readonly ExclusionReason[] {
  const { ranking } = ranked;
  if (asked.kind !== 'File' && asked.kind !== 'Directory') return ranking.candidates.map(() => 'Absent');
  const file = asked.kind === 'File' ? asked : undefined;
  if (file !== undefined && repository.rules.authorityOnly(file.path))
    return ranking.candidates.map(() => 'AuthorityOnly');
  const drawable = new Set(
    shares(repository.policy.selection, ranking, holderTest(ranked, file))
      .filter(({ probability }) => probability > 0)
      .map(({ position }) => position),
  );
  return ranking.candidates.map((_candidate, position) => {
    const exclusion = file === undefined ? undefined : fileExclusion(ranked, position, file);
    if (exclusion !== undefined) return exclusion;
    if (!drawable.has(position)) return 'OutsideBand';
    return ranked.lacksFamily?.[position] === true ? 'OtherAddressFamily' : 'NotDrawn';
  });
}

/** 0 where either place is unknown, as in a ranking. */
export function distanceTo({ latitude, longitude }: Location, place: Place): number {
  if (place.accuracy === 'Unknown' || latitude === undefined || longitude === undefined) return 0;
  return distanceKm(place.latitude, place.longitude, latitude, longitude);
}
