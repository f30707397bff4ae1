import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';

/** A server on loopback that answers as the test says, whatever a decent server would do. */
export type Player = AsyncDisposable & {
  readonly url: string;
  /** Method and path of every request so far. */
  readonly requests: readonly string[];
  /** Connections opened so far. */
  readonly connections: () => number;
};

/** Starts it; ends every connection when disposed. */
export async function play(answer: RequestListener): Promise<Player> {
  const requests: string[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    requests,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A page as nginx prints it, of `[href, size]`; folders end with a slash. */
export function nginxPage(rows: readonly (readonly [href: string, size?: number])[], path = '/'): string {
  const lines = rows.map(
    ([href, size]) => `<a href="${href}">${href}</a>      23-Nov-2026 07:30      ${size ?? '-'}\r\n`,
  );
  return `<html>\r\n<head><title>Index of ${path}</title></head>\r\n<body>\r\n<h1>Index of ${path}</h1><hr><pre><a href="../">../</a>\r\n${lines.join('')}</pre><hr></body>\r\n</html>\r\n`;
}
