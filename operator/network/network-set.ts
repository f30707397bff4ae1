import { BlockList, isIP } from 'node:net';

/** Tests membership of IP literals in networks given as CIDRs or single addresses; throws RangeError naming what is neither. */
export function networkSet(cidrs: readonly string[]): (address: string) => boolean {
  // One list per family: a BlockList would match IPv4 addresses against the IPv6 networks around ::ffff:0:0/96.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const cidr of cidrs) {
    const { network, bits, family } = parseNetwork(cidr);
    lists[family].addSubnet(network, bits, family);
  }
  return (address) => {
    const family = familyOf(address);
    return lists[family].check(address, family);
  };
}

function parseNetwork(cidr: string): { network: string; bits: number; family: 'ipv4' | 'ipv6' } {
  const [network = '', length, ...rest] = cidr.split('/');
  const family = familyOf(network);
  const most = family === 'ipv6' ? 128 : 32;
  const bits = length === undefined ? most : Number(length);
  const valid = isIP(network) !== 0 && length !== '' && Number.isInteger(bits) && bits >= 0 && bits <= most;
  if (!valid || rest.length > 0) {
    throw new RangeError(`"${cidr}" is not a network; write it like 192.0.2.0/24 or 2001:db8::/32`);
  }
  return { network, bits, family };
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');
