import { isDeepStrictEqual } from 'node:util';
import { isReady } from '../conditions.ts';
import { afterAttempt, tryAttempt, nextAttemptAt, spreadOf, type Wish } from '../attempts.ts';
import { durationMs } from '../duration.ts';
import type { Resources, StatusSink } from '../ports.ts';
import type { Disputed } from '../probe/disputes.ts';
import type { Repository } from '../resources/repository.ts';
import type { Wake } from '../wake.ts';
import { findRepository, keyOf, mirrorsOf, type World } from '../world.ts';
import type { Adoption } from './adopt.ts';
import { compileFreshness, compileScope } from './freshness.ts';
import { olderClaimant } from './host-conflict.ts';
import { indexSource, type IndexDeps, type IndexOutcome } from './index-source.ts';
import type { RepositoryState } from './state.ts';
import { repositoryStatus } from './status.ts';

export type RepositoryDeps = IndexDeps & {
  readonly resources: Resources;
  readonly world: World;
  readonly adoption: Adoption;
  readonly status: StatusSink;
  readonly wake: Wake;
  readonly background: (work: () => Promise<void>) => void;
  /** Reads what the source's files hold and enters their digests, beside everything else. */
  readonly digest: (repository: Repository, state: RepositoryState) => Promise<void>;
  /** Why health verdicts are held for this Repository (mass failure); undefined: they are not. */
  readonly healthHeld: (slot: string) => string | undefined;
  /** Files on which mirrors agree against the source's digests; undefined: none. */
  readonly disputed: (slot: string) => Disputed | undefined;
};

const visitMs = 60_000;

/**
 * Brings one Repository on: drops what is gone, takes it over from the store, starts an index that is due, notes finished requests,
 * reports. Indexing and publishing run beside it. Resolves to the milliseconds until the next visit; undefined: none needed.
 */
export async function reconcileRepository(deps: RepositoryDeps, key: string): Promise<number | undefined> {
  const repository = findRepository(deps.resources, key);
  await dropOthers(deps, key, repository?.metadata.uid);
  if (repository === undefined) return undefined;
  const state = await adopt(deps, repository);
  compile(repository, state);
  noticeScanned(deps, repository, state);
  const nextMs = indexIfDue(deps, repository, state);
  if (await state.ledger.expire(deps.now())) deps.log.debug({ repository: key }, 'grace ended');
  deps.wake.publication(state.uid);
  await report(deps, repository, state);
  return Math.min(nextMs, visitMs);
}

async function dropOthers(deps: RepositoryDeps, key: string, uid: string | undefined): Promise<void> {
  for (const state of deps.world.repositories.values()) {
    if (state.slot !== key || state.uid === uid) continue;
    state.stop.abort();
    deps.world.repositories.delete(state.uid);
    await deps.adoption.drop(state);
    deps.log.info({ repository: key }, 'repository removed from the store');
  }
}

async function adopt(deps: RepositoryDeps, repository: Repository): Promise<RepositoryState> {
  const known = deps.world.repositories.get(repository.metadata.uid);
  if (known !== undefined) return known;
  const state = await deps.adoption.adopt(repository);
  deps.world.repositories.set(state.uid, state);
  for (const mirror of mirrorsOf(deps.resources, repository)) deps.wake.mirror(keyOf(mirror));
  return state;
}

function compile({ spec, metadata }: Repository, state: RepositoryState): void {
  if (state.generation === metadata.generation) return;
  state.generation = metadata.generation;
  state.scope = compileScope(spec.source.include, spec.source.exclude);
  state.freshness = compileFreshness(spec.freshness);
}

const scanRequest = (repository: Repository): string | undefined =>
  repository.metadata.annotations?.['geomirror.io/scan-requested-at'];
const publishRequest = (repository: Repository): string | undefined =>
  repository.metadata.annotations?.['geomirror.io/publish-requested-at'];

/** A publish request is handled by the publication after the source is indexed and every mirror scanned for it, well or not. */
function noticeScanned(deps: RepositoryDeps, repository: Repository, state: RepositoryState): void {
  const request = state.indexedPublishRequest;
  if (request === undefined || request === state.scannedPublishRequest) return;
  const waiting = mirrorsOf(deps.resources, repository).some(({ metadata, spec }) => {
    const scans = deps.world.mirrors.get(metadata.uid)?.scans;
    return spec.mode !== 'Disabled' && scans?.request?.endsWith(`|${request}`) !== true;
  });
  if (!waiting) state.scannedPublishRequest = request;
}

function indexIfDue(deps: RepositoryDeps, repository: Repository, state: RepositoryState): number {
  if (state.indexes.running) return visitMs;
  const wish = wishOf(repository);
  const waitMs = nextAttemptAt(state.indexes, wish) - deps.now();
  if (waitMs > 0) return waitMs;
  state.indexes = { ...state.indexes, running: true };
  deps.background(() => index(deps, repository, state, wish));
  return visitMs;
}

function wishOf(repository: Repository): Wish {
  const { spec, metadata } = repository;
  const intervalMs = durationMs(spec.source.interval);
  return {
    intervalMs,
    heldRetryMs: intervalMs,
    request: `${scanRequest(repository) ?? ''}|${publishRequest(repository) ?? ''}`,
    spec: JSON.stringify([spec.source, spec.checksums, metadata.annotations?.['geomirror.io/accept-held']]),
    spread: spreadOf(metadata.uid),
  };
}

async function index(deps: RepositoryDeps, repository: Repository, state: RepositoryState, wish: Wish): Promise<void> {
  const startedAt = deps.now();
  const { signal } = state.stop;
  const ended: IndexOutcome | undefined = await tryAttempt(
    { log: deps.log, signal, about: { repository: state.slot } },
    () => indexSource(deps, { repository, state, signal }),
  );
  if (ended === undefined) return;
  const { plan, ...outcome } = ended;
  const finishedAt = deps.now();
  state.indexes = afterAttempt(state.indexes, { startedAt, finishedAt, ...outcome }, wish);
  state.handledScanRequest = scanRequest(repository);
  if (plan !== undefined) {
    state.indexedAt = finishedAt;
    state.indexedPublishRequest = publishRequest(repository);
    for (const mirror of mirrorsOf(deps.resources, repository)) {
      const doubted = deps.world.mirrors.get(mirror.metadata.uid)?.foundWrong;
      // What samples showed was of the version before.
      for (const { path } of plan.changed) doubted?.delete(path);
      deps.wake.mirror(keyOf(mirror));
    }
    deps.wake.probes();
  }
  deps.log.info({ repository: state.slot, durationMs: finishedAt - startedAt, ...outcome }, 'source indexed');
  deps.wake.repository(state.slot);
  if (plan !== undefined) await deps.digest(repository, state);
}

async function report(deps: RepositoryDeps, repository: Repository, state: RepositoryState): Promise<void> {
  const mirrors = mirrorsOf(deps.resources, repository).filter(({ spec }) => spec.mode !== 'Disabled');
  const before = deps.resources.repositoryStatus(state.uid);
  const status = repositoryStatus({
    repository,
    state,
    before,
    conflict: olderClaimant(repository, deps.resources.repositories()),
    healthHeld: deps.healthHeld(state.slot),
    disputed: deps.disputed(state.slot),
    mirrors: {
      total: mirrors.length,
      ready: mirrors.filter(({ metadata }) => isReady(deps.resources.mirrorStatus(metadata.uid))).length,
    },
    now: deps.now(),
  });
  if (!isDeepStrictEqual(status, before)) await deps.status.repository(repository, status);
}
