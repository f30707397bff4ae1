import type { CatalogStore } from '@geomirror/catalog/store/store.ts';
import type { Logger } from 'pino';
import { createJobs } from './jobs.ts';
import { reconcileMirror } from './mirror/reconcile.ts';
import type { Locate, Outside, Resources, StatusSink } from './ports.ts';
import { createProbing } from './probing.ts';
import { WorkQueue } from './queue.ts';
import { createAdoption } from './repository/adopt.ts';
import { digestSource } from './repository/digest.ts';
import { publishHealth } from './repository/health.ts';
import type { RecentlyAsked } from './repository/probed.ts';
import { publishRepository } from './repository/publication.ts';
import { reconcileRepository } from './repository/reconcile.ts';
import type { Wake } from './wake.ts';
import { createWorld, keyOf, type World } from './world.ts';

export type OperatorDeps = Outside & {
  readonly resources: Resources;
  readonly status: StatusSink;
  readonly store: CatalogStore;
  /** The leader's: fences every write. */
  readonly token: number;
  readonly locate: Locate;
  readonly recentlyAsked: RecentlyAsked;
  readonly canaries: readonly URL[];
  /** Another leader has taken over: end the process. */
  readonly onFenced: () => void;
};

export type Operator = {
  /** Something among the resources changed: everything is looked at again, and only what differs is worked on. */
  readonly resourcesChanged: () => void;
  /** Works until the signal aborts, then ends what is under way. */
  readonly run: (signal: AbortSignal) => Promise<void>;
};

/** Scans and indexes at once; each also waits for its remote host. */
const scansAtOnce = 4;
const retryAfterMs = 5000;
/** Changes that come within this time are published together. */
const gatherMs = 200;

/** All that runs: which keys come to which function, and how many at once. */
export function createOperator(deps: OperatorDeps): Operator {
  const world = createWorld();
  const background = createBackground(deps.log);
  const wake: Wake = {
    repository: (key) => queues.repositories.add(key),
    mirror: (key) => queues.mirrors.add(key),
    probes: () => queues.probes.add('all'),
    publication: (uid) => queues.publications.addAfter(uid, gatherMs),
    health: (uid) => queues.health.add(uid),
  };
  const { prober, renew, heldMessage } = createProbing({ ...deps, world, wake });
  const shared = { ...deps, world, wake, prober, jobs: createJobs(scansAtOnce), background: background.start };
  const told = { healthHeld: heldMessage, disputed: (slot: string) => prober.disputed(slot) };
  const story = { ...shared, adoption: createAdoption(deps), digest: digestSource(shared), ...told };
  const queues = {
    repositories: queue(deps.log, 4, (key) => reconcileRepository(story, key)),
    mirrors: queue(deps.log, 16, (key, signal) => reconcileMirror(shared, key, signal)),
    publications: queue(deps.log, 2, (uid) => publishRepository(shared, uid)),
    health: queue(deps.log, 4, (uid) => publishHealth(shared, uid)),
    probes: queue(deps.log, 1, () => Promise.resolve(renew()).then(() => undefined)),
  };
  return {
    resourcesChanged() {
      const repositories = [...world.repositories.values()].map(({ slot }) => slot);
      for (const key of new Set([...deps.resources.repositories().map(keyOf), ...repositories])) wake.repository(key);
      const mirrors = [...world.mirrors.values()].map(({ key }) => key);
      for (const key of new Set([...deps.resources.mirrors().map(keyOf), ...mirrors])) wake.mirror(key);
      wake.probes();
    },
    async run(signal) {
      signal.addEventListener('abort', () => stopAll(world), { once: true });
      await Promise.all([prober.run(signal), ...Object.values(queues).map((each) => each.run(signal))]);
      await background.ended();
    },
  };
}

type Work = (key: string, signal: AbortSignal) => Promise<number | undefined>;

/** A queue whose work says in how many milliseconds the key wants to come again. */
function queue(log: Logger, atOnce: number, work: Work): WorkQueue {
  const made: WorkQueue = new WorkQueue({
    atOnce,
    retryAfterMs,
    onError: (key, error) => log.error({ key, err: error }, 'will be tried again'),
    async work(key, signal) {
      const againMs = await work(key, signal);
      if (againMs !== undefined && !signal.aborted) made.addAfter(key, againMs);
    },
  });
  return made;
}

/** Work that nobody waits for until the end. */
function createBackground(log: Logger): {
  readonly start: (work: () => Promise<void>) => void;
  readonly ended: () => Promise<void>;
} {
  const running = new Set<Promise<void>>();
  return {
    start(work) {
      const promise = work()
        .catch((error: unknown) => log.error({ err: error }, 'background work ended by a bug'))
        .finally(() => running.delete(promise));
      running.add(promise);
    },
    async ended() {
      await Promise.all(running);
    },
  };
}

function stopAll({ repositories, mirrors }: World): void {
  for (const { stop } of [...repositories.values(), ...mirrors.values()]) stop.abort();
}
