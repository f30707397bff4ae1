import { once } from 'node:events';
import { changesChannel } from '../../keys.ts';
import type { ReportFailure } from '../failure.ts';
import type { CatalogReader } from '../store.ts';
import { readChange } from './change.ts';
import { createConnection, type ConnectionOptions } from './connect.ts';
import { redisFailure } from './redis-failure.ts';

export type Watching = { readonly options: ConnectionOptions; readonly prefix: string; readonly report: ReportFailure };

const heartbeatMs = 15_000;

/** `watch` over a connection of its own, since a subscribed one serves nothing else. */
export function createRedisWatch({ options, prefix, report }: Watching): CatalogReader['watch'] {
  return async (onChange, signal) => {
    if (signal.aborted) return;
    const redis = createConnection(options, report);
    let subscribed = false;
    // Also the heartbeat: subscribing again changes nothing, and its answer shows that the connection lives.
    const subscribe = async (): Promise<void> => {
      try {
        await redis.subscribe(changesChannel(prefix));
      } catch (error) {
        if (redis.status === 'ready') report(redisFailure(error));
        return;
      }
      if (!subscribed && !signal.aborted) onChange();
      subscribed = true;
    };
    redis.on('ready', () => void subscribe());
    redis.on('close', () => {
      subscribed = false;
    });
    redis.on('message', (_channel, message) => {
      const change = readChange(message);
      if (change !== undefined && !signal.aborted) onChange(change);
    });
    const heartbeat = setInterval(() => void subscribe(), heartbeatMs);
    // Its failure is reported as every later one's, and it is tried again.
    redis.connect().catch(() => undefined);
    await once(signal, 'abort');
    clearInterval(heartbeat);
    redis.disconnect();
  };
}
