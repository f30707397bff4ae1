import { type Address, parseAddress } from './geo/address.ts';
import { indexNetworks } from './geo/networks.ts';
import { createRecent } from './geo/recent.ts';

/** Who may say on whose behalf it asks. */
export type TrustedProxies = { readonly trusts: (address: Address | undefined) => boolean };

/** Entry for peers of a Unix socket, which have no address. */
const unixSocket = 'unix:';

/** Trusts the listed CIDRs and single addresses, and with `unix:` every peer of a Unix socket; names the entries that are neither. */
export const readTrustedProxies = (
  entries: readonly string[],
): { readonly proxies: TrustedProxies; readonly invalid: readonly string[] } => {
  const networks = indexNetworks(entries.filter((entry) => entry !== unixSocket));
  const unixTrusted = entries.includes(unixSocket);
  return {
    proxies: { trusts: (address) => (address === undefined ? unixTrusted : networks.contain(address)) },
    invalid: networks.invalid,
  };
};

/** Trusts nobody: the peer is the client. */
export const noTrustedProxies: TrustedProxies = { trusts: () => false };

const withoutPort = (element: string): string => {
  if (element.startsWith('[')) return /^\[([^\]]*)\](?::\d{1,5})?$/.exec(element)?.[1] ?? '';
  const colon = element.indexOf(':');
  return colon >= 0 && colon === element.lastIndexOf(':') && /^\d{1,5}$/.test(element.slice(colon + 1))
    ? element.slice(0, colon)
    : element;
};

/**
 * The client's address as text, never from anyone but a trusted proxy:
 *
 *     peer                      X-Forwarded-For            client
 *     not trusted               anything                   peer
 *     trusted                   none                       peer
 *     trusted                   …, client, trusted …       the right-most that is not trusted
 *     trusted                   all of them trusted        the left-most
 *     trusted                   …, garbage, good …         the left-most good one right of the garbage; the peer if none
 *     Unix socket (''), trusted garbage or none            ''
 *
 * IPv4-mapped IPv6 is unwrapped; ports and brackets are dropped. A peer that is no address is ''.
 */
export const clientAddress = (peer: string, forwardedFor: string | undefined, trusted: TrustedProxies): string => {
  const address = parseAddress(peer);
  const named = forwardedFor !== undefined && trusted.trusts(address) ? namedClient(forwardedFor, trusted) : '';
  return named === '' ? (address?.text ?? '') : named;
};

/** The client that trusted proxies name, by the table above; '' if none. */
const namedClient = (forwardedFor: string, trusted: TrustedProxies): string => {
  let current: Address | undefined;
  let end = forwardedFor.length;
  while (end > 0 && (current === undefined || trusted.trusts(current))) {
    const comma = forwardedFor.lastIndexOf(',', end - 1);
    const element = parseAddress(withoutPort(forwardedFor.slice(comma + 1, end).trim()));
    if (element === undefined) break;
    current = element;
    end = comma;
  }
  return current?.text ?? '';
};

const mostPeers = 4096;
const mostNamed = 16_384;
/** Longer headers are read each time, so that memory is bounded whatever clients write before their proxy's line. */
const mostNamedLength = 128;

/** The same answers as `clientAddress`, remembered: the same few peers speak for the same clients again and again. */
export const rememberClients = (
  trusted: TrustedProxies,
): ((peer: string, forwardedFor: string | undefined) => string) => {
  const peers = createRecent<string, { readonly text: string; readonly isTrusted: boolean }>(mostPeers);
  const named = createRecent<string, string>(mostNamed);
  const readPeer = (peer: string) => {
    const address = parseAddress(peer);
    const known = { text: address?.text ?? '', isTrusted: trusted.trusts(address) };
    peers.set(peer, known);
    return known;
  };
  const readNamed = (forwardedFor: string): string => {
    const client = namedClient(forwardedFor, trusted);
    // A slice would keep the whole header in memory as long as somebody remembers the address.
    if (forwardedFor.length > mostNamedLength) return Buffer.from(client, 'latin1').toString('latin1');
    named.set(forwardedFor, client);
    return client;
  };
  return (peer, forwardedFor) => {
    const { text, isTrusted } = peers.get(peer) ?? readPeer(peer);
    if (forwardedFor === undefined || !isTrusted) return text;
    return (named.get(forwardedFor) ?? readNamed(forwardedFor)) || text;
  };
};

/** The scheme that the client used, if a trusted peer names it in X-Forwarded-Proto: its left-most element, which the proxy next to the client wrote. */
export const forwardedProtocol = (
  peer: string,
  forwardedProto: string | undefined,
  trusted: TrustedProxies,
): 'http' | 'https' | undefined => {
  if (forwardedProto === undefined || !trusted.trusts(parseAddress(peer))) return undefined;
  const scheme = (forwardedProto.split(',', 1)[0] ?? '').trim().toLowerCase();
  return scheme === 'http' || scheme === 'https' ? scheme : undefined;
};
