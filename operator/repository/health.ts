import { isDeepStrictEqual } from 'node:util';
import type { EndpointHealth, Health, MirrorHealth } from '@geomirror/catalog/health.ts';
import type { WithheldReason } from '@geomirror/catalog/reason.ts';
import { StoreFailure } from '@geomirror/catalog/store/failure.ts';
import type { CatalogStore } from '@geomirror/catalog/store/store.ts';
import type { Logger } from 'pino';
import { defined } from '../defined.ts';
import { withheldReason } from '../mirror/conditions.ts';
import type { MirrorState } from '../mirror/state.ts';
import type { Resources } from '../ports.ts';
import type { ProbedEndpoint } from '../probe/endpoint-health.ts';
import type { Prober } from '../probe/prober.ts';
import type { ContentReason } from '../probe/rolling-window.ts';
import type { Mirror } from '../resources/mirror.ts';
import type { Repository } from '../resources/repository.ts';
import { findRepository, mirrorsOf, type World } from '../world.ts';
import { fallbackUid } from './probed.ts';
import { storedMirror } from './restored.ts';
import type { Publication, RepositoryState } from './state.ts';

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
    mirrors: Object.fromEntries(mirrorHealths(deps, repository, state)),
    fallbacks: Object.fromEntries(fallbackHealths(deps, repository, state)),
  };
  const ageMs = health.writtenAt - (state.health?.writtenAt ?? 0);
  if (saysTheSame(state.health, health) && ageMs < renewMs) return renewMs - ageMs;
  return write(deps, state, health);
}

const saysTheSame = (before: Health | undefined, health: Health): boolean =>
  before !== undefined && isDeepStrictEqual({ ...before, writtenAt: 0 }, { ...health, writtenAt: 0 });

function* mirrorHealths(
  deps: HealthDeps,
  repository: Repository,
  state: RepositoryState,
): Generator<[string, MirrorHealth]> {
  for (const mirror of mirrorsOf(deps.resources, repository)) {
    const { uid } = mirror.metadata;
    const known = deps.world.mirrors.get(uid);
    const before = state.health?.mirrors[uid];
    // Until a mirror is taken over, what the process before had found out of it holds.
    const isOurs = known !== undefined && storedMirror(state, known) === undefined;
    if (isOurs) yield [uid, mirrorHealth(deps, { mirror, state: known, before }, state.publication)];
    else if (before !== undefined && mirror.spec.mode !== 'Disabled') yield [uid, before];
  }
}

function* fallbackHealths(
  { prober }: HealthDeps,
  { metadata, spec }: Repository,
  { health }: RepositoryState,
): Generator<[string, EndpointHealth]> {
  for (const { name, url } of spec.fallbacks) {
    const [probed] = prober.state(fallbackUid(metadata.uid, name))?.endpoints ?? [];
    const before = health?.fallbacks[name];
    if (probed !== undefined) yield [name, published(probed)];
    else if (before?.url === url) yield [name, before];
  }
}

type Subject = {
  readonly mirror: Mirror;
  readonly state: MirrorState;
  /** What the record written last says of it. */
  readonly before: MirrorHealth | undefined;
};

/** Of an endpoint not probed since the start, what was known before holds: a restart takes no mirror out. */
function mirrorHealth({ prober }: HealthDeps, subject: Subject, publication: Publication): MirrorHealth {
  const { mirror, state, before } = subject;
  const probed = prober.state(state.uid);
  const endpoints = mirror.spec.endpoints.flatMap(({ url }) => {
    const ofProbe = probed?.endpoints.find((endpoint) => endpoint.url === url);
    const known =
      ofProbe === undefined ? before?.endpoints.find((endpoint) => endpoint.url === url) : published(ofProbe);
    return known === undefined ? [] : [known];
  });
  // The prober takes it over with the mirror, and decides from then on.
  const verification = probed?.verification ?? { sampled: 0, wrong: 0, verdict: sampleVerdict(before) };
  const withheld = withheldReason(state, verification) ?? unseenReason(subject, endpoints, publication);
  return { ...defined({ withheld }), endpoints };
}

/** What samples had shown of a mirror when its record was written: a restart does not acquit it. */
export function sampleVerdict(before: MirrorHealth | undefined): ContentReason | undefined {
  switch (before?.withheld) {
    case 'ContentMissing':
    case 'ContentWrong':
    case 'TooSlow':
      return before.withheld;
    case 'NotScanned':
    case 'AwaitingRescan':
    case undefined:
      return undefined;
  }
}

/** Why clients must wait although nothing is wrong: what was found is not in the catalog yet, or nobody has looked at it. */
function unseenReason(
  { state, before }: Subject,
  endpoints: readonly EndpointHealth[],
  publication: Publication,
): WithheldReason | undefined {
  if (state.wasUp === false && endpoints.some(({ up }) => up)) return 'AwaitingRescan';
  const scannedAt = state.inventory?.scannedAt ?? Infinity;
  // What samples had shown is the prober's to uphold.
  if (sampleVerdict(before) !== undefined) return undefined;
  return publication.kind === 'Published' && publication.at >= scannedAt ? undefined : before?.withheld;
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
