import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Answer } from './answer/answer.ts';
import type { Request, Routed } from './route.ts';

export type ServerDeps = {
  /** The story of a request, see route.ts. */
  readonly route: (request: Request) => Routed;
  /** Told of every answer, after it was written. */
  readonly onAnswer: (routed: Routed) => void;
  /** Told of a bug that made a request fail; the client gets 500. */
  readonly onError: (error: unknown) => void;
};

// Longer than the usual 60 s of a proxy, so that it is never we who close a connection that the proxy is about to use.
const keepAliveTimeoutMs = 75_000;
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 20_000;
const maxHeaderBytes = 16 * 1024;

/** An HTTP server that answers every request in the turn of the event loop that it arrives in. Not listening yet. */
export function createRedirectorServer(deps: ServerDeps): Server {
  const options = {
    keepAliveTimeout: keepAliveTimeoutMs,
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: 5000,
    maxHeaderSize: maxHeaderBytes,
    noDelay: true,
    // Requests without a body, nearly all of them, then have no stream to be set up and torn down.
    optimizeEmptyRequests: true,
  };
  const server = createServer(options, (incoming, response) => {
    try {
      const routed = deps.route(read(incoming));
      if (!server.listening) response.shouldKeepAlive = false;
      render(routed.answer, response);
      deps.onAnswer(routed);
    } catch (error) {
      fail(response);
      deps.onError(error);
    }
  });
  server.on('clientError', refuse);
  return server;
}

/** Picks the headers that matter: `incoming.headers` would sort all of them into an object first. */
function read({ method = '', url = '', rawHeaders, socket }: IncomingMessage): Request {
  return {
    method,
    target: url,
    peer: socket.remoteAddress ?? '',
    host: headerOf(rawHeaders, 'host') ?? '',
    forwardedFor: headerOf(rawHeaders, 'x-forwarded-for'),
    forwardedProto: headerOf(rawHeaders, 'x-forwarded-proto'),
    accept: headerOf(rawHeaders, 'accept'),
    ifNoneMatch: headerOf(rawHeaders, 'if-none-match'),
    ifModifiedSince: headerOf(rawHeaders, 'if-modified-since'),
  };
}

/** The value of a header by its lower-case name; lines of one name are one list (RFC 9110, section 5.3). */
function headerOf(rawHeaders: readonly string[], name: string): string | undefined {
  let value: string | undefined;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const given = rawHeaders[at] ?? '';
    if (given.length !== name.length || given.toLowerCase() !== name) continue;
    value = value === undefined ? rawHeaders[at + 1] : `${value}, ${rawHeaders[at + 1]}`;
  }
  return value;
}

/** Writes it whole; Node leaves the body out of answers to HEAD, and of 304. */
function render({ status, headers, body }: Answer, response: ServerResponse): void {
  response.writeHead(status, headers.slice());
  response.end(body);
}

function fail(response: ServerResponse): void {
  if (response.headersSent) response.destroy();
  else
    response
      .writeHead(500, ['Content-Type', 'text/plain; charset=utf-8', 'Connection', 'close'])
      .end('Internal error.\n');
}

const refusals: Readonly<Record<string, readonly [status: string, line: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', `The headers are larger than ${maxHeaderBytes} bytes.`],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request took too long to arrive.'],
};

/** Answers what could not be read as HTTP, and hangs up. */
function refuse(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, line] = refusals[error.code ?? ''] ?? ['400 Bad Request', 'The request is not well-formed HTTP/1.1.'];
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n`;
  socket.end(`${head}Content-Length: ${line.length + 1}\r\n\r\n${line}\n`);
}

/** Stops listening, closes idle connections, lets the others finish, and cuts what is left after `limitMs`. */
export async function drain(server: Server, limitMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const cut = setTimeout(() => server.closeAllConnections(), limitMs);
  await closed;
  clearTimeout(cut);
}

/** An address cannot be listened on; the message names the cure. */
export class CannotListen extends Error {
  override readonly name = 'CannotListen';
}

/** Resolves when the server accepts connections; rejects with CannotListen. */
export async function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const refused = (cause: Error): void =>
    reject(
      new CannotListen(`${cause.message}. Name another address in GEOMIRROR_LISTEN or GEOMIRROR_ADMIN_LISTEN.`, {
        cause,
      }),
    );
  server.once('error', refused);
  server.listen(port, host, () => resolve());
  await promise;
  server.off('error', refused);
}
