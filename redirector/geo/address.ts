import { isIPv4, isIPv6 } from 'node:net';

/** An IP address, taken apart once. */
export type Address = {
  readonly family: 4 | 6;
  /** As it would be typed: no brackets, no zone; an IPv4-mapped address as IPv4. Two spellings of one IPv6 address may differ. */
  readonly text: string;
  /** The first 32 (IPv4) or 48 (IPv6) bits. */
  readonly high: number;
  /** The 32 bits after them; 0 for IPv4. */
  readonly middle: number;
  /** The last 48 bits; 0 for IPv4. */
  readonly low: number;
};

/** An address range in CIDR notation, host bits ignored. */
export type Network = { readonly address: Address; readonly length: number };

/** Leading bits of an address; comparable with `===` among prefixes of one family and length. */
export type Prefix = number | string;

const mappedPrefix = '::ffff:';

const readIPv4 = (text: string): number => {
  let value = 0;
  let part = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 46) {
      value = value * 256 + part;
      part = 0;
    } else part = part * 10 + code - 48;
  }
  return value * 256 + part;
};

/** Reads 16-bit groups into `groups` from a position on; returns the position after them. */
const readGroups = (text: string, groups: number[], from: number): number => {
  let at = from;
  if (text === '') return at;
  for (const group of text.split(':')) {
    if (group.includes('.')) {
      const value = readIPv4(group);
      groups[at++] = Math.floor(value / 65_536);
      groups[at++] = value % 65_536;
    } else groups[at++] = Number.parseInt(group, 16);
  }
  return at;
};

const dotted = (value: number): string =>
  `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;

const ipv4 = (text: string, value: number): Address => ({ family: 4, text, high: value, middle: 0, low: 0 });

const expand = (text: string): readonly number[] => {
  const groups = [0, 0, 0, 0, 0, 0, 0, 0];
  const gap = text.indexOf('::');
  if (gap < 0) {
    readGroups(text, groups, 0);
    return groups;
  }
  readGroups(text.slice(0, gap), groups, 0);
  const tail: number[] = [];
  const length = readGroups(text.slice(gap + 2), tail, 0);
  for (let at = 0; at < length; at++) groups[8 - length + at] = tail[at] ?? 0;
  return groups;
};

const joined = (groups: readonly number[], from: number, until: number): number => {
  let value = 0;
  for (let at = from; at < until; at++) value = value * 65_536 + (groups[at] ?? 0);
  return value;
};

const readIPv6 = (text: string): Address => {
  const groups = expand(text);
  const [high, middle, low] = [joined(groups, 0, 3), joined(groups, 3, 5), joined(groups, 5, 8)];
  const last = joined(groups, 6, 8);
  if (high === 0 && middle === 0 && groups[5] === 65_535) return ipv4(dotted(last), last);
  return { family: 6, text, high, middle, low };
};

/** Reads an IPv4 or IPv6 address; undefined for anything else. A zone (`%eth0`) is dropped, IPv4-mapped IPv6 becomes IPv4. */
export const parseAddress = (text: string): Address | undefined => {
  if (isIPv4(text)) return ipv4(text, readIPv4(text));
  // How a socket that listens to both families shows an IPv4 peer.
  if (text.startsWith(mappedPrefix) && isIPv4(text.slice(7))) return parseAddress(text.slice(7));
  if (!isIPv6(text)) return undefined;
  const zone = text.indexOf('%');
  return readIPv6((zone < 0 ? text : text.slice(0, zone)).toLowerCase());
};

/** The address's first `length` bits. */
export const prefixOf = (address: Address, length: number): Prefix => {
  if (address.family === 4) return Math.floor(address.high / 2 ** (32 - length));
  if (length <= 48) return Math.floor(address.high / 2 ** (48 - length));
  if (length <= 80) return `${address.high}:${Math.floor(address.middle / 2 ** (80 - length))}`;
  return `${address.high}:${address.middle}:${Math.floor(address.low / 2 ** (128 - length))}`;
};

const readLength = (text: string, address: Address, mappedSpelling: boolean): number | undefined => {
  const bits = address.family === 4 ? 32 : 128;
  if (!/^\d{1,3}$/.test(text)) return undefined;
  const length = Number(text) - (mappedSpelling ? 96 : 0);
  return length >= 0 && length <= bits ? length : undefined;
};

/** Reads `address/length`, or a single address; undefined for anything else. `::ffff:a.b.c.d/n` is the IPv4 network. */
export const parseNetwork = (text: string): Network | undefined => {
  const [host = '', given, more] = text.split('/', 3);
  const address = parseAddress(host);
  if (address === undefined || more !== undefined) return undefined;
  if (given === undefined) return { address, length: address.family === 4 ? 32 : 128 };
  const length = readLength(given, address, address.family === 4 && host.includes(':'));
  return length === undefined ? undefined : { address, length };
};

/** How many leading bits one household or office usually shares, by family. */
export const clientBits = { 4: 24, 6: 48 } as const;

/** The client's /24 (IPv4) or /48 (IPv6) as a short text; '' for what is no address. */
export const clientNetwork = (text: string): string => {
  const address = parseAddress(text);
  if (address === undefined) return '';
  return `${address.family}/${prefixOf(address, clientBits[address.family])}`;
};
