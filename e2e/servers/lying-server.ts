import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import {
  createServer as createHTTPServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server that does what no honest program would. `url` is its root with a closing slash. */
export type LyingServer = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  /** Ends it and all its connections, so that another server can take its port. */
  readonly stop: () => Promise<void>;
};

/** What it says instead of the truth. */
export type Lie = { readonly http: RequestListener } | { readonly tcp: (socket: Socket) => void };

/** Listens on a free port of the loopback address. */
export async function startLyingServer(lie: Lie, host = '127.0.0.1'): Promise<LyingServer> {
  const sockets = new Set<Socket>();
  const server: Server = 'http' in lie ? createHTTPServer(lie.http) : createServer(lie.tcp);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port } = address;
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  };
  return { url: `http://${host}:${port}/`, port, stop, [Symbol.asyncDispose]: stop };
}

/** One page for whatever is asked, as portals and parked domains have it. */
export const onePage: Lie = {
  http(_request, response) {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>Welcome</title>');
  },
};

/** Every file below `root` in its size and with its time, but with one byte in the middle changed. */
export function corruptBytes(root: string): Lie {
  return lieAbout(root, async ({ bytes }, response) => {
    const wrong = Buffer.from(bytes);
    const middle = wrong.length >> 1;
    wrong[middle] = (wrong[middle] ?? 0) ^ 0xff;
    response.end(wrong);
  });
}

/** The right Content-Length, half of the bytes, and then the end of the connection. */
export function brokenOffBodies(root: string): Lie {
  return lieAbout(root, async ({ bytes }, response) => {
    response.write(bytes.subarray(0, bytes.length >> 1));
    // What was written shall arrive before the reset.
    await sleep(20);
    response.destroy();
  });
}

/** Half of the bytes without a Content-Length: nothing in the answer says that it is not the whole. */
export function shortBodies(root: string): Lie {
  return lieAbout(root, async ({ bytes }, response) => {
    response.removeHeader('Content-Length');
    response.end(bytes.subarray(0, bytes.length >> 1));
  });
}

/** Headers at once, and then so many bytes a second. */
export function tricklingBodies(root: string, bytesPerSecond: number): Lie {
  const pieceMs = 200;
  const piece = Math.max(1, Math.round((bytesPerSecond * pieceMs) / 1000));
  return lieAbout(root, async ({ bytes }, response) => {
    response.flushHeaders();
    for (let at = 0; at < bytes.length && !response.destroyed; at += piece) {
      response.write(bytes.subarray(at, at + piece));
      await sleep(pieceMs);
    }
    response.end();
  });
}

/** HEAD is answered as if all were well, every GET with this status. */
export function refusedBodies(root: string, status: number): Lie {
  return lieAbout(root, async (_file, response) => {
    response.removeHeader('Content-Length');
    response.writeHead(status);
    response.end();
  });
}

/** Accepts connections, reads, and says nothing. */
export const silence: Lie = { tcp: (socket) => void socket.resume() };

/** A whole answer, head and body, at one byte a second. */
export const byteASecond: Lie = {
  tcp(socket) {
    const text = `HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n${'x'.repeat(1000)}`;
    let at = 0;
    const timer = setInterval(() => {
      socket.write(text.charAt(at++));
      if (at === text.length) socket.end();
    }, 1000);
    socket.resume().on('close', () => clearInterval(timer));
  },
};

type LiedAbout = { readonly bytes: Buffer };

/** Honest headers for the files below `root`; the body of a GET is the lie. */
function lieAbout(root: string, sendBody: (file: LiedAbout, response: ServerResponse) => Promise<void>): Lie {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = join(root, decodeURIComponent(request.url ?? '/'));
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() !== true) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('Content-Type', 'application/octet-stream');
    response.setHeader('Content-Length', found.size);
    response.setHeader('Last-Modified', found.mtime.toUTCString());
    if (request.method === 'HEAD') response.end();
    else await sendBody({ bytes: await readFile(path) }, response);
  };
  return {
    http: (request, response) => {
      answer(request, response).catch(() => response.destroy());
    },
  };
}
