import type { Attempt } from '../attempts.ts';
import { Failure } from '../failures.ts';
import { durationMs } from '../duration.ts';
import type { Jobs } from '../jobs.ts';
import { isVersion } from '../mirror/plan.ts';
import type { Repository } from '../resources/repository.ts';
import { guardSource } from '../scan/guard.ts';
import { measureFiles } from './measure-files.ts';
import { compareSource, type SourcePlan } from './plan.ts';
import { openSource, sourceHost, type SourceDeps } from './source.ts';
import type { RepositoryState } from './state.ts';

export type IndexDeps = SourceDeps & { readonly jobs: Jobs };

export type IndexSubject = {
  readonly repository: Repository;
  readonly state: RepositoryState;
  readonly signal: AbortSignal;
};

/** How an index ended; `plan` if it was accepted. */
export type IndexOutcome = Omit<Attempt, 'startedAt' | 'finishedAt'> & { readonly plan?: SourcePlan };

/** Lists the source, compares it with the table, lets the guard look, and enters what is accepted into the ledger. */
export async function indexSource(deps: IndexDeps, subject: IndexSubject): Promise<IndexOutcome> {
  try {
    return await deps.jobs.run(sourceHost(subject.repository), subject.signal, () => listAndEnter(deps, subject));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { outcome: 'Failed', reason: error.reason, message: error.message };
  }
}

async function listAndEnter(deps: IndexDeps, { repository, state, signal }: IndexSubject): Promise<IndexOutcome> {
  const { ledger, scope, freshness } = state;
  const { table } = ledger;
  const comparison = compareSource(table, scope.includes, (number) => ledger.isRetained(number));
  const listing = await openSource(deps, repository, scope, signal);
  let step = await listing.next();
  for (; step.done !== true; step = await listing.next()) comparison.add(step.value);
  const { unreadable, partlyUnseen, refused } = step.value;
  const plan = await comparison.finish(partlyUnseen ? [''] : unreadable);
  const accepted = repository.metadata.annotations?.['geomirror.io/accept-held'];
  const listed = { loss: plan.loss, files: plan.files, isFirst: table.end === 0 };
  const verdict = guardSource(listed, repository.spec.scanGuard.maxRemovedPercent, accepted);
  if (verdict.kind === 'Hold') {
    state.held = { ...verdict.held, since: state.held?.id === verdict.held.id ? state.held.since : deps.now() };
    return { outcome: 'Held', reason: undefined, message: verdict.held.message };
  }
  state.held = undefined;
  const { change, unmeasured } = await measureFiles(deps, { repository, signal }, plan);
  await ledger.applySource(change, {
    now: deps.now(),
    graceMs: freshness.graceMs,
    retainMs: durationMs(repository.spec.retainRemovedFor),
    matches: (own, file) => isVersion(own, file, freshness.tolerance),
  });
  await ledger.setLinks(plan.links);
  const partial = partlyUnseen || unreadable.length > 0;
  return {
    outcome: partial ? 'PartlyUnreadable' : 'Succeeded',
    reason: undefined,
    message: describe(plan, {
      files: plan.files,
      unreadable: partial ? unreadable.length : 0,
      refused: refused.count,
      unmeasured,
    }),
    plan,
  };
}

type Counts = {
  readonly files: number;
  readonly unreadable: number;
  readonly refused: number;
  readonly unmeasured: number;
};

function describe(plan: SourcePlan, { files, unreadable, refused, unmeasured }: Counts): string {
  const parts = [
    `${files} files: ${plan.added.length} added, ${plan.changed.length} changed, ${plan.removed.length} removed`,
  ];
  if (unreadable > 0) parts.push(`${unreadable} folders unreadable: their files stay`);
  if (refused > 0) parts.push(`${refused} names refused`);
  if (unmeasured > 0) parts.push(`${unmeasured} sizes unknown: the pages round them, and HEAD did not tell`);
  return parts.join('; ');
}
