import { mergeConditions, timestamp } from '../conditions.ts';
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
  const { last } = state.indexes;
  const { table } = state.ledger;
  return {
    observedGeneration: generation,
    ...(state.publication.kind === 'Published' ? { revision: state.publication.revision } : {}),
    files: table.liveFiles,
    bytes: table.liveBytes,
    ...(last === undefined
      ? {}
      : {
          lastIndex: {
            startedAt: timestamp(last.startedAt),
            finishedAt: timestamp(last.finishedAt),
            outcome: last.outcome,
            message: last.message,
          },
        }),
    ...(state.held === undefined
      ? {}
      : { held: { id: state.held.id, since: timestamp(state.held.since), removed: state.held.removed } }),
    mirrors,
    ...(state.handledScanRequest === undefined ? {} : { lastHandledScanRequest: state.handledScanRequest }),
    ...(state.handledPublishRequest === undefined ? {} : { lastHandledPublishRequest: state.handledPublishRequest }),
    conditions: mergeConditions(before?.conditions ?? [], repositoryFindings(facts), generation, now),
  };
}
