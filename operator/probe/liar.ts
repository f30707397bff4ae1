import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTLSServer } from 'node:https';

import type { ServerTLS } from '@geomirror/e2e/servers/web-server.ts';

/** A web server for tests that can answer what no honest program would. */
export type Liar = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  /** `HEAD /path`, in order. */
  readonly requests: readonly string[];
  /** The most requests that were under way at one time. */
  readonly busiest: () => number;
  /** What it answers from now on. */
  answer: RequestListener;
};

export async function startLiar(
  answer: RequestListener,
  options: { readonly host?: string; readonly port?: number; readonly tls?: ServerTLS } = {},
): Promise<Liar> {
  const { host = '127.0.0.1', port = 0, tls } = options;
  const requests: string[] = [];
  let busy = 0;
  let busiest = 0;
  const listener: RequestListener = (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    busiest = Math.max(busiest, ++busy);
    response.on('close', () => (busy -= 1));
    return liar.answer(request, response);
  };
  const server = tls ? createTLSServer({ key: tls.key, cert: tls.certificate }, listener) : createServer(listener);
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const shown = host.includes(':') ? `[${host}]` : host;
  const liar: Liar = {
    url: `${tls ? 'https' : 'http'}://${shown}:${address.port}/`,
    port: address.port,
    requests,
    busiest: () => busiest,
    answer,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return liar;
}
