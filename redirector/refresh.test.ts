import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Slot } from '@geomirror/catalog/manifest.ts';
import { StoreFailure } from '@geomirror/catalog/store/failure.ts';
import { createMemoryStore } from '@geomirror/catalog/store/memory.ts';
import type { CatalogReader, CatalogStore } from '@geomirror/catalog/store/store.ts';
import { publishCatalog } from '@geomirror/e2e/bench/build-catalog.ts';
import { createRefresh, type Refresh } from './refresh.ts';
import { build, down, file, health, mirror, now, paris, policyOf, tokyo, type WorldPlan } from './testdata/world.ts';
import { createServed, type Served } from './view/served.ts';

const slot: Slot = 'mirrors/videolan';
const other: Slot = 'mirrors/debian';
const mirrors = [mirror('paris', paris), mirror('tokyo', tokyo)];
const plan: WorldPlan = { files: [file('a'), file('b')], mirrors };

type Bench = {
  readonly store: CatalogStore;
  readonly served: Served;
  readonly refresh: Refresh;
  readonly clock: { ms: number };
  readonly logged: string[];
  readonly placed: (readonly string[])[];
};

/** A refresh of a memory store; `over` replaces functions of what it reads. */
function createBench(over: (store: CatalogStore) => Partial<CatalogReader> = () => ({})): Bench {
  const store = createMemoryStore();
  const clock = { ms: now };
  const logged: string[] = [];
  const placed: (readonly string[])[] = [];
  const served = createServed((networks) => {
    placed.push(networks);
    return () => assert.fail('nobody asks');
  });
  const log = {
    info: (_fields: unknown, message?: string) => void logged.push(String(message)),
    warn: (_fields: unknown, message?: string) => void logged.push(`warn: ${message}`),
  };
  const refresh = createRefresh({ store: { ...store, ...over(store) }, served, now: () => clock.ms, log, pollMs: 20 });
  return { store, served, refresh, clock, logged, placed };
}

async function publish(
  store: CatalogStore,
  revision: number,
  given: Partial<WorldPlan> = {},
  at = slot,
): Promise<void> {
  const catalog = await build({ ...plan, ...given, manifest: { revision, ...given.manifest } });
  await publishCatalog(store, at, 1, catalog);
  await store.writeHealth(at, 1, health(given.mirrors ?? mirrors, given.health));
}

/** The paths of a..z that a slot serves. */
function paths({ served }: Bench, at = slot): string {
  const table = served.get(at)?.catalog.table;
  return 'abcdefghijklmnopqrstuvwxyz'
    .split('')
    .filter((path) => (table?.find(path) ?? -1) >= 0)
    .join('');
}

test('one look serves what is published', async () => {
  const bench = createBench();
  await publish(bench.store, 1);
  assert.equal(bench.refresh.status().completedAt, undefined);
  await bench.refresh.look();
  assert.equal(paths(bench), 'ab');
  assert.deepEqual(bench.refresh.status(), { ...bench.refresh.status(), storeUp: true, completedAt: now });
});

test('an empty store is looked at as completely as a full one', async () => {
  const { refresh } = createBench();
  await refresh.look();
  assert.equal(refresh.status().completedAt, now);
});

test('a new revision replaces the view whole, the old one stays as it was', async () => {
  const bench = createBench();
  await publish(bench.store, 1);
  await bench.refresh.look();
  const before = bench.served.view();
  await publish(bench.store, 2, { files: [file('b'), file('c')] });
  await bench.refresh.look();
  assert.equal(paths(bench), 'bc');
  assert.notEqual(bench.served.view(), before);
  assert.equal(before.repositories.all[0]?.catalog.table.find('a'), 0);
});

test('the same revision is not loaded again', async () => {
  const fetched: number[] = [];
  const bench = createBench((store) => ({
    pages: (at, names) => {
      fetched.push(names.length);
      return store.pages(at, names);
    },
  }));
  await publish(bench.store, 1);
  await bench.refresh.look();
  const loaded = fetched.length;
  const { catalog } = bench.served.get(slot)!;
  await bench.refresh.look();
  assert.equal(fetched.length, loaded);
  assert.equal(bench.served.get(slot)?.catalog, catalog);
});

test('health is swapped without loading the catalog; renewal alone keeps the rankings', async () => {
  const bench = createBench();
  await publish(bench.store, 1);
  await bench.refresh.look();
  const before = bench.served.get(slot)!;
  await bench.store.writeHealth(slot, 1, health(mirrors, { writtenAt: now + 30_000 }));
  await bench.refresh.look();
  const renewed = bench.served.get(slot)!;
  assert.equal(renewed.health?.writtenAt, now + 30_000);
  assert.deepEqual([renewed.catalog === before.catalog, renewed.rankings === before.rankings], [true, true]);
  const flipped = health(mirrors, {
    writtenAt: now + 31_000,
    mirrors: { 'uid-paris': down('https://paris.example/') },
  });
  await bench.store.writeHealth(slot, 1, flipped);
  await bench.refresh.look();
  const after = bench.served.get(slot)!;
  assert.deepEqual([after.catalog === before.catalog, after.rankings === before.rankings], [true, false]);
});

test('health of another catalog under the same name changes nothing', async () => {
  const bench = createBench();
  await publish(bench.store, 1);
  await bench.refresh.look();
  const before = bench.served.get(slot);
  await bench.store.writeHealth(slot, 1, { ...health([]), uid: 'another', writtenAt: now + 1 });
  await bench.refresh.look();
  assert.equal(bench.served.get(slot), before);
});

test('a store that does not answer changes nothing but the status, for ever', async () => {
  let isUp = true;
  const bench = createBench((store) => ({
    slots: () => (isUp ? store.slots() : Promise.reject(new StoreFailure('Unavailable', 'connection refused'))),
  }));
  await publish(bench.store, 1);
  await bench.refresh.look();
  isUp = false;
  bench.clock.ms += 30 * 86_400_000;
  await bench.refresh.look();
  await bench.refresh.look();
  assert.equal(paths(bench), 'ab');
  assert.deepEqual([bench.refresh.status().storeUp, bench.refresh.status().completedAt], [false, now]);
  assert.equal(bench.logged.filter((line) => line.startsWith('warn')).length, 1);
  isUp = true;
  await bench.refresh.look();
  assert.equal(bench.refresh.status().storeUp, true);
});

test('a store that answers halfway does not count as looked at', async () => {
  const bench = createBench(() => ({ manifest: () => Promise.reject(new StoreFailure('Unavailable', 'gone')) }));
  await publish(bench.store, 1);
  await bench.refresh.look();
  assert.deepEqual([bench.refresh.status().completedAt, bench.refresh.status().storeUp], [undefined, false]);
});

test('an emptied store takes nothing away', async () => {
  let isEmpty = false;
  const bench = createBench((store) => ({ slots: () => (isEmpty ? Promise.resolve([]) : store.slots()) }));
  await publish(bench.store, 1);
  await bench.refresh.look();
  isEmpty = true;
  bench.clock.ms += 86_400_000;
  await bench.refresh.look();
  assert.equal(paths(bench), 'ab');
});

test('a slot missing beside others is served for another hour', async () => {
  const hidden = new Set<Slot>();
  const bench = createBench((store) => ({
    slots: async () => (await store.slots()).filter((each) => !hidden.has(each)),
  }));
  await publish(bench.store, 1);
  await publish(bench.store, 1, {}, other);
  await bench.refresh.look();
  hidden.add(slot);
  await bench.refresh.look();
  bench.clock.ms += 3_599_000;
  await bench.refresh.look();
  assert.deepEqual(bench.served.slots(), [slot, other]);
  bench.clock.ms += 1000;
  await bench.refresh.look();
  assert.deepEqual(bench.served.slots(), [other]);
});

test('garbage keeps the last good state of that repository, and only of that', async () => {
  let isGarbled = false;
  const bench = createBench((store) => ({
    manifest: (at) =>
      isGarbled && at === slot
        ? Promise.reject(new StoreFailure('Malformed', 'the manifest is no manifest'))
        : store.manifest(at),
  }));
  await publish(bench.store, 1);
  await publish(bench.store, 1, {}, other);
  await bench.refresh.look();
  isGarbled = true;
  await publish(bench.store, 2, { files: [file('c')] });
  await publish(bench.store, 2, { files: [file('d')] }, other);
  await bench.refresh.look();
  await bench.refresh.look();
  assert.deepEqual([paths(bench), paths(bench, other)], ['ab', 'd']);
  const failure = { reason: 'Malformed', message: 'the manifest is no manifest', since: now };
  assert.deepEqual([...bench.refresh.status().failures], [[slot, failure]]);
  assert.deepEqual(
    bench.logged.filter((line) => line.startsWith('warn')),
    ['warn: Repository keeps its last good state'],
  );
  isGarbled = false;
  await bench.refresh.look();
  assert.equal(paths(bench), 'c');
  assert.equal(bench.refresh.status().failures.size, 0);
});

test('a page that is not what its name says changes nothing', async () => {
  let isGarbled = false;
  const bench = createBench((store) => ({
    async pages(at, names) {
      const pages = await store.pages(at, names);
      return isGarbled ? new Map([...pages].map(([name]) => [name, new Uint8Array(50)])) : pages;
    },
  }));
  await publish(bench.store, 1);
  await bench.refresh.look();
  isGarbled = true;
  await publish(bench.store, 2, { files: [file('c')] });
  await bench.refresh.look();
  assert.equal(paths(bench), 'ab');
  assert.equal(bench.refresh.status().failures.get(slot)?.reason, 'MalformedPage');
});

test('a policy that is too much to match changes nothing', async () => {
  const bench = createBench();
  await publish(bench.store, 1);
  await bench.refresh.look();
  const policy = { ...policyOf(), archive: [{ paths: ['*'.repeat(2000)], url: 'https://x.example/' }] };
  await publish(bench.store, 2, { manifest: { revision: 2, policy } });
  await bench.refresh.look();
  assert.equal(bench.served.get(slot)?.catalog.manifest.revision, 1);
  assert.equal(bench.refresh.status().failures.get(slot)?.reason, 'RangeError');
});

test('pages cleaned up behind a newer manifest: the newer one is read', async () => {
  const bench = createBench((store) => {
    let first = true;
    return {
      async pages(at, names) {
        if (!first) return store.pages(at, names);
        first = false;
        await publish(store, 2, { files: [file('c')] });
        return new Map();
      },
    };
  });
  await publish(bench.store, 1);
  await bench.refresh.look();
  assert.equal(paths(bench), 'c');
  assert.deepEqual(await bench.store.takeMissingReports(slot), []);
});

test('pages that are lost are reported by name, and loaded when they are back', async () => {
  const lost = new Set<string>();
  const bench = createBench((store) => ({
    async pages(at, names) {
      return new Map([...(await store.pages(at, names))].filter(([name]) => !lost.has(name)));
    },
  }));
  await publish(bench.store, 1);
  await bench.refresh.look();
  await publish(bench.store, 2, { files: [file('a'), file('b'), file('c')] });
  const name = (await bench.store.manifest(slot))?.table.growing?.paths ?? '';
  lost.add(name);
  await bench.refresh.look();
  assert.equal(paths(bench), 'ab');
  assert.deepEqual(await bench.store.takeMissingReports(slot), [name]);
  assert.equal(bench.refresh.status().failures.get(slot)?.reason, 'MissingPages');
  lost.clear();
  await bench.refresh.look();
  assert.equal(paths(bench), 'abc');
});

test('places are made anew only when other networks are listed', async () => {
  const bench = createBench();
  await publish(bench.store, 1);
  await bench.refresh.look();
  await publish(bench.store, 2, { files: [file('c')] });
  await bench.refresh.look();
  assert.deepEqual(bench.placed, [[]]);
  const networks = ['192.0.2.0/24', '10.0.0.0/8'];
  await publish(bench.store, 3, { mirrors: [mirror('paris', { ...paris, networks })] });
  await bench.refresh.look();
  assert.deepEqual(bench.placed, [[], networks.toSorted()]);
});

test('following the store serves changes and takes removed repositories away', async () => {
  const bench = createBench();
  const stop = new AbortController();
  const running = bench.refresh.run(stop.signal);
  const until = async (isSo: () => boolean): Promise<void> => {
    const deadline = Date.now() + 5000;
    while (!isSo()) {
      assert.ok(Date.now() < deadline, 'it did not happen');
      await nextTurn();
    }
  };
  await until(() => bench.refresh.status().completedAt !== undefined);
  await publish(bench.store, 1);
  await until(() => paths(bench) === 'ab');
  await publish(bench.store, 2, { files: [file('c')] });
  await until(() => paths(bench) === 'c');
  await bench.store.remove(slot, 1);
  await until(() => bench.served.slots().length === 0);
  stop.abort();
  await running;
});

test('a change that nobody told of is found by polling', async () => {
  const bench = createBench(() => ({ watch: () => Promise.reject(new StoreFailure('Unavailable', 'no pub/sub')) }));
  const stop = new AbortController();
  const running = bench.refresh.run(stop.signal);
  await publish(bench.store, 1);
  const deadline = Date.now() + 5000;
  while (paths(bench) !== 'ab') {
    assert.ok(Date.now() < deadline, 'it was not found');
    await nextTurn();
  }
  stop.abort();
  await running;
});
