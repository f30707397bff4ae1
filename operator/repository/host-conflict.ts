import type { Repository } from '../resources/repository.ts';
import { keyOf } from '../world.ts';

/** Key of an older Repository that answers for one of the same hosts under the same path prefix, if there is one. */
export function olderClaimant(repository: Repository, all: readonly Repository[]): string | undefined {
  const older = all.filter((other) => isOlder(other, repository) && overlaps(other, repository));
  return older.length === 0 ? undefined : older.map(keyOf).sort()[0];
}

/** Equal ages are told apart by name, so that exactly one of two keeps the host. */
function isOlder(a: Repository, b: Repository): boolean {
  const difference = Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp);
  return difference === 0 ? keyOf(a) < keyOf(b) : difference < 0;
}

function overlaps({ spec: a }: Repository, { spec: b }: Repository): boolean {
  if (trimmed(a.pathPrefix) !== trimmed(b.pathPrefix)) return false;
  if (a.hosts.length === 0 || b.hosts.length === 0) return a.hosts.length === b.hosts.length;
  const hosts = new Set(b.hosts.map((host) => host.toLowerCase()));
  return a.hosts.some((host) => hosts.has(host.toLowerCase()));
}

const trimmed = (prefix: string): string => prefix.replaceAll(/^\/+|\/+$/g, '');
