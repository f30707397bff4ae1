import { durationMs } from '../duration.ts';
import { Failure, printableURL } from '../failures.ts';
import { remoteHost } from '../network/remote-host.ts';
import { readCredentials } from '../scan/credentials.ts';
import { guardMirror } from '../scan/guard.ts';
import type { ListingEnd } from '../scan/listing.ts';
import { listRemote } from '../scan/open.ts';
import { compareMirror, type MirrorPlan } from './plan.ts';
import { zoneOf } from './times.ts';
import {
  redirectPolicyOf,
  scanEndpoints,
  type ScanDeps,
  type ScanEndpoint,
  type ScanOutcome,
  type ScanSubject,
} from './subject.ts';

/** No byte for this long ends a listing. */
const silenceMs = 60_000;

/** CRD `method: Listing`: the scan endpoints in order until one can be listed; Failure if none can. */
export async function listMirror(deps: ScanDeps, subject: ScanSubject): Promise<ScanOutcome> {
  const failures: Failure[] = [];
  for (const endpoint of scanEndpoints(subject.mirror)) {
    try {
      return await deps.jobs.run(remoteHost(endpoint.url), subject.signal, () => listInTime(deps, subject, endpoint));
    } catch (error) {
      if (!(error instanceof Failure) || subject.signal.aborted) throw error;
      failures.push(error);
    }
  }
  const last = failures.at(-1);
  throw new Failure(last?.reason ?? 'NoListing', failures.map(({ message }) => message).join('; then '), {
    cause: last,
  });
}

/** A listing that takes longer than CRD field `scan.timeout` in all has failed. */
async function listInTime(deps: ScanDeps, subject: ScanSubject, endpoint: ScanEndpoint): Promise<ScanOutcome> {
  const limit = subject.mirror.spec.scan.timeout;
  const late = AbortSignal.timeout(durationMs(limit));
  try {
    return await listEndpoint(deps, { ...subject, signal: AbortSignal.any([subject.signal, late]) }, endpoint);
  } catch (cause) {
    if (!late.aborted || subject.signal.aborted) throw cause;
    throw new Failure(
      'Timeout',
      `${printableURL(endpoint.url)}: the listing took longer than spec.scan.timeout (${limit})`,
      { cause },
    );
  }
}

async function listEndpoint(deps: ScanDeps, subject: ScanSubject, endpoint: ScanEndpoint): Promise<ScanOutcome> {
  const { mirror, state, repository, repositoryState } = subject;
  const { ledger, scope, freshness } = repositoryState;
  const url = new URL(endpoint.url);
  const { table } = ledger;
  const comparison = compareMirror(table, {
    compare: freshness.compare,
    tolerance: freshness.tolerance,
    included: scope.includes,
    previous: (number) => ledger.previous(number),
    isRetained: (number) => ledger.isRetained(number),
    foundWrong: state.foundWrong,
  });
  const listing = listRemote(deps, {
    url,
    credentials: await readCredentials(deps.resources, mirror.metadata.namespace, endpoint.credentialsSecretRef),
    timeoutMs: silenceMs,
    signal: subject.signal,
    skipFolder: scope.skipsFolder,
    redirects: redirectPolicyOf(mirror, repository),
  });
  let step = await listing.next();
  for (; step.done !== true; step = await listing.next()) comparison.add(step.value);
  const end = step.value;
  const plan = await comparison.finish({ before: ledger.column(state.uid), unreadable: end.unreadable });
  const held = hold(deps, subject, { url, plan, end });
  if (held !== undefined) return { outcome: 'Held', reason: undefined, message: held };
  await ledger.setColumn(state.uid, table, plan.column, plan.exceptions);
  return {
    outcome: end.unreadable.length > 0 ? 'PartlyUnreadable' : 'Succeeded',
    reason: undefined,
    message: describe(plan, end),
    accepted: { plan, protocol: url.protocol.slice(0, -1) },
  };
}

type Listed = { readonly url: URL; readonly plan: MirrorPlan; readonly end: ListingEnd };

/** Why the listing is not believed, noted in the mirror's state; undefined: it is. */
function hold(
  { now }: ScanDeps,
  { mirror, state, repository }: ScanSubject,
  { url, plan, end }: Listed,
): string | undefined {
  if (end.partlyUnseen) return `${printableURL(url)}: the listing is incomplete and does not say where`;
  const verdict = guardMirror(plan.loss, repository.spec.scanGuard.maxRemovedPercent, {
    accepted: mirror.metadata.annotations?.['geomirror.io/accept-held'],
    doubted: state.held?.loss,
    complete: end.unreadable.length === 0,
  });
  if (verdict.kind === 'Accept') {
    state.held = undefined;
    return undefined;
  }
  state.held = { ...verdict.held, since: state.held?.since ?? now(), loss: plan.loss };
  return verdict.held.message;
}

function describe({ counts, times }: MirrorPlan, { unreadable, refused }: ListingEnd): string {
  const { files, current, outdated, wrongSize, missing } = counts;
  const parts = [
    `${files} files listed, ${current} current, ${outdated} outdated, ${wrongSize} of wrong size, ${missing} missing`,
  ];
  if (times.offsetSeconds !== 0) parts.push(`its times are those of UTC${zoneOf(times)}, which is corrected`);
  if (unreadable.length > 0) {
    parts.push(
      `${unreadable.length} folders unreadable, for example /${unreadable[0] ?? ''}: their files keep their state`,
    );
  }
  if (refused.count > 0) {
    const [example] = refused.examples;
    parts.push(`${refused.count} names refused, for example ${example?.name ?? ''} (${example?.reason ?? ''})`);
  }
  return parts.join('; ');
}
