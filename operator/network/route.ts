import { isIP, type LookupFunction } from 'node:net';
import { createSecureContext, getCACertificates, TLSSocket, type SecureContext } from 'node:tls';
import { Agent, buildConnector, Client, type Dispatcher } from 'undici';
import { Failure, printableURL } from '../failures.ts';
import { addressRefused, asciiHost, type Address, type AddressGuard } from './guard.ts';

/** A way to one origin: what sends the request, and what to do when its answer is over. */
export type Route = {
  readonly dispatcher: Dispatcher;
  /** Unix ms of the certificate last seen on this way; undefined without TLS. */
  readonly certificateExpiresAt: () => number | undefined;
  readonly done: () => Promise<void>;
};

export type Routes = {
  /** Throws Failure AddressRefused, UnresolvableHost or ProtocolError (a scheme that is not HTTP). */
  readonly open: (url: URL, pinned: Pinned, signal: AbortSignal) => Promise<Route>;
  readonly close: () => Promise<void>;
};

/** `address` belongs to the host of `url`. */
type Pinned = { readonly url: URL; readonly address?: Address | undefined };

type Deps = { readonly guard: AddressGuard; readonly ca?: readonly string[] | undefined };

const limits = {
  maxHeaderSize: 16 * 1024,
  connections: 4,
  keepAliveTimeout: 4000,
  keepAliveMaxTimeout: 30_000,
} as const;
const connectTimeoutMs = 60_000;
/** Origins whose certificate's end is remembered. */
const maxRemembered = 4096;

/** Keep-alive pools of at most four connections an origin; a pinned address gets a connection of its own. */
export function createRoutes(deps: Deps): Routes {
  const secureContext = createSecureContext(
    deps.ca === undefined ? {} : { ca: [...getCACertificates('default'), ...deps.ca] },
  );
  const expiries = new Map<string, number>();
  const remember = (origin: string, expiresAt: number): void => {
    expiries.delete(origin);
    expiries.set(origin, expiresAt);
    const oldest = expiries.keys().next();
    if (expiries.size > maxRemembered && oldest.done !== true) expiries.delete(oldest.value);
  };
  const connect = guardedConnector(deps.guard, { secureContext, lookup: deps.guard.lookup, remember });
  const agent = new Agent({ ...limits, allowH2: false, connect });
  return {
    close: () => agent.close(),
    open: async (url, pinned, signal) => {
      if (url.protocol !== 'http:' && url.protocol !== 'https:') {
        throw new Failure('ProtocolError', `${printableURL(url)} is not a web address`);
      }
      const address = await addressFor(url, pinned, { guard: deps.guard, signal });
      if (address === undefined) {
        return { dispatcher: agent, certificateExpiresAt: () => expiries.get(url.origin), done: async () => undefined };
      }
      return openPinned(deps.guard, { url, address, secureContext });
    },
  };
}

function openPinned(
  guard: AddressGuard,
  { url, address, secureContext }: { url: URL; address: Address; secureContext: SecureContext },
): Route {
  let expiresAt: number | undefined;
  const remember = (_origin: string, at: number): void => void (expiresAt = at);
  const connect = guardedConnector(guard, { secureContext, lookup: alwaysFinds(address), remember });
  const client = new Client(url.origin, { maxHeaderSize: limits.maxHeaderSize, allowH2: false, connect });
  return { dispatcher: client, certificateExpiresAt: () => expiresAt, done: () => client.destroy() };
}

/** The pinned address, or one of its family for another host of a redirect; undefined when nothing is pinned. */
async function addressFor(
  url: URL,
  { url: pinnedURL, address }: Pinned,
  { guard, signal }: { guard: AddressGuard; signal: AbortSignal },
): Promise<Address | undefined> {
  if (address === undefined) return undefined;
  if (url.hostname === pinnedURL.hostname) {
    const refusal = guard.refuse(address.address);
    if (refusal === undefined) return address;
    throw addressRefused(asciiHost(url.hostname), address.address, refusal);
  }
  const found = await guard.resolve(url.hostname, signal);
  const same = found.find(({ family }) => family === address.family);
  if (same !== undefined) return same;
  throw new Failure('UnresolvableHost', `${printableURL(url)}: the host has no IPv${address.family} address`);
}

function alwaysFinds({ address, family }: Address): LookupFunction {
  return (_hostname, options, callback) => {
    if (options.all === true) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
}

function guardedConnector(
  guard: AddressGuard,
  options: {
    readonly secureContext: SecureContext;
    readonly lookup: LookupFunction;
    readonly remember: (origin: string, certificateExpiresAt: number) => void;
  },
): buildConnector.connector {
  const { secureContext, lookup, remember } = options;
  const connect = buildConnector({
    secureContext,
    lookup,
    timeout: connectTimeoutMs,
    rejectUnauthorized: true,
    allowH2: false,
    // A resumed session would not have its certificate verified again.
    maxCachedSessions: 0,
  });
  return (target, callback) => {
    const host = asciiHost(target.hostname);
    const refusal = isIP(host) === 0 ? undefined : guard.refuse(host);
    if (refusal !== undefined) {
      callback(addressRefused(host, host, refusal), null);
      return;
    }
    connect({ ...target, hostname: host }, (...outcome) => {
      const [, socket] = outcome;
      if (socket instanceof TLSSocket)
        remember(`https://${target.host}`, Date.parse(socket.getPeerCertificate().valid_to));
      callback(...outcome);
    });
  };
}
