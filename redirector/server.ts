import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Answer } from './answer/answer.ts';
import type { Request } from './route.ts';

export type ServerDeps = {
  /** The story of a request, see route.ts. */
  readonly route: (request: Request) => Answer;
  /** Told of every answer, after it was written. */
  readonly onAnswer: (answer: Answer) => void;
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
      const answer = deps.route(read(incoming));
      if (!server.listening) response.shouldKeepAlive = false;
      render(answer, response);
      deps.onAnswer(answer);
    } catch (error) {
      fail(response);
      deps.onError(error);
    }
  });
  server.on('clientError', refuse);
  return server;
}

type Header = 'host' | 'forwardedFor' | 'forwardedProto' | 'accept' | 'ifNoneMatch' | 'ifModifiedSince';

const headerNames: ReadonlyMap<string, Header> = new Map([
  ['host', 'host'],
  ['x-forwarded-for', 'forwardedFor'],
  ['x-forwarded-proto', 'forwardedProto'],
  ['accept', 'accept'],
  ['if-none-match', 'ifNoneMatch'],
  ['if-modified-since', 'ifModifiedSince'],
]);

/** Picks the headers that matter: `incoming.headers` would sort all of them into an object first. */
function read({ method = '', url = '', rawHeaders, socket }: IncomingMessage): Request {
  const found: Record<Header, string | undefined> = {
    host: undefined,
    forwardedFor: undefined,
    forwardedProto: undefined,
    accept: undefined,
    ifNoneMatch: undefined,
    ifModifiedSince: undefined,
  };
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const header = headerNames.get((rawHeaders[at] ?? '').toLowerCase());
    if (header === undefined) continue;
    const before = found[header];
    const value = rawHeaders[at + 1] ?? '';
    // Lines of one name are one list (RFC 9110, section 5.3).
    found[header] = before === undefined ? value : `${before}, ${value}`;
  }
  return { method, target: url, peer: socket.remoteAddress ?? '', ...found, host: found.host ?? '' };
}

/** Writes it whole; Node leaves the body out of answers to HEAD, and of 304. */
function render({ status, headers, body }: Answer, response: ServerResponse): void {
  const all = [...headers];
  if (status !== 304) all.push('Content-Length', String(Buffer.byteLength(body)));
  response.writeHead(status, all);
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

/** Resolves when the server accepts connections; rejects with the address in the message if it cannot. */
export async function listen(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const refused = (cause: Error): void =>
    reject(new Error(`Cannot listen on ${host}:${port}: ${cause.message}`, { cause }));
  server.once('error', refused);
  server.listen(port, host, () => resolve());
  await promise;
  server.off('error', refused);
}
