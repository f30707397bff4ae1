import { isIPv4, isIPv6 } from 'node:net';

/** An IP address, taken apart once. */
export type Address = {
  readonly family: 4 | 6;
  /** As it would be typed: no brackets, no zone; an IPv4-mapped address as IPv4. Two spellings of one IPv6 address may differ. */
  readonly text: string;
  /** The first 32 (IPv4) or 48 (IPv6) bits. */
  readonly high: number;
  /** The 80 bits after them; 0n for IPv4. */
  readonly low: bigint;
};

/** An address range in CIDR notation, host bits ignored. */
export type Network = { readonly address: Address; readonly length: number };

/** Leading bits of an address; comparable with `===` among prefixes of one family and length. */
export type Prefix = number | string;

const mapped = 0xff_ff_00_00_00_00n;

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

const readGroups = (text: string): number[] => {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const value = readIPv4(group);
    return [Math.floor(value / 65_536), value % 65_536];
  });
};

const dotted = (value: number): string =>
  `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;

const ipv4 = (text: string, value: number): Address => ({ family: 4, text, high: value, low: 0n });

const readIPv6 = (text: string): Address => {
  const [before = '', after] = text.split('::', 2);
  const head = readGroups(before);
  const tail = after === undefined ? [] : readGroups(after);
  const groups = [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail];
  let high = 0;
  for (const group of groups.slice(0, 3)) high = high * 65_536 + group;
  let low = 0n;
  for (const group of groups.slice(3)) low = low * 65_536n + BigInt(group);
  if (high === 0 && low >> 32n === mapped >> 32n) {
    const value = Number(low & 0xff_ff_ff_ffn);
    return ipv4(dotted(value), value);
  }
  return { family: 6, text, high, low };
};

/** Reads an IPv4 or IPv6 address; undefined for anything else. A zone (`%eth0`) is dropped, IPv4-mapped IPv6 becomes IPv4. */
export const parseAddress = (text: string): Address | undefined => {
  if (isIPv4(text)) return ipv4(text, readIPv4(text));
  if (!isIPv6(text)) return undefined;
  const zone = text.indexOf('%');
  return readIPv6((zone < 0 ? text : text.slice(0, zone)).toLowerCase());
};

/** The address's first `length` bits. */
export const prefixOf = (address: Address, length: number): Prefix => {
  if (address.family === 4) return Math.floor(address.high / 2 ** (32 - length));
  if (length <= 48) return Math.floor(address.high / 2 ** (48 - length));
  return `${address.high}:${address.low >> BigInt(128 - length)}`;
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
