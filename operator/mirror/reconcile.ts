import { isDeepStrictEqual } from 'node:util';
import { isReady } from '../conditions.ts';
import type { MirrorHealth } from '@geomirror/catalog/health.ts';
import { afterAttempt, tryAttempt, nextAttemptAt, spreadOf, type Wish } from '../attempts.ts';
import { durationMs } from '../duration.ts';
import type { Locate, Resources, StatusSink } from '../ports.ts';
import type { Prober } from '../probe/prober.ts';
import { storedMirror } from '../repository/restored.ts';
import type { RepositoryState } from '../repository/state.ts';
import type { Mirror } from '../resources/mirror.ts';
import type { Repository } from '../resources/repository.ts';
import type { Wake } from '../wake.ts';
import { findRepository, keyOf, repositoryKeyOf, type World } from '../world.ts';
import { locateMirror } from './location.ts';
import { scanMirror } from './scan.ts';
import { newMirrorState, type MirrorState } from './state.ts';
import { mirrorStatus, saysTheSame } from './status.ts';
import type { ScanDeps, ScanOutcome } from './subject.ts';

export type MirrorDeps = ScanDeps & {
  readonly resources: Resources;
  readonly world: World;
  readonly prober: Pick<Prober, 'state'>;
  readonly locate: Locate;
  readonly status: StatusSink;
  readonly wake: Wake;
  readonly background: (work: () => Promise<void>) => void;
};

const visitMs = 60_000;
const minuteMs = 60_000;
/** How old the number of samples in a status may grow. */
const sampledEveryMs = 5 * minuteMs;

/**
 * Brings one Mirror on: forgets what is gone, finds its place, starts a scan that is due, notices that it came back, reports.
 * Scans run beside it. Resolves to the milliseconds until the next visit; undefined: none needed.
 */
export async function reconcileMirror(deps: MirrorDeps, key: string, signal: AbortSignal): Promise<number | undefined> {
  const mirror = deps.resources.mirrors().find((candidate) => keyOf(candidate) === key);
  await forgetOthers(deps, key, mirror?.spec.mode === 'Disabled' ? undefined : mirror?.metadata.uid);
  if (mirror === undefined) return undefined;
  const repository = findRepository(deps.resources, repositoryKeyOf(mirror));
  const state = adopt(deps, mirror, repository);
  if (mirror.spec.mode === 'Disabled') {
    await report(deps, mirror, state, repository !== undefined);
    return undefined;
  }
  const repositoryState = repository === undefined ? undefined : deps.world.repositories.get(repository.metadata.uid);
  if (repositoryState !== undefined) restore(deps, state, repositoryState);
  await locate(deps, mirror, state, signal);
  noticeReturn(deps, mirror, state);
  const nextMs =
    repository && repositoryState ? scanIfDue(deps, { mirror, state, repository, repositoryState }) : visitMs;
  deps.wake.publication(state.repositoryUid);
  deps.wake.health(state.repositoryUid);
  await report(deps, mirror, state, repository !== undefined);
  return Math.min(nextMs, visitMs);
}

/** Drops what is known of mirrors that had this name and are no more, or are disabled. */
async function forgetOthers(deps: MirrorDeps, key: string, uid: string | undefined): Promise<void> {
  for (const state of deps.world.mirrors.values()) {
    if (state.key !== key || state.uid === uid) continue;
    state.stop.abort();
    deps.world.mirrors.delete(state.uid);
    await deps.world.repositories.get(state.repositoryUid)?.ledger.forget(state.uid);
    deps.wake.probes();
    deps.wake.publication(state.repositoryUid);
    deps.wake.health(state.repositoryUid);
  }
}

function adopt(deps: MirrorDeps, mirror: Mirror, repository: Repository | undefined): MirrorState {
  const { uid } = mirror.metadata;
  const known = deps.world.mirrors.get(uid);
  const repositoryUid = repository?.metadata.uid ?? '';
  if (known?.repositoryUid === repositoryUid) return known;
  known?.stop.abort();
  const state = newMirrorState({ uid, key: keyOf(mirror), repositoryUid });
  if (mirror.spec.mode === 'Disabled') return state;
  deps.world.mirrors.set(uid, state);
  deps.wake.probes();
  return state;
}

/** Goes on with what the process before had stored of a mirror that this one has not looked at yet. */
function restore(deps: MirrorDeps, state: MirrorState, repository: RepositoryState): void {
  const stored = storedMirror(repository, state);
  if (stored === undefined) return;
  state.inventory = stored.inventory;
  // Until it is found out anew.
  if (state.locatedGeneration === undefined) state.location = stored.location;
  restoreHealth(deps, state, repository.health?.mirrors[state.uid]);
}

function restoreHealth({ now }: MirrorDeps, state: MirrorState, known: MirrorHealth | undefined): void {
  if (known === undefined || known.endpoints.length === 0) return;
  state.wasUp = known.endpoints.some(({ up }) => up);
  if (known.withheld === 'AwaitingRescan') owe(state, now());
}

async function locate(deps: MirrorDeps, mirror: Mirror, state: MirrorState, signal: AbortSignal): Promise<void> {
  if (state.locatedGeneration === mirror.metadata.generation) return;
  const { location, source } = await locateMirror(deps, mirror, signal);
  state.location = location;
  state.locationSource = source;
  state.locatedGeneration = mirror.metadata.generation;
  deps.wake.probes();
}

/** A mirror that was down may have missed anything: it owes a scan, and clients wait for it. */
function noticeReturn(deps: MirrorDeps, mirror: Mirror, state: MirrorState): void {
  const endpoints = deps.prober.state(state.uid)?.endpoints ?? [];
  if (endpoints.length === 0) return;
  const isUp = endpoints.some(({ up }) => up);
  if (isOverdue(state, deps.now() - durationMs(mirror.spec.scan.interval))) owe(state, undefined);
  if (state.wasUp === !isUp) {
    const reason = endpoints.find(({ up }) => !up)?.reason;
    deps.log.info({ mirror: state.key, reason }, isUp ? 'mirror is up' : 'mirror is down');
    if (isUp && state.inventory) owe(state, deps.now());
  }
  state.wasUp = isUp;
}

function owe(state: MirrorState, owedSince: number | undefined): void {
  state.scans = { ...state.scans, owedSince };
}

/** A mirror that answers but has not let itself be scanned for a whole interval is no worse than any other whose scans fail. */
function isOverdue({ scans: { owedSince, last } }: MirrorState, limit: number): boolean {
  return owedSince !== undefined && owedSince < limit && last !== undefined && last.startedAt >= owedSince;
}

type Subject = {
  readonly mirror: Mirror;
  readonly state: MirrorState;
  readonly repository: Repository;
  readonly repositoryState: RepositoryState;
};

function scanIfDue(deps: MirrorDeps, subject: Subject): number {
  const { state, repositoryState } = subject;
  if (state.scans.running || repositoryState.indexedAt === undefined) return visitMs;
  const wish = wishOf(subject);
  const waitMs = nextAttemptAt(state.scans, wish) - deps.now();
  if (waitMs > 0) return waitMs;
  state.scans = { ...state.scans, running: true };
  deps.background(() => scan(deps, subject, wish));
  return visitMs;
}

const scanRequest = (mirror: Mirror): string | undefined =>
  mirror.metadata.annotations?.['geomirror.io/scan-requested-at'];

function wishOf({ mirror, state, repository, repositoryState }: Subject): Wish {
  const { spec, metadata } = mirror;
  const accepted = metadata.annotations?.['geomirror.io/accept-held'];
  // What is assumed follows the source at once; nothing is asked of the mirror for it.
  const assumed = spec.scan.method === 'Assume' ? repositoryState.indexedAt : undefined;
  return {
    intervalMs: durationMs(spec.scan.interval),
    heldRetryMs: minuteMs,
    request: `${scanRequest(mirror) ?? ''}|${repositoryState.indexedPublishRequest ?? ''}`,
    spec: JSON.stringify([spec.scan, spec.endpoints, accepted, repository.spec.freshness, assumed]),
    spread: spreadOf(state.uid),
  };
}

async function scan(deps: MirrorDeps, subject: Subject, wish: Wish): Promise<void> {
  const { mirror, state } = subject;
  const startedAt = deps.now();
  const { signal } = state.stop;
  const ended: ScanOutcome | undefined = await tryAttempt({ log: deps.log, signal, about: { mirror: state.key } }, () =>
    scanMirror(deps, { ...subject, signal }),
  );
  if (ended === undefined) return;
  const { accepted, ...outcome } = ended;
  const finishedAt = deps.now();
  state.scans = afterAttempt(state.scans, { startedAt, finishedAt, ...outcome }, wish);
  state.handledRequest = scanRequest(mirror);
  if (accepted !== undefined) {
    const { plan, protocol } = accepted;
    state.inventory = { ...plan.counts, scannedAt: finishedAt, protocol, times: plan.times };
    state.locatedGeneration = undefined;
    deps.wake.probes();
  }
  deps.log.info({ mirror: state.key, durationMs: finishedAt - startedAt, ...outcome }, 'mirror scanned');
  deps.wake.mirror(state.key);
  deps.wake.repository(repositoryKeyOf(mirror));
}

async function report(deps: MirrorDeps, mirror: Mirror, state: MirrorState, repositoryExists: boolean): Promise<void> {
  const probed = deps.prober.state(state.uid);
  const before = deps.resources.mirrorStatus(state.uid);
  const status = mirrorStatus({
    mirror,
    mode: mirror.spec.mode,
    repositoryName: mirror.spec.repositoryRef.name,
    repositoryExists,
    state,
    endpoints: probed?.endpoints ?? [],
    verification: probed?.verification ?? { sampled: 0, wrong: 0 },
    before,
    now: deps.now(),
  });
  const isLate = deps.now() - state.reportedAt >= sampledEveryMs;
  if (before && (isLate ? isDeepStrictEqual(status, before) : saysTheSame(status, before))) return;
  await deps.status.mirror(mirror, status);
  state.reportedAt = deps.now();
  // Its Repository counts the mirrors that are ready.
  if (isReady(status) !== isReady(before)) deps.wake.repository(repositoryKeyOf(mirror));
}
