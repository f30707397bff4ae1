import { mergeConditions, writtenAttempt, writtenHeld } from '../conditions.ts';
import { defined } from '../defined.ts';
import type { Ledger } from '../publish/ledger.ts';
import type { Repository, RepositoryStatus } from '../resources/repository.ts';
import { repositoryFindings, type RepositoryFacts } from './conditions.ts';

export type RepositoryStatusFacts = RepositoryFacts & {
  readonly repository: Repository;
  readonly before: RepositoryStatus | undefined;
  readonly mirrors: { readonly total: number; readonly ready: number };
};

/** The whole status of a Repository, computed anew each time. */
export function repositoryStatus(facts: RepositoryStatusFacts): RepositoryStatus {
  const { repository, state, before, mirrors, now } = facts;
  const generation = repository.metadata.generation;
  const { indexes, held, publication } = state;
  return {
    observedGeneration: generation,
    ...sourceSize(state.ledger),
    mirrors,
    ...defined({
      revision: publication.kind === 'Published' ? publication.revision : before?.revision,
      lastIndex: indexes.last && writtenAttempt(indexes.last),
      held: held && writtenHeld(held),
      lastHandledScanRequest: state.handledScanRequest,
      lastHandledPublishRequest: state.handledPublishRequest,
    }),
    conditions: mergeConditions(before?.conditions ?? [], repositoryFindings(facts), generation, now),
  };
}

/** Of the source's files: without those that left it and are only kept reachable for a while. */
function sourceSize({ table, retained }: Pick<Ledger, 'table' | 'retained'>): { files: number; bytes: number } {
  let [files, bytes] = [table.liveFiles, table.liveBytes];
  for (const number of retained()) {
    files -= 1;
    bytes -= table.size(number) ?? 0;
  }
  return { files, bytes };
}
