import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { zstdCompressSync } from 'node:zlib';
import { startRedis, type RunningRedis } from '@geomirror/e2e/servers/redis.ts';
import { Redis } from 'ioredis';
import { changesChannel, indexKeys, slotKeys } from '../keys.ts';
import type { Slot } from '../manifest.ts';
import { pageName } from '../page-name.ts';
import type { StoreFailure, StoreFailureReason } from './failure.ts';
import { createRedisStore } from './redis.ts';
import { sampleHealth, sampleManifest, samplePage } from './samples.ts';
import type { CatalogStore, StoreChange } from './store.ts';

const slot: Slot = 'mirrors/videolan';
const timeout = 60_000;
const ignore = (): void => undefined;

describe('createRedisStore', { timeout }, () => {
  test('refuses a Redis that may evict, and says what to set', async () => {
    for (const policy of ['allkeys-lru', 'volatile-ttl']) {
      await using redis = await startRedis({ directives: ['--maxmemory-policy', policy] });
      await assert.rejects(
        createRedisStore({ url: redis.url, report: ignore }),
        failure('Refused', /maxmemory-policy/),
      );
    }
  });

  test('is Unavailable, and leaves nothing behind, where no Redis listens', async () => {
    const opening = createRedisStore({ url: 'redis://127.0.0.1:1', report: () => assert.fail('also reported') });
    await assert.rejects(opening, failure('Unavailable', /ECONNREFUSED/));
  });

  test('refuses a wrong password without repeating it', async () => {
    await using redis = await startRedis({ directives: ['--requirepass', 'right-secret'] });
    for (const user of ['', ':wrong-secret@', 'someone:wrong-secret@']) {
      const url = redis.url.replace('//', `//${user}`);
      await assert.rejects(createRedisStore({ url, report: ignore }), failure('Refused', /password/));
    }
    const url = redis.url.replace('//', '//:right-secret@');
    await using store = await createRedisStore({ url: `${url}/3`, report: ignore });
    assert.deepEqual(await store.slots(), []);
  });

  test('refuses what is no Redis URL without repeating it', async () => {
    for (const url of [
      'redis://user:s3cret@host:port',
      'http://:s3cret@host',
      'redis://:s3cret@host/catalog',
      's3cret',
    ]) {
      await assert.rejects(createRedisStore({ url, report: ignore }), failure('Refused', /redis:\/\//));
    }
  });

  test('gives up on a server that accepts and stays silent', async () => {
    const sockets: Socket[] = [];
    await using server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    const opening = createRedisStore({ url: `redis://127.0.0.1:${address.port}`, timeoutMs: 200, report: ignore });
    await assert.rejects(opening, failure('Unavailable'));
    for (const socket of sockets) socket.destroy();
  });
});

test('a Redis store works for users that may do no more than the README grants', { timeout }, async () => {
  await using redis = await startRedis();
  const raw = new Redis(redis.url);
  const reading = '+info +get +getrange +smembers +hstrlen +hmget +sadd +scard +expire +subscribe';
  const writing = `${reading} +evalsha +eval +set +hset +hdel +hexists +hscan +srem +spop +unlink +publish`;
  for (const [user, commands] of Object.entries({ redirector: reading, operator: writing })) {
    const keys = ['~geomirror:{*', '&geomirror:{repositories}:changes'];
    await raw.acl('SETUSER', user, 'on', '>secret', ...keys, ...commands.split(' '));
  }
  raw.disconnect();
  const url = (user: string): string => redis.url.replace('//', `//${user}:secret@`);
  await using operator = await createRedisStore({ url: url('operator'), report: assert.fail });
  await using redirector = await createRedisStore({ url: url('redirector'), report: assert.fail });

  const stop = new AbortController();
  const changes: (StoreChange | undefined)[] = [];
  const watching = redirector.watch((change) => changes.push(change), stop.signal);
  await until(() => changes.length === 1);
  const [name, bytes] = samplePage();
  await operator.claim(1, [slot]);
  await operator.putPages(slot, 1, new Map([[name, bytes]]));
  await operator.putList(slot, 1, { name, bytes, names: [name] });
  await operator.publish(slot, 1, sampleManifest(), [name]);
  await operator.writeHealth(slot, 1, sampleHealth(1));
  await until(() => changes.length === 3);
  for (const read of readings(redirector)) await read();
  assert.equal((await operator.takeMissingReports(slot)).length, 1);
  assert.equal((await Array.fromAsync(operator.stored(slot))).flat().length, 1);
  assert.equal(await operator.deletePages(slot, 1, 1, [name]), 'Done');
  assert.equal(await operator.remove(slot, 1), 'Done');
  await assert.rejects(redirector.remove(slot, 2), failure('Refused', /README/));
  stop.abort();
  await watching;
});

describe('a Redis store whose Redis dies', { timeout }, () => {
  test('throws Unavailable at once, and works again by itself when Redis is back', async () => {
    const redis = await startRedis();
    const reports: StoreFailure[] = [];
    await using store = await createRedisStore({ url: redis.url, report: (report) => reports.push(report) });
    const stop = new AbortController();
    const changes: (StoreChange | undefined)[] = [];
    const watching = store.watch((change) => changes.push(change), stop.signal);
    await store.publish(slot, 1, sampleManifest(), []);
    await until(() => changes.length > 0);

    process.kill(redis.pid, 'SIGKILL');
    await until(() => fails(store));
    for (const read of readings(store)) await assert.rejects(read, failure('Unavailable'));
    await assert.rejects(store.writeHealth(slot, 1, sampleHealth(1)), failure('Unavailable'));
    await redis.stop();

    changes.length = 0;
    await using back = await startRedis({ port: redis.port });
    await until(async () => !(await fails(store)));
    await until(() => changes.length > 0);
    assert.deepEqual(changes, [undefined]);
    assert.equal(await store.manifest(slot), undefined);
    assert.equal(await store.publish(slot, 1, sampleManifest(), []), 'Done');
    await until(() => changes.length > 1);
    assert.deepEqual(changes[1], { slot, kind: 'Manifest' });
    assert.ok(reports.length > 0 && reports.every(({ reason }) => reason === 'Unavailable'));
    stop.abort();
    await watching;
    assert.ok(back.pid > 0);
  });

  test('is Unavailable while Redis hangs, and works again when it goes on', async () => {
    await using redis = await startRedis();
    await using store = await createRedisStore({ url: redis.url, timeoutMs: 200, report: ignore });
    process.kill(redis.pid, 'SIGSTOP');
    await assert.rejects(store.slots(), failure('Unavailable'));
    process.kill(redis.pid, 'SIGCONT');
    await until(async () => !(await fails(store)));
  });

  test('ends its watches when it is closed', async () => {
    await using redis = await startRedis();
    const store = await createRedisStore({ url: redis.url, report: ignore });
    const watching = store.watch(ignore, new AbortController().signal);
    await store[Symbol.asyncDispose]();
    await watching;
    await assert.rejects(store.slots(), failure('Unavailable'));
  });
});

describe('a Redis store with garbage in its keys', { timeout }, () => {
  let redis: RunningRedis;
  let raw: Redis;
  before(async () => {
    redis = await startRedis();
    raw = new Redis(redis.url);
  });
  after(async () => {
    raw.disconnect();
    await redis.stop();
  });

  const it = (title: string, check: (store: CatalogStore, prefix: string) => Promise<void>): void => {
    test(title, async () => {
      const prefix = randomUUID();
      await using store = await createRedisStore({ url: redis.url, prefix, report: assert.fail });
      await check(store, prefix);
    });
  };

  it('says Malformed where keys have another type', async (store, prefix) => {
    for (const key of Object.values(slotKeys(prefix, slot))) await raw.xadd(key, '*', 'field', 'value');
    for (const key of Object.values(indexKeys(prefix))) await raw.xadd(key, '*', 'field', 'value');
    const [name, bytes] = samplePage();
    const writings = [
      () => store.claim(1, [slot]),
      () => store.putPages(slot, 1, new Map([[name, bytes]])),
      () => store.publish(slot, 1, sampleManifest(), [name]),
      () => store.writeHealth(slot, 1, sampleHealth(1)),
      () => store.takeMissingReports(slot),
      () => store.missing(slot, [name]),
      () => Array.fromAsync(store.stored(slot)),
    ];
    for (const call of [...readings(store), ...writings]) await assert.rejects(call, failure('Malformed'));
  });

  it('says Malformed where a token is not a number, and writes nothing', async (store, prefix) => {
    await raw.set(slotKeys(prefix, slot).token, 'inf');
    await assert.rejects(store.writeHealth(slot, 1, sampleHealth(1)), failure('Malformed', /token|key/));
    assert.equal(await store.health(slot), undefined);
  });

  it('says Malformed where manifest, revision or health are not what they were', async (store, prefix) => {
    const keys = slotKeys(prefix, slot);
    const bomb = zstdCompressSync(Buffer.alloc(200_000_000));
    for (const bytes of [randomBytes(100), Buffer.from('{}'), zstdCompressSync('[1'), zstdCompressSync('null'), bomb]) {
      await raw.set(keys.manifest, bytes);
      await raw.set(keys.health, bytes);
      await assert.rejects(store.manifest(slot), failure('Malformed'));
      await assert.rejects(store.health(slot), failure('Malformed'));
    }
    for (const revision of ['x', '-1', '1e3', '9'.repeat(40)]) {
      await raw.set(keys.revision, revision);
      await assert.rejects(store.revision(slot), failure('Malformed'));
    }
  });

  it("treats a page as missing whose bytes are damaged, another page's or endless, and mends it by writing it again", async (store, prefix) => {
    const { pages } = slotKeys(prefix, slot);
    const [name, bytes] = samplePage();
    const [other, othersBytes] = samplePage();
    await store.putPages(slot, 1, new Map([[other, othersBytes]]));
    const endless = Buffer.alloc(100_000_000);
    const zeros = zstdCompressSync(endless);
    for (const stored of [
      randomBytes(100),
      Buffer.from(bytes),
      zstdCompressSync(othersBytes),
      Buffer.alloc(0),
      zeros,
    ]) {
      await raw.hset(pages, name, stored);
      assert.deepEqual([...(await store.pages(slot, [name, other])).keys()], [other]);
    }
    await raw.hset(pages, pageName(endless), zeros);
    assert.equal((await store.pages(slot, [pageName(endless)])).size, 0);
    await store.putPages(slot, 1, new Map([[name, bytes]]));
    assert.equal((await store.pages(slot, [name])).size, 1);
  });

  it('overlooks foreign names and messages', async (store, prefix) => {
    await raw.sadd(indexKeys(prefix).slots, 'x', '../..', 'a/b/c', '{a}/b', slot);
    assert.deepEqual(await store.slots(), [slot]);
    await raw.sadd(slotKeys(prefix, slot).missing, 'x', '../../../../../../etc');
    assert.deepEqual(await store.takeMissingReports(slot), []);
    await raw.hset(slotKeys(prefix, slot).pages, 'not a name', 'x');
    assert.deepEqual((await Array.fromAsync(store.stored(slot))).flat(), []);
    const stop = new AbortController();
    const changes: (StoreChange | undefined)[] = [];
    const watching = store.watch((change) => changes.push(change), stop.signal);
    await until(() => changes.length === 1);
    for (const message of ['', 'x', 'Health', 'Health ../..', 'Else mirrors/videolan', `Health ${slot}`]) {
      await raw.publish(changesChannel(prefix), message);
    }
    await until(() => changes.length > 1);
    assert.deepEqual(changes, [undefined, { slot, kind: 'Health' }]);
    stop.abort();
    await watching;
  });

  it('writes nothing outside of its prefix, and one hash tag per repository', async (store, prefix) => {
    const [name, bytes] = samplePage();
    await store.claim(1, [slot]);
    await store.putPages(slot, 1, new Map([[name, bytes]]));
    await store.publish(slot, 1, sampleManifest(), [name]);
    await store.writeHealth(slot, 1, sampleHealth(1));
    await store.reportMissing(slot, [name]);
    const keys = await raw.keys(`${prefix}*`);
    const known = [...Object.values(slotKeys(prefix, slot)), ...Object.values(indexKeys(prefix))];
    assert.deepEqual(keys.sort(), known.sort());
  });

  it('works after its scripts were flushed', async (store) => {
    await store.writeHealth(slot, 1, sampleHealth(1));
    await raw.script('FLUSH');
    assert.equal(await store.writeHealth(slot, 1, sampleHealth(2)), 'Done');
  });

  it('holds no more reports than the operator can use', async (store, prefix) => {
    const names = Array.from({ length: 12_000 }, () => samplePage(4)[0]);
    await store.reportMissing(slot, names);
    assert.equal(await raw.scard(slotKeys(prefix, slot).missing), 10_000);
    assert.equal((await store.takeMissingReports(slot)).length, 10_000);
  });
});

/** A StoreFailure of this reason whose message fits and which, with all it drags along, holds no password. */
function failure(reason: StoreFailureReason, message = /./): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Error);
    assert.equal(error.name, 'StoreFailure', inspect(error));
    assert.equal('reason' in error && error.reason, reason, error.message);
    assert.match(error.message, message);
    assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), /s3cret|-secret/);
    return true;
  };
}

function readings(store: CatalogStore): readonly (() => Promise<unknown>)[] {
  return [
    () => store.slots(),
    () => store.revision(slot),
    () => store.manifest(slot),
    () => store.health(slot),
    () => store.pages(slot, [samplePage()[0]]),
    () => store.reportMissing(slot, [samplePage()[0]]),
  ];
}

async function fails(store: CatalogStore): Promise<boolean> {
  return store.slots().then(
    () => false,
    () => true,
  );
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, 'waited too long');
    await sleep(10);
  }
}
