import { defaultPrefix } from '../keys.ts';
import type { ReportFailure } from './failure.ts';
import { createRedisClaiming } from './redis/claim.ts';
import { createRedisCleaning } from './redis/clean.ts';
import { connectionOptions, openConnection } from './redis/connect.ts';
import { createRedisReader } from './redis/read.ts';
import { createScripts } from './redis/scripts.ts';
import { createRedisWatch } from './redis/watch.ts';
import { createRedisFilling } from './redis/write.ts';
import type { CatalogStore } from './store.ts';

export type RedisStoreSettings = {
  /** `redis://[user:password@]host[:port][/database]`, or `rediss:` for TLS. */
  readonly url: string;
  /** Of every key; `geomirror` if absent. */
  readonly prefix?: string;
  /** How long connecting and each answer may take; 5 000 if absent. */
  readonly timeoutMs?: number;
  /** Told of every lost connection, once until it is back. */
  readonly report: ReportFailure;
};

/**
 * The catalog in a single Redis. Rejects with StoreFailure `Unavailable` while it cannot be reached (try again), `Refused` if it
 * may evict keys or does not let us in. A connection lost later is renewed; until then every function throws `Unavailable` at once.
 */
export async function createRedisStore(settings: RedisStoreSettings): Promise<CatalogStore> {
  const { url, prefix = defaultPrefix, timeoutMs = 5000, report } = settings;
  const options = connectionOptions(url, timeoutMs);
  const redis = await openConnection(options, report);
  const closed = new AbortController();
  const watch = createRedisWatch({ options, prefix, report });
  const deps = { redis, prefix, run: createScripts(redis) };
  return {
    ...createRedisReader(deps),
    ...createRedisFilling(deps),
    ...createRedisClaiming(deps),
    ...createRedisCleaning(deps),
    watch: (onChange, signal) => watch(onChange, AbortSignal.any([signal, closed.signal])),
    async [Symbol.asyncDispose]() {
      closed.abort();
      redis.disconnect();
    },
  };
}
