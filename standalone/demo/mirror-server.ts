import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** A web server with directory listings for one folder, which can be stopped and started again on its port. */
export type DemoMirror = {
  readonly name: string;
  readonly url: string;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly isRunning: () => boolean;
};

/** Listens on a free loopback port from the first start on. */
export async function startDemoMirror(name: string, root: string): Promise<DemoMirror> {
  let server = await listen(root, 0);
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    name,
    url: `http://127.0.0.1:${port}/`,
    isRunning: () => server.listening,
    async start() {
      if (!server.listening) server = await listen(root, port);
    },
    async stop() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(root: string, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    answer(root, request, response).catch(() => response.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

async function answer(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = pathOf(request.url ?? '/');
  const found = path === undefined ? undefined : await stat(join(root, path)).catch(() => undefined);
  if (path === undefined || found === undefined) return void response.writeHead(404, { 'Content-Length': 0 }).end();
  if (found.isDirectory()) return list(join(root, path), response);
  response.writeHead(200, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': found.size,
    'Last-Modified': found.mtime.toUTCString(),
  });
  if (request.method === 'HEAD') return void response.end();
  await pipeline(createReadStream(join(root, path)), response);
}

function pathOf(target: string): string | undefined {
  try {
    const path = normalize(decodeURIComponent(target.split('?', 1)[0] ?? ''));
    return path.startsWith('/') && !path.includes('\0') ? path : undefined;
  } catch {
    return undefined;
  }
}

/** A directory as JSON in the shape of nginx's autoindex module. */
async function list(folder: string, response: ServerResponse): Promise<void> {
  const names = await readdir(folder);
  const entries = await Promise.all(
    names.map(async (name) => {
      const found = await stat(join(folder, name));
      const mtime = found.mtime.toUTCString();
      return found.isDirectory() ? { name, type: 'directory', mtime } : { name, type: 'file', mtime, size: found.size };
    }),
  );
  const body = Buffer.from(JSON.stringify(entries));
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length }).end(body);
}
