import { isIP } from 'node:net';

/**
 * The address that a packet to `literal` would reach as far as judging it goes: zone indices are dropped, IPv4-mapped
 * (RFC 4291) and NAT64 (64:ff9b::/96, RFC 6052) addresses become the IPv4 address inside. Undefined if it is no IP literal.
 */
export function judgedAddress(literal: string): string | undefined {
  const address = literal.split('%', 1)[0] ?? '';
  const family = isIP(address);
  if (family !== 6) return family === 4 ? address : undefined;
  const groups = groupsOf(address);
  const [high = 0, low = 0] = groups.slice(6);
  const prefix = groups
    .slice(0, 6)
    .map((group) => group.toString(16))
    .join(':');
  const embeds = prefix === '0:0:0:0:0:ffff' || prefix === '64:ff9b:0:0:0:0';
  return embeds ? `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}` : address;
}

/** The eight 16-bit groups of a valid IPv6 literal. */
function groupsOf(address: string): readonly number[] {
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const hex = dotted === null ? address : address.slice(0, dotted.index) + hexOf(dotted.slice(1).map(Number));
  const [before = '', after] = hex.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const gap: string[] = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...(after === undefined ? [] : gap), ...tail].map((group) => Number.parseInt(group, 16));
}

function hexOf([a = 0, b = 0, c = 0, d = 0]: readonly number[]): string {
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}
