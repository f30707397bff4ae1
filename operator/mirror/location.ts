import type { Location } from '@geomirror/catalog/policy.ts';
import type { AddressGuard } from '../network/guard.ts';
import type { Locate } from '../ports.ts';
import { locationOf } from '../repository/policy.ts';
import type { Mirror } from '../resources/mirror.ts';

export type LocatedMirror = { readonly location: Location; readonly source: 'GeoIP' | 'Spec' | undefined };

const locateLimitMs = 10_000;

/** Where a mirror is: what its spec says, filled up with what GeoIP says of its first endpoint's address. */
export async function locateMirror(
  deps: { readonly guard: Pick<AddressGuard, 'resolve'>; readonly locate: Locate },
  mirror: Mirror,
  signal: AbortSignal,
): Promise<LocatedMirror> {
  const written = mirror.spec.location;
  const location = locationOf(written);
  if (location.global || (location.latitude !== undefined && location.country !== undefined))
    return { location, source: 'Spec' };
  const found = await locateHost(deps, mirror, signal);
  const source = written === undefined ? (found === undefined ? undefined : 'GeoIP') : 'Spec';
  if (found === undefined) return { location, source };
  const asns = location.asns.length > 0 ? location.asns : found.asns;
  // Who writes another country than GeoIP found says that GeoIP is wrong: its coordinates are then wrong as well.
  const isElsewhere = location.country !== undefined && location.country !== found.country;
  return { location: { ...(isElsewhere ? {} : found), ...location, asns }, source };
}

async function locateHost(
  deps: { readonly guard: Pick<AddressGuard, 'resolve'>; readonly locate: Locate },
  mirror: Mirror,
  signal: AbortSignal,
): Promise<ReturnType<Locate>> {
  const host = new URL(mirror.spec.endpoints[0]?.url ?? '').hostname;
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(locateLimitMs)]);
    for (const { address } of await deps.guard.resolve(host, limited)) {
      const found = deps.locate(address);
      if (found !== undefined) return found;
    }
  } catch {
    // An unresolvable host has no place; its probes and scans say what is wrong with it.
  }
  return undefined;
}
