import type { EndpointHealth, MirrorHealth } from '@geomirror/catalog/health.ts';
import type { MirrorRecord } from '@geomirror/catalog/manifest.ts';
import type { ExclusionReason } from '@geomirror/catalog/reason.ts';

/** What a client can be sent to: any scheme (https if it can be had), or one only. */
export type Scheme = 'Any' | 'HTTPS' | 'HTTP';

/** Where a mirror would send clients of one scheme, and why it must not. */
export type MirrorEndpoint = {
  /** '' only where the mirror has no endpoint of this scheme. */
  readonly url: string;
  /** Undefined: clients can be sent there. */
  readonly reason: ExclusionReason | undefined;
  readonly health: EndpointHealth | undefined;
};

/** The best endpoint of a mirror for one scheme: one that is up before one that is down, https before http. */
export function endpointOf(mirror: MirrorRecord, health: MirrorHealth | undefined, scheme: Scheme): MirrorEndpoint {
  const usable = mirror.endpoints.filter((url) => hasScheme(url, scheme)).toSorted(httpsFirst);
  const known = new Map(health?.endpoints.map((endpoint) => [endpoint.url, endpoint]));
  const up = usable.find((url) => known.get(url)?.up === true);
  const url = up ?? usable[0];
  if (url === undefined) return { url: '', reason: scheme === 'HTTP' ? 'NotHTTP' : 'NotHTTPS', health: undefined };
  return { url, reason: reasonOf(mirror, health, up !== undefined), health: known.get(url) };
}

function reasonOf(
  { mode }: MirrorRecord,
  health: MirrorHealth | undefined,
  isUp: boolean,
): ExclusionReason | undefined {
  if (mode === 'Drained') return 'Drained';
  const withheld = health?.withheld;
  // Wrong bytes stay wrong while nobody answers.
  if (isUp || withheld === 'ContentWrong' || withheld === 'ContentMissing') return withheld;
  return 'Down';
}

/** Whether a URL can be given to a client that takes only this scheme. */
export function hasScheme(url: string, scheme: Scheme): boolean {
  switch (scheme) {
    case 'Any':
      return true;
    case 'HTTPS':
      return url.startsWith('https://');
    case 'HTTP':
      return url.startsWith('http://');
  }
}

function httpsFirst(a: string, b: string): number {
  return Number(b.startsWith('https://')) - Number(a.startsWith('https://'));
}

/** Whether probes say that a client of this address family would find nobody there; false where they cannot tell. */
export function lacksFamily(health: EndpointHealth | undefined, family: 4 | 6 | undefined): boolean {
  if (health === undefined || family === undefined) return false;
  const { ipv4Up, ipv6Up } = health;
  if (ipv4Up === undefined && ipv6Up === undefined) return false;
  return (family === 4 ? ipv4Up : ipv6Up) !== true;
}
