import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** What counts as one remote host: the name, whatever the port. On loopback each port plays a host of its own. */
export function remoteHost(url: string): string {
  const { hostname, host } = new URL(url);
  const name = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(name);
  const isLoopback =
    family === 0 ? /^(.+\.)?localhost$/.test(name) : loopback.check(name, family === 6 ? 'ipv6' : 'ipv4');
  return isLoopback ? host : hostname;
}
