import { Failure, printableURL } from '../failures.ts';
import { durationMs } from '../duration.ts';
import type { Jobs } from '../jobs.ts';
import { createPace } from '../pace.ts';
import type { Outside, Resources } from '../ports.ts';
import type { RepositoryState } from '../repository/state.ts';
import type { Mirror } from '../resources/mirror.ts';
import type { Repository } from '../resources/repository.ts';
import { readCredentials } from '../scan/credentials.ts';
import { guardMirror } from '../scan/guard.ts';
import { listRemote } from '../scan/open.ts';
import { assumeAll } from './assume.ts';
import { compareMirror, type MirrorPlan } from './plan.ts';
import { sampleMirror } from './sample.ts';
import type { MirrorState, ScanAttempt } from './state.ts';

export type ScanDeps = Outside & { readonly resources: Pick<Resources, 'secret'>; readonly jobs: Jobs };

/** One mirror to be scanned against one repository's table. */
export type ScanSubject = {
  readonly mirror: Mirror;
  readonly state: MirrorState;
  readonly repository: Repository;
  readonly repositoryState: RepositoryState;
  readonly signal: AbortSignal;
};

/** What a scan wants to put into the ledger, and how it went. */
export type ScanOutcome = Omit<ScanAttempt, 'startedAt' | 'finishedAt'> & {
  readonly accepted?: { readonly plan: MirrorPlan; readonly protocol: string };
};

/** Scans by the mirror's method; ordinary failures are outcomes. Puts what it accepts into the ledger. */
export async function scanMirror(deps: ScanDeps, subject: ScanSubject): Promise<ScanOutcome> {
  try {
    switch (subject.mirror.spec.scan?.method ?? 'Listing') {
      case 'Assume':
        return await assumeAll(subject);
      case 'Sample':
        return await sampleMirror(deps, subject);
      case 'Listing':
        return await listMirror(deps, subject);
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { outcome: 'Failed', reason: error.reason, message: error.message };
  }
}

/** The endpoints in order until one can be listed; the last failure counts if none can. */
async function listMirror(deps: ScanDeps, subject: ScanSubject): Promise<ScanOutcome> {
  const failures: Failure[] = [];
  for (const endpoint of scanEndpoints(subject.mirror)) {
    const url = new URL(endpoint.url);
    try {
      return await deps.jobs.run(url.hostname, subject.signal, () => listInTime(deps, subject, endpoint));
    } catch (error) {
      if (!(error instanceof Failure) || subject.signal.aborted) throw error;
      failures.push(error);
    }
  }
  const last = failures.at(-1);
  const message = failures.map((failure) => failure.message).join('; then ');
  throw new Failure(last?.reason ?? 'NoListing', message === '' ? 'there is no endpoint to list' : message);
}

/** No byte for this long ends a listing. */
const silenceMs = 60_000;

type ScanEndpoint = { readonly url: string; readonly credentialsSecretRef?: { readonly name: string } };

const scanEndpoints = (mirror: Mirror): readonly ScanEndpoint[] => mirror.spec.scan?.endpoints ?? mirror.spec.endpoints;

/** A listing that takes longer than CRD field `scan.timeout` in all has failed. */
async function listInTime(deps: ScanDeps, subject: ScanSubject, endpoint: ScanEndpoint): Promise<ScanOutcome> {
  const limit = subject.mirror.spec.scan?.timeout ?? '20m';
  const late = AbortSignal.timeout(durationMs(limit));
  try {
    return await listEndpoint(deps, { ...subject, signal: AbortSignal.any([subject.signal, late]) }, endpoint);
  } catch (cause) {
    if (!late.aborted || subject.signal.aborted) throw cause;
    throw new Failure('Timeout', `${printableURL(endpoint.url)}: the listing took longer than spec.scan.timeout (${limit})`, { cause });
  }
}

async function listEndpoint(deps: ScanDeps, subject: ScanSubject, endpoint: ScanEndpoint): Promise<ScanOutcome> {
  const { mirror, state, repository, repositoryState } = subject;
  const { ledger, scope, freshness } = repositoryState;
  const url = new URL(endpoint.url);
  const table = ledger.table;
  const comparison = compareMirror(table, {
    compare: freshness.compare,
    tolerance: freshness.tolerance,
    included: scope.includes,
    previous: (number) => ledger.previous(number),
    foundWrong: state.foundWrong,
  });
  const listing = listRemote(deps, {
    url,
    credentials: await readCredentials(deps.resources, mirror.metadata.namespace, endpoint.credentialsSecretRef),
    timeoutMs: silenceMs,
    signal: subject.signal,
    skipFolder: scope.skipsFolder,
    redirects: mirror.spec.redirectPolicy ?? repository.spec.redirectPolicy,
  });
  let step = await listing.next();
  for (; step.done !== true; step = await listing.next()) comparison.add(step.value);
  const end = step.value;
  const before = ledger.column(state.uid);
  const plan = await comparison.finish({ before, unreadable: end.unreadable, pause: createPace() });
  if (end.partlyUnseen) {
    return { outcome: 'Held', reason: undefined, message: `${printableURL(url)}: the listing is incomplete and does not say where` };
  }
  const guarded = guardMirror(plan.loss, repository.spec.scanGuard.maxRemovedPercent, {
    accepted: mirror.metadata.annotations?.['geomirror.io/accept-held'],
    doubted: state.held?.loss,
    complete: end.unreadable.length === 0,
  });
  if (guarded.kind === 'Hold') {
    state.held = { ...guarded.held, since: state.held?.since ?? deps.now(), loss: plan.loss };
    return { outcome: 'Held', reason: undefined, message: guarded.held.message };
  }
  state.held = undefined;
  await ledger.setColumn(state.uid, table, plan.column, plan.exceptions);
  return {
    outcome: end.unreadable.length > 0 ? 'PartlyUnreadable' : 'Succeeded',
    reason: undefined,
    message: describe(plan, end.unreadable, end.refused.count),
    accepted: { plan, protocol: url.protocol.slice(0, -1) },
  };
}

function describe({ counts, times }: MirrorPlan, unreadable: readonly string[], refused: number): string {
  const parts = [`${counts.files} files listed, ${counts.current} current, ${counts.outdated} outdated, ${counts.wrongSize} of wrong size, ${counts.missing} missing`];
  if (times.offsetSeconds !== 0) parts.push(`its clock is ${times.offsetSeconds / 3600} h behind, which is corrected`);
  if (unreadable.length > 0) parts.push(`${unreadable.length} folders unreadable, for example /${unreadable[0] ?? ''}: their files keep their state`);
  if (refused > 0) parts.push(`${refused} names refused`);
  return parts.join('; ');
}
