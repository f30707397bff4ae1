import { isDeepStrictEqual } from 'node:util';
import type { EndpointHealth, Health, MirrorHealth } from '@geomirror/catalog/health.ts';
import { StoreFailure } from '@geomirror/catalog/store/failure.ts';
import type { CatalogStore } from '@geomirror/catalog/store/store.ts';
import type { Logger } from 'pino';
import { defined } from '../defined.ts';
import { withheldReason } from '../mirror/conditions.ts';
import type { MirrorState } from '../mirror/state.ts';
import type { Resources } from '../ports.ts';
import type { ProbedEndpoint } from '../probe/endpoint-health.ts';
import type { Prober } from '../probe/prober.ts';
import type { Repository } from '../resources/repository.ts';
import { findRepository, mirrorsOf, type World } from '../world.ts';
import { fallbackUid } from './probed.ts';
import type { RepositoryState } from './state.ts';

export type HealthDeps = {
  readonly resources: Resources;
  readonly world: World;
  readonly prober: Pick<Prober, 'state'>;
  readonly store: CatalogStore;
  readonly token: number;
  readonly log: Logger;
  readonly now: () => number;
  readonly onFenced: () => void;
};

/** Readers take a record much older than this for that of a dead operator. */
const renewMs = 25_000;
const retryMs = 1000;

/** Writes a repository's health record if it changed or grows old. Resolves to the milliseconds until the next visit. */
export async function publishHealth(deps: HealthDeps, uid: string): Promise<number | undefined> {
  const state = deps.world.repositories.get(uid);
  const repository = state && findRepository(deps.resources, state.slot);
  if (state === undefined || repository?.metadata.uid !== uid) return undefined;
  const health: Health = {
    schema: 1,
    uid,
    writtenAt: deps.now(),
    mirrors: Object.fromEntries(mirrorHealths(deps, repository)),
    fallbacks: Object.fromEntries(fallbackHealths(deps, repository)),
  };
  const ageMs = health.writtenAt - (state.health?.writtenAt ?? 0);
  if (saysTheSame(state.health, health) && ageMs < renewMs) return renewMs - ageMs;
  return write(deps, state, health);
}

const saysTheSame = (before: Health | undefined, health: Health): boolean =>
  before !== undefined && isDeepStrictEqual({ ...before, writtenAt: 0 }, { ...health, writtenAt: 0 });

function* mirrorHealths(deps: HealthDeps, repository: Repository): Generator<[string, MirrorHealth]> {
  for (const { metadata } of mirrorsOf(deps.resources, repository)) {
    const state = deps.world.mirrors.get(metadata.uid);
    if (state !== undefined) yield [metadata.uid, mirrorHealth(deps, state)];
  }
}

function* fallbackHealths({ prober }: HealthDeps, { metadata, spec }: Repository): Generator<[string, EndpointHealth]> {
  for (const { name } of spec.fallbacks) {
    for (const endpoint of prober.state(fallbackUid(metadata.uid, name))?.endpoints ?? [])
      yield [name, published(endpoint)];
  }
}

function mirrorHealth({ prober }: HealthDeps, state: MirrorState): MirrorHealth {
  const probed = prober.state(state.uid);
  const withheld = withheldReason(state, probed?.verification ?? { sampled: 0, wrong: 0 });
  return { ...defined({ withheld }), endpoints: (probed?.endpoints ?? []).map(published) };
}

/** What redirectors and their clients may know of an endpoint. */
function published({ url, up, ipv4Up, ipv6Up, since, reason }: ProbedEndpoint): EndpointHealth {
  return { url, up, since, ...defined({ ipv4Up, ipv6Up, reason }) };
}

async function write(deps: HealthDeps, state: RepositoryState, health: Health): Promise<number> {
  try {
    if ((await deps.store.writeHealth(state.slot, deps.token, health)) === 'Fenced') deps.onFenced();
    else state.health = health;
    return renewMs;
  } catch (error) {
    if (!(error instanceof StoreFailure)) throw error;
    deps.log.warn({ repository: state.slot, reason: error.reason, message: error.message }, 'cannot write health');
    return retryMs;
  }
}
