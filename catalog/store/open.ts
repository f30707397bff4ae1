import { resolve } from 'node:path';
import { StoreFailure, type ReportFailure } from './failure.ts';
import { createFileStore } from './file.ts';
import { createMemoryStore } from './memory.ts';
import { createRedisStore } from './redis.ts';
import type { CatalogStore } from './store.ts';

export type OpenDeps = {
  /** Told of failures that stop nothing: a lost connection, a damaged snapshot. */
  readonly report: ReportFailure;
  /** Of every key in Redis; `geomirror` if absent. */
  readonly prefix?: string;
};

/**
 * The store that a setting names: `memory:`, `file:<folder>` or a redis: or rediss: URL. Rejects with StoreFailure `Refused` and the
 * cure for anything else, and `Unavailable` while Redis cannot be reached, after which it may be tried again.
 */
export async function openStore(spec: string, deps: OpenDeps): Promise<CatalogStore> {
  const scheme = /^[a-z]+:/.exec(spec)?.[0];
  if (spec === 'memory:') return createMemoryStore();
  if (scheme === 'file:' && spec !== scheme) return createFileStore(resolve(spec.slice(scheme.length)), deps);
  if (scheme === 'redis:' || scheme === 'rediss:') return createRedisStore({ ...deps, url: spec });
  // Not the whole text: there may be a password in it.
  const found = scheme === undefined ? '' : ` of kind ${scheme}`;
  throw new StoreFailure(
    'Refused',
    `no such store${found}: write memory:, file:<folder>, redis://host:port or rediss://host:port`,
  );
}
