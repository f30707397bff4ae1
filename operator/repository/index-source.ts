import type { Outcome } from '../attempts.ts';
import { Failure } from '../failures.ts';
import { durationMs } from '../duration.ts';
import type { Jobs } from '../jobs.ts';
import { isVersion } from '../mirror/plan.ts';
import type { Repository } from '../resources/repository.ts';
import { guardSource } from '../scan/guard.ts';
import { measureFiles, type Entering } from './measure-files.ts';
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
export type IndexOutcome = Outcome & { readonly plan?: SourcePlan };

/** Lists the source, compares it with the table, lets the guard look, and enters what is accepted into the ledger. */
export async function indexSource(deps: IndexDeps, subject: IndexSubject): Promise<IndexOutcome> {
  try {
    return await deps.jobs.run(sourceHost(subject.repository), subject.signal, () => listAndEnter(deps, subject));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { outcome: 'Failed', reason: error.reason, message: error.message };
  }
}

async function listAndEnter(deps: IndexDeps, subject: IndexSubject): Promise<IndexOutcome> {
  const { repository, state, signal } = subject;
  const { ledger, scope } = state;
  const { table } = ledger;
  const comparison = compareSource(table, scope.includes, (number) => ledger.isRetained(number));
  const isFirst = table.end === 0;
  const entered = { added: 0, unmeasured: 0 };
  const listing = await openSource(deps, repository, scope, signal);
  let step = await listing.next();
  for (; step.done !== true; step = await listing.next()) {
    comparison.add(step.value);
    if (!isFirst || comparison.waiting() < filesAtOnce) continue;
    // Nothing can be lost by a first listing, and a large tree is not held in memory twice.
    const additions = comparison.takeAdded();
    entered.added += additions.added.length;
    entered.unmeasured += await enter(deps, subject, { ...additions, changed: [], removed: [] });
  }
  const { unreadable, partlyUnseen, refused } = step.value;
  const plan = await comparison.finish(partlyUnseen ? [''] : unreadable);
  const held = hold(deps, subject, plan, isFirst);
  if (held !== undefined) return { outcome: 'Held', reason: undefined, message: held };
  entered.added += plan.added.length;
  entered.unmeasured += await enter(deps, subject, plan);
  useUpAcceptance(subject, plan);
  await ledger.setLinks(plan.links);
  const partial = partlyUnseen || unreadable.length > 0;
  return {
    outcome: partial ? 'PartlyUnreadable' : 'Succeeded',
    reason: undefined,
    message: describe(plan, { ...entered, unreadable: partial ? unreadable.length : 0, refused: refused.count }),
    plan,
  };
}

/** Whole pages of the table. */
const filesAtOnce = 65_536;

/** Enters a change into the ledger with exact sizes; resolves to how many of these could not be found out. */
async function enter(deps: IndexDeps, subject: IndexSubject, entering: Entering): Promise<number> {
  const { ledger, freshness } = subject.state;
  const { change, unmeasured } = await measureFiles(deps, subject, entering);
  await ledger.applySource(change, {
    now: deps.now(),
    graceMs: freshness.graceMs,
    retainMs: durationMs(subject.repository.spec.retainRemovedFor),
    matches: (own, file) => isVersion(own, file, freshness.tolerance),
  });
  return unmeasured;
}

/** Why the listing is not believed, noted in the repository's state; undefined: it is. */
// oxlint-disable-next-line max-params -- the guard's four sides
function hold(
  { now }: IndexDeps,
  { repository, state }: IndexSubject,
  { loss, files }: SourcePlan,
  isFirst: boolean,
): string | undefined {
  const written = acceptedId(repository);
  if (written !== state.usedAcceptance) state.usedAcceptance = undefined;
  const accepted = state.usedAcceptance === undefined ? written : undefined;
  const verdict = guardSource({ loss, files, isFirst }, repository.spec.scanGuard.maxRemovedPercent, accepted);
  if (verdict.kind === 'Accept') {
    state.held = undefined;
    return undefined;
  }
  state.held = { ...verdict.held, since: state.held?.id === verdict.held.id ? state.held.since : now() };
  return verdict.held.id === written
    ? `${verdict.held.message}; remove the old annotation first`
    : verdict.held.message;
}

const acceptedId = ({ metadata }: Repository): string | undefined => metadata.annotations?.['geomirror.io/accept-held'];

/** An annotation that stays accepts a loss once: the same files, back and lost again, are another loss. */
function useUpAcceptance({ repository, state }: IndexSubject, { loss }: SourcePlan): void {
  if (loss.lost > 0 && loss.id === acceptedId(repository)) state.usedAcceptance = loss.id;
}

type Counts = {
  readonly added: number;
  readonly unreadable: number;
  readonly refused: number;
  readonly unmeasured: number;
};

function describe(plan: SourcePlan, { added, unreadable, refused, unmeasured }: Counts): string {
  const parts = [`${plan.files} files: ${added} added, ${plan.changed.length} changed, ${plan.removed.length} removed`];
  if (unreadable > 0) parts.push(`${unreadable} folders unreadable: their files stay`);
  if (refused > 0) parts.push(`${refused} names refused`);
  if (unmeasured > 0) parts.push(`${unmeasured} sizes unknown: the pages round them, and HEAD did not tell`);
  return parts.join('; ');
}
