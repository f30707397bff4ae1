/**
 * Networks that are not part of the public internet: the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890)
 * without the entries that are globally reachable, and multicast.
 */
export const specialPurposeNetworks: readonly { readonly purpose: string; readonly networks: readonly string[] }[] = [
  { purpose: 'a loopback address', networks: ['127.0.0.0/8', '::1/128'] },
  {
    purpose: 'a private address',
    networks: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fec0::/10'],
  },
  { purpose: 'a link-local address', networks: ['169.254.0.0/16', 'fe80::/10'] },
  { purpose: 'a shared address (carrier-grade NAT)', networks: ['100.64.0.0/10'] },
  { purpose: 'an address of "this network"', networks: ['0.0.0.0/8', '::/128'] },
  { purpose: 'a multicast address', networks: ['224.0.0.0/4', 'ff00::/8'] },
  { purpose: 'a broadcast address', networks: ['255.255.255.255/32'] },
  {
    purpose: 'a documentation address',
    networks: ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20'],
  },
  { purpose: 'a benchmarking address', networks: ['198.18.0.0/15', '2001:2::/48'] },
  {
    purpose: 'an address of a transition mechanism',
    networks: ['192.88.99.0/24', '64:ff9b:1::/48', '2001::/32', '2002::/16', '::/96', '::ffff:0:0:0/96'],
  },
  {
    purpose: 'an address reserved for protocols',
    networks: [
      '192.0.0.0/24',
      '240.0.0.0/4',
      '100::/64',
      '100:0:0:1::/64',
      '2001:10::/28',
      '2001:20::/28',
      '2001:30::/28',
      '5f00::/16',
    ],
  },
  // Everything outside 2000::/3 is unassigned: what routes there is local by definition.
  { purpose: 'an address outside of global unicast', networks: ['::/3', '4000::/2', '8000::/1'] },
];
