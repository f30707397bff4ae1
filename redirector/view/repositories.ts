import type { Policy } from '@geomirror/catalog/policy.ts';
import { hostName } from '../target.ts';

/** Something that is served under the hosts and path prefix of its policy. */
type Hosted = { readonly policy: Policy };

/** Which repository answers for a host and path. */
export type Repositories<R extends Hosted> = {
  readonly all: readonly R[];
  /** `authority` as a Host header has it; `path` begins with a slash and has none at its end. */
  find(authority: string, path: string): R | undefined;
};

/**
 * The longest path prefix wins; of equal prefixes one that names the host before one for any host, then the older.
 * A prefix is matched by whole segments: `/a/` holds `/a` and `/a/b`, not `/ab`.
 */
export function createRepositories<R extends Hosted>(all: readonly R[]): Repositories<R> {
  const ordered = all.toSorted(byPrecedence);
  const anyHost = ordered.filter((repository) => repository.policy.hosts.length === 0);
  const byHost = new Map<string, readonly R[]>();
  for (const host of new Set(all.flatMap((repository) => repository.policy.hosts))) {
    const serving = ordered.filter(({ policy }) => policy.hosts.length === 0 || policy.hosts.includes(host));
    byHost.set(host, serving);
  }
  return {
    all,
    find(authority, path) {
      const serving = byHost.size === 0 ? undefined : byHost.get(hostName(authority));
      for (const repository of serving ?? anyHost) if (isBelow(path, repository.policy.pathPrefix)) return repository;
      return undefined;
    },
  };
}

function byPrecedence(a: Hosted, b: Hosted): number {
  return (
    b.policy.pathPrefix.length - a.policy.pathPrefix.length ||
    Number(a.policy.hosts.length === 0) - Number(b.policy.hosts.length === 0) ||
    a.policy.createdAt - b.policy.createdAt
  );
}

function isBelow(path: string, prefix: string): boolean {
  return path.startsWith(prefix) || (path.length === prefix.length - 1 && prefix.startsWith(path));
}
