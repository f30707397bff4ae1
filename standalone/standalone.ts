import type { Server } from 'node:http';
import { createOperator, type Operator } from '@geomirror/operator/controllers.ts';
import { createHTTPClient, type HTTPClient } from '@geomirror/operator/network/client.ts';
import { createAddressGuard } from '@geomirror/operator/network/guard.ts';
import { openStore } from '@geomirror/catalog/store/open.ts';
import { createAdminServer } from '@geomirror/redirector/admin.ts';
import { openGeo } from '@geomirror/redirector/geo/geo.ts';
import { createPlaces } from '@geomirror/redirector/geo/places.ts';
import { createRedirector, type Redirector } from '@geomirror/redirector/redirector.ts';
import { drain, listen } from '@geomirror/redirector/server.ts';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import { locateWith } from './locate.ts';
import { loadDefinitions } from './manifests/definitions.ts';
import { printProblem } from './manifests/problem.ts';
import { watchManifests, type ManifestSet } from './manifests/watch.ts';
import { createRecentPaths } from './recent-paths.ts';
import { createFolderResources, type FolderResources } from './resources.ts';
import { folderPages } from './pages.ts';

const drainLimitMs = 10_000;

export type StandaloneConfig = Config & { readonly manifests: string };

export type StandaloneDeps = {
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Called once when clients are answered and every mirror was looked at. */
  readonly onListening?: () => void;
};

/**
 * Operator and redirector in one process, with a folder of manifests instead of an API server. Resolves when the signal has ended it;
 * throws with the cure where it cannot start.
 */
export async function runStandalone(config: StandaloneConfig, deps: StandaloneDeps): Promise<void> {
  const { log, signal } = deps;
  await using geo = await openGeo(config.geoIP, {
    report: ({ file, message }) => log.warn({ file, problem: message }, 'GeoIP database'),
  });
  await using store = await openStore(config.store, {
    report: ({ reason, message }) => log.warn({ reason, message }, 'store'),
  });
  const guard = createAddressGuard({ allow: config.allowPrivateMirrors });
  await using client = closing(createHTTPClient({ guard, userAgent: 'geomirror' }));
  const ended = new AbortController();
  const folder = createFolderResources();
  const recent = createRecentPaths();
  const operator = createOperator({
    client,
    guard,
    log,
    now: Date.now,
    random: Math.random,
    resources: folder.resources,
    status: folder.sink,
    store,
    // A fence is only needed against another process on the same store: the one started last wins.
    token: Date.now(),
    locate: locateWith(geo),
    recentlyAsked: recent.paths,
    canaries: config.canaries,
    onFenced() {
      log.error('another operator writes to the same store: this one stops; give each a store of its own');
      process.exitCode = 1;
      ended.abort();
    },
  });
  const redirector = createRedirector({
    store,
    log,
    trusted: config.trustedProxies,
    placing: (networks) => createPlaces({ geo, networks }).place,
    onAsked: recent.add,
  });
  try {
    const stopped = AbortSignal.any([signal, ended.signal]);
    await serve({ config, deps: { ...deps, signal: stopped }, folder, operator, redirector });
  } finally {
    // What was started before a failure would keep the process alive.
    ended.abort();
  }
}

type Parts = {
  readonly config: StandaloneConfig;
  readonly deps: StandaloneDeps;
  readonly folder: FolderResources;
  readonly operator: Operator;
  readonly redirector: Redirector;
};

/** Listens, feeds the manifests to the operator, and works until the signal aborts. */
async function serve({ config, deps, folder, operator, redirector }: Parts): Promise<void> {
  const { log, signal, onListening } = deps;
  const admin = createAdminServer({
    ...redirector.adminPages,
    ...folderPages(folder, redirector.adminPages['/readyz']),
  });
  await using _admin = drained(admin, 1000);
  await listen(admin, config.adminListen);
  const onChange = (set: ManifestSet): void => {
    for (const problem of set.problems) log.warn({ problem: printProblem(problem) }, 'manifest problem');
    folder.replace(set);
    operator.resourcesChanged();
  };
  const validate = await loadDefinitions();
  const watching = await watchManifests({ validate, now: Date.now }, config.manifests, { signal, onChange });
  await using _clients = drained(redirector.server, drainLimitMs);
  await listen(redirector.server, config.listen);
  log.info(
    { listen: config.listen, adminListen: config.adminListen, manifests: config.manifests },
    'geomirror started',
  );
  onListening?.();
  await Promise.all([operator.run(signal), redirector.run(signal), watching.ended]);
  log.info('stopping: no new connections, the last requests are answered');
}

/** Whatever ends us, a listener left open would keep the process alive. */
const drained = (server: Server, limitMs: number): AsyncDisposable => ({
  [Symbol.asyncDispose]: () => drain(server, limitMs),
});

const closing = (client: HTTPClient): HTTPClient & AsyncDisposable => ({
  ...client,
  [Symbol.asyncDispose]: () => client.close(),
});
