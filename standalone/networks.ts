import { isIP } from 'node:net';

/** A sentence about the first entry that is no CIDR, or undefined. */
export function networksMistake(networks: readonly string[]): string | undefined {
  const wrong = networks.find((network) => !isNetwork(network));
  return wrong === undefined
    ? undefined
    : `"${wrong}" is no network. Write true, or CIDRs such as 10.0.0.0/8 or 127.0.0.1/32.`;
}

function isNetwork(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  const family = isIP(address);
  return family !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}
