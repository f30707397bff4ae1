import { Redis, type RedisOptions } from 'ioredis';
import { StoreFailure, type ReportFailure } from '../failure.ts';
import { redisFailure } from './redis-failure.ts';

/** Settings of the client; replies in their plain shapes. */
export type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>;

/** Connection settings from a redis: or rediss: URL; connecting and every answer may take `timeoutMs`. Throws StoreFailure `Refused`, without the URL, for another text. */
export function connectionOptions(url: string, timeoutMs: number): ConnectionOptions {
  const { protocol, hostname, port, username, password, pathname } = parseURL(url);
  const database = /^\/?(\d{0,4})$/.exec(pathname)?.[1];
  if (!/^rediss?:$/.test(protocol) || hostname === '' || database === undefined) throw notRedisURL();
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port === '' ? 6379 : port),
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    db: Number(database),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
    connectionName: 'geomirror',
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    // Ends a connection whose other end is gone without a word, so that a new one is made.
    socketTimeout: timeoutMs,
    // Nothing waits for a lost connection: commands fail at once, and their callers decide.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
  };
}

/** A connection that renews itself, with growing pauses, until `disconnect()`. What goes wrong is reported, once until it is back. */
export function createConnection(options: ConnectionOptions, report: ReportFailure): Redis {
  const redis = new Redis(options);
  const reported = new Set<string>();
  const reportOnce = (failure: StoreFailure): void => {
    if (!reported.has(failure.message)) report(failure);
    reported.add(failure.message);
  };
  redis.on('error', (error) => reportOnce(redisFailure(error)));
  redis.on('reconnecting', () => reportOnce(new StoreFailure('Unavailable', 'Redis: the connection was lost')));
  redis.on('ready', () => reported.clear());
  return redis;
}

/** Connects and makes sure that this Redis keeps what it is given; throws StoreFailure. */
export async function openConnection(options: ConnectionOptions, report: ReportFailure): Promise<Redis> {
  let refusal: StoreFailure | undefined;
  let opened = false;
  const redis = createConnection(options, (failure) => {
    refusal ??= failure;
    if (opened) report(failure);
  });
  try {
    await redis.connect();
    refuseEviction(await redis.info('memory'));
  } catch (error) {
    redis.disconnect();
    // The client only says that it was closed; why was told before.
    throw refusal ?? redisFailure(error);
  }
  opened = true;
  return redis;
}

function refuseEviction(memory: string): void {
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1];
  if (policy === 'noeviction') return;
  const found = policy === undefined ? 'does not tell its maxmemory-policy' : `has maxmemory-policy ${policy}`;
  throw new StoreFailure(
    'Refused',
    `Redis ${found} and may drop parts of the catalog: set maxmemory-policy noeviction`,
  );
}

function parseURL(url: string): URL {
  const parsed = URL.parse(url);
  if (parsed === null) throw notRedisURL();
  return parsed;
}

function notRedisURL(): StoreFailure {
  return new StoreFailure(
    'Refused',
    'not a Redis URL: write redis://[user:password@]host[:port][/database], rediss: for TLS',
  );
}
