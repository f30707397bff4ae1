import type { Credentials } from '../scan/listing.ts';
import { Failure, printableURL } from '../failures.ts';
import { asFailure } from './explain.ts';
import type { Address, AddressGuard } from './guard.ts';
import { nextHop, type RedirectPolicy } from './redirect.ts';
import { createRoutes, type Route, type Routes } from './route.ts';
import { createWatchdog, type Watchdog } from './watchdog.ts';

export type HTTPRequest = {
  readonly method: 'GET' | 'HEAD';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as Basic to the origin of `url` only. */
  readonly credentials?: Credentials | undefined;
  /** Bounds connecting and waiting for the headers together, and then each silence in the body. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** At most five hops, each checked by the guard; nothing secret follows to another origin. */
  readonly redirects: RedirectPolicy;
  /** Connect to exactly this address, with SNI and Host of the URL; redirects to other hosts stay in its family. */
  readonly address?: Address | undefined;
};

export type HTTPResponse = {
  readonly status: number;
  /** Names in lower case; of repeated headers the first. */
  readonly headers: Readonly<Record<string, string>>;
  /** The URL that answered, after redirects. */
  readonly url: URL;
  /** To be read or closed, unless the method was HEAD; throws Failure. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Drops what was not read; may be called at any time and more than once. */
  readonly close: () => Promise<void>;
  /** Unix ms; https only. */
  readonly certificateExpiresAt?: number | undefined;
};

/** Asks hosts that the guard lets pass; TLS is always verified. Throws nothing but Failure. */
export type HTTPClient = {
  readonly request: (request: HTTPRequest) => Promise<HTTPResponse>;
  readonly close: () => Promise<void>;
};

type Deps = {
  readonly guard: AddressGuard;
  readonly userAgent: string;
  /** PEM certificates to trust besides the system's. */
  readonly ca?: readonly string[] | undefined;
};

const maxHops = 5;

/** Makes the client; `close` ends its idle connections and waits for the busy ones. */
export function createHTTPClient(deps: Deps): HTTPClient {
  const routes = createRoutes(deps);
  return {
    close: routes.close,
    request: async (request) => {
      const doing = `${request.method} ${printableURL(request.url)}`;
      const watchdog = createWatchdog({ ...request, doing });
      try {
        return await follow(routes, { ...request, headers: headersOf(request, deps.userAgent) }, watchdog);
      } catch (error) {
        watchdog[Symbol.dispose]();
        throw asFailure(watchdog.signal.aborted ? watchdog.signal.reason : error, doing);
      }
    },
  };
}

type Asked = HTTPRequest & { readonly headers: Readonly<Record<string, string>> };

async function follow(routes: Routes, first: Asked, watchdog: Watchdog): Promise<HTTPResponse> {
  let { url, headers } = first;
  for (let hop = 0; hop <= maxHops; hop++) {
    const route = await routes.open(url, first, watchdog.signal);
    const next = await ask(route, { ...first, url, headers }, watchdog);
    if (!(next instanceof URL)) return next;
    if (next.origin !== url.origin) headers = withoutSecrets(headers);
    url = next;
    watchdog.watch();
  }
  throw new Failure('RedirectRefused', `${printableURL(first.url)} redirects more than ${maxHops} times`);
}

/** The answer, or where it leads. */
async function ask(route: Route, asked: Asked, watchdog: Watchdog): Promise<HTTPResponse | URL> {
  let body: Body | undefined;
  try {
    const { url, method, headers } = asked;
    const answering = route.dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers,
      signal: watchdog.signal,
      // The watchdog counts instead: undici's own timers are a second coarse.
      headersTimeout: 0,
      bodyTimeout: 0,
      // undici would close the connection after every HEAD.
      reset: false,
    });
    const answer = await untilAborted(answering, watchdog.signal);
    watchdog.pause();
    body = answer.body;
    // An error after the last reader has gone is nobody's.
    answer.body.on('error', () => undefined);
    const received = firstValues(answer.headers);
    const next = nextHop(url, { status: answer.statusCode, location: received['location'] }, asked.redirects);
    if (next === undefined)
      return await respond({ status: answer.statusCode, headers: received, body }, asked, { route, watchdog });
    await leave(body, route);
    return next;
  } catch (error) {
    await leave(body, route);
    throw error;
  }
}

/** undici does not hear of an abort while it connects: what comes too late is dropped. */
async function untilAborted<Answer extends { readonly body: Body }>(
  answering: Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason as Error);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([answering, aborted.promise]);
  } catch (error) {
    answering.then(
      ({ body }) => body.destroy(),
      () => undefined,
    );
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

type Body = AsyncIterable<Uint8Array> & { readonly destroy: () => void; readonly readableEnded: boolean };

/** Gives the connection back if the body was read to its end, else ends it. */
async function leave(body: Body | undefined, route: Route): Promise<void> {
  if (body?.readableEnded === false) body.destroy();
  await route.done();
}

async function respond(
  { status, headers, body }: { status: number; headers: Record<string, string>; body: Body },
  asked: Asked,
  { route, watchdog }: { route: Route; watchdog: Watchdog },
): Promise<HTTPResponse> {
  const close = async (): Promise<void> => {
    watchdog[Symbol.dispose]();
    await leave(body, route);
  };
  const response: HTTPResponse = {
    status,
    headers,
    url: asked.url,
    body: { [Symbol.asyncIterator]: () => read(body, asked, { watchdog, close }) },
    close,
    certificateExpiresAt: route.certificateExpiresAt(),
  };
  // Waiting for the end of no body gives the connection back before the next request looks for one.
  if (asked.method === 'HEAD') for await (const _none of response.body);
  return response;
}

async function* read(
  body: Body,
  asked: Asked,
  { watchdog, close }: { watchdog: Watchdog; close: () => Promise<void> },
): AsyncGenerator<Uint8Array, void, void> {
  try {
    watchdog.watch();
    for await (const chunk of body) {
      watchdog.pause();
      yield chunk;
      watchdog.watch();
    }
  } catch (error) {
    throw asFailure(error, `${asked.method} ${printableURL(asked.url)}`);
  } finally {
    await close();
  }
}

function headersOf(request: HTTPRequest, userAgent: string): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': userAgent, accept: '*/*', 'accept-encoding': 'identity' };
  for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value;
  if (request.credentials !== undefined) {
    const { username, password } = request.credentials;
    headers['authorization'] = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }
  return headers;
}

const secretHeaders: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);

/** What may be sent along to another origin. */
function withoutSecrets(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !secretHeaders.has(name)));
}

function firstValues(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) values[name.toLowerCase()] = first;
  }
  return values;
}
