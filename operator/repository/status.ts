import { mergeConditions, timestamp } from '../conditions.ts';
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
  const { last } = state.indexes;
  const revision = state.publication.kind === 'Published' ? state.publication.revision : before?.revision;
  return {
    observedGeneration: generation,
    ...(revision === undefined ? {} : { revision }),
    ...sourceSize(state.ledger),
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

/** Of the source's files: without those that left it and are only kept reachable for a while. */
function sourceSize({ table, retained }: Pick<Ledger, 'table' | 'retained'>): { files: number; bytes: number } {
  let [files, bytes] = [table.liveFiles, table.liveBytes];
  for (const number of retained()) {
    files -= 1;
    bytes -= table.size(number) ?? 0;
  }
  return { files, bytes };
}
