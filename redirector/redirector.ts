import type { Server } from 'node:http';
import type { CatalogReader } from '@geomirror/catalog/store/store.ts';
import type { Logger } from 'pino';
import { text, type AdminPage } from './admin.ts';
import { createJSONAnswer } from './answer/json.ts';
import { rememberClients, type TrustedProxies } from './client.ts';
import { createMetrics } from './metrics.ts';
import { createRefresh, type RefreshStatus } from './refresh.ts';
import { route, type RouteDeps } from './route.ts';
import { createChooser } from './select/choose.ts';
import { createRedirectorServer } from './server.ts';
import { createServed, type Placing } from './view/served.ts';

export type RedirectorDeps = {
  readonly store: CatalogReader;
  /** Finds places among databases and the networks that resources list. */
  readonly placing: Placing;
  readonly trusted: TrustedProxies;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Unix ms. */
  readonly now?: () => number;
  /** From [0, 1): which of several good mirrors. */
  readonly draw?: () => number;
  /** Told of every file that is asked for. */
  readonly onAsked?: RouteDeps['onAsked'];
};

export type Redirector = {
  /** Answers clients; not listening yet. */
  readonly server: Server;
  /** `/livez`, `/readyz` and `/metrics`. */
  readonly adminPages: Readonly<Record<string, () => AdminPage | Promise<AdminPage>>>;
  readonly status: () => RefreshStatus;
  /** Looks at the store once, so that a caller need not wait for the next poll. */
  readonly look: () => Promise<void>;
  /** Keeps what is served as new as the store until the signal aborts. */
  readonly run: (signal: AbortSignal) => Promise<void>;
};

/** Everything of a redirector but its listeners, so that other programs can have one within. */
export function createRedirector(deps: RedirectorDeps): Redirector {
  const { store, log, trusted, now = Date.now, draw = Math.random, onAsked = () => undefined } = deps;
  const served = createServed(deps.placing);
  const refresh = createRefresh({ store, served, now, log });
  const { status } = refresh;
  const isReady = () => status().completedAt !== undefined;
  const metrics = createMetrics({ status, now, repositories: () => served.view().repositories.all });
  const view = () => (isReady() ? served.view() : undefined);
  const routeDeps = {
    view,
    trusted,
    clientAddress: rememberClients(trusted),
    now,
    draw,
    onAsked,
    choose: createChooser(),
    describe: createJSONAnswer(),
  };
  const server = createRedirectorServer({
    route: (request) => route(routeDeps, request),
    onAnswer: metrics.count,
    onError: (error) => log.error({ err: error }, 'A request failed'),
  });
  return {
    server,
    status,
    look: refresh.look,
    run: refresh.run,
    adminPages: {
      '/livez': () => text(200, 'alive'),
      '/readyz': () => (isReady() ? text(200, 'ready') : text(503, 'The catalog was not read yet.')),
      '/metrics': async () => ({ status: 200, type: metrics.contentType, body: await metrics.text() }),
    },
  };
}
