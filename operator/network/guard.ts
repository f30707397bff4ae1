import { lookup as lookupAll } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { domainToASCII } from 'node:url';
import { Failure } from '../failures.ts';
import { judgedAddress } from './embedded-address.ts';
import { networkSet } from './network-set.ts';
import { specialPurposeNetworks } from './special-purpose.ts';

export type Address = { readonly address: string; readonly family: 4 | 6 };

/**
 * Decides to which addresses the operator may speak. A resource must not turn it into a port scanner of its own network:
 * loopback, link-local, private and other special-purpose addresses (IANA registries, RFC 6890) are refused unless configured.
 */
export type AddressGuard = {
  /** The host's addresses that may be spoken to. Throws Failure AddressRefused (some exist, none allowed) or UnresolvableHost. */
  readonly resolve: (host: string, signal: AbortSignal) => Promise<readonly Address[]>;
  /** For `net.connect({lookup})`; note that node does not call it for IP literals: connectors check those with `refuse`. */
  readonly lookup: LookupFunction;
  /** Why this IP literal may not be spoken to, or undefined. */
  readonly refuse: (address: string) => string | undefined;
};

/** Makes the guard; `allow` holds CIDRs (or addresses) that may be spoken to although they are special, or `Everything`. */
export function createAddressGuard(options: { readonly allow: 'Everything' | readonly string[] }): AddressGuard {
  const refuse = createJudge(options.allow);
  const allowedOf = (host: string, found: readonly Address[]): readonly Address[] => {
    const allowed = found.filter((each) => refuse(each.address) === undefined);
    if (allowed.length > 0) return allowed;
    const first = found[0];
    if (first === undefined) throw new Failure('UnresolvableHost', `${host} has no address`);
    throw addressRefused(host, first.address, refuse(first.address) ?? '');
  };
  return {
    refuse,
    resolve: async (host, signal) => {
      const name = asciiHost(host);
      return allowedOf(name, await addressesOf(name, signal));
    },
    lookup: (hostname, lookupOptions, callback) => {
      lookupAll(hostname, { ...lookupOptions, all: true, verbatim: true }, (error, found) => {
        if (error) return callback(unresolvable(hostname, error), '', 0);
        try {
          const allowed = allowedOf(hostname, found.map(asAddress));
          if (lookupOptions.all === true) return callback(null, [...allowed]);
          callback(null, allowed[0]?.address ?? '', allowed[0]?.family ?? 0);
        } catch (refused) {
          callback(refused as NodeJS.ErrnoException, '', 0);
        }
      });
    },
  };
}

function createJudge(allow: 'Everything' | readonly string[]): AddressGuard['refuse'] {
  const allowed = networkSet(allow === 'Everything' ? [] : allow);
  const special = specialPurposeNetworks.map(({ purpose, networks }) => ({ purpose, includes: networkSet(networks) }));
  return (literal) => {
    const address = judgedAddress(literal);
    if (address === undefined) return 'not an IP address';
    if (allow === 'Everything' || allowed(address)) return undefined;
    return special.find(({ includes }) => includes(address))?.purpose;
  };
}

async function addressesOf(host: string, signal: AbortSignal): Promise<readonly Address[]> {
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family: family === 6 ? 6 : 4 }];
  if (host === '') throw new Failure('UnresolvableHost', 'the URL names no host');
  if (signal.aborted) throw new Failure('Cancelled', `looking up ${host} was cancelled`);
  const { promise, resolve, reject } = Promise.withResolvers<readonly Address[]>();
  // getaddrinfo cannot be cancelled: its answer is left unheard when the signal aborts.
  const cancel = (): void => reject(new Failure('Cancelled', `looking up ${host} was cancelled`));
  signal.addEventListener('abort', cancel, { once: true });
  lookupAll(host, { all: true, verbatim: true }, (error, found) => {
    signal.removeEventListener('abort', cancel);
    if (error) reject(unresolvable(host, error));
    else resolve(found.map(asAddress));
  });
  return promise;
}

const asAddress = (found: { address: string; family: number }): Address => ({
  address: found.address,
  family: found.family === 6 ? 6 : 4,
});

function unresolvable(host: string, cause: NodeJS.ErrnoException): Failure {
  const why = cause.code === 'EAI_AGAIN' ? 'the name servers do not answer' : 'no such host name';
  return new Failure('UnresolvableHost', `${host} cannot be resolved: ${why}`, { cause });
}

/** Why a host is not spoken to, and what to do if it should be. */
export function addressRefused(host: string, address: string, purpose: string): Failure {
  const shown = host === address ? host : `${host} (${address})`;
  const cure = 'name its network in GEOMIRROR_ALLOW_PRIVATE_MIRRORS if that is meant';
  return new Failure('AddressRefused', `${shown} is refused: ${purpose}; ${cure}`);
}

/** A URL's host without brackets, decoded and in ASCII: `rsync:` and other non-special schemes keep what was written. */
export function asciiHost(host: string): string {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (isIP(bare) !== 0) return bare;
  try {
    return domainToASCII(decodeURIComponent(bare));
  } catch {
    return '';
  }
}
