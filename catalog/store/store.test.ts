import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { startRedis, type RunningRedis } from '@geomirror/e2e/servers/redis.ts';
import * as fc from 'fast-check';
import type { Slot } from '../manifest.ts';
import { pageName, type PageName } from '../page-name.ts';
import { createFileStore } from './file.ts';
import { createMemoryStore } from './memory.ts';
import { createRedisStore } from './redis.ts';
import { sampleHealth, sampleManifest, samplePage } from './samples.ts';
import type { CatalogStore, StoreChange } from './store.ts';

let redis: RunningRedis;
let folders: string;

before(async () => {
  redis = await startRedis();
  folders = await mkdtemp(join(tmpdir(), 'geomirror-stores-'));
});
after(async () => {
  await redis.stop();
  await rm(folders, { recursive: true });
});

const report = (failure: Error): never => assert.fail(failure);
const makers: Readonly<Record<string, () => Promise<CatalogStore>>> = {
  memory: async () => createMemoryStore(),
  file: () => createFileStore(join(folders, randomUUID()), { report }),
  redis: () => createRedisStore({ url: redis.url, prefix: randomUUID(), report }),
};

const slot: Slot = 'mirrors/videolan';

for (const [kind, make] of Object.entries(makers)) {
  describe(`the ${kind} store`, () => {
    const it = (title: string, check: (store: CatalogStore) => Promise<void>): void => {
      test(title, { timeout: 120_000 }, async () => {
        await using store = await make();
        await check(store);
      });
    };

    it('is empty at first', async (store) => {
      assert.deepEqual(await store.slots(), []);
      assert.equal(await store.revision(slot), undefined);
      assert.equal(await store.manifest(slot), undefined);
      assert.equal(await store.health(slot), undefined);
      assert.equal((await store.pages(slot, [samplePage()[0]])).size, 0);
      assert.deepEqual((await storedNames(store)).size, 0);
    });

    it('gives back what was published', async (store) => {
      const [name, bytes] = samplePage();
      const [other] = samplePage();
      const manifest = sampleManifest({ revision: 7, links: name });
      assert.equal(await store.claim(1, [slot]), 'Done');
      assert.equal(await store.putPages(slot, 1, new Map([[name, bytes]])), 'Done');
      assert.equal(await store.publish(slot, 1, manifest, [name]), 'Done');
      assert.equal(await store.writeHealth(slot, 1, sampleHealth(99)), 'Done');
      assert.deepEqual(await store.slots(), [slot]);
      assert.equal(await store.revision(slot), 7);
      assert.deepEqual(await store.manifest(slot), manifest);
      assert.equal((await store.health(slot))?.writtenAt, 99);
      const pages = await store.pages(slot, [name, other, name]);
      assert.deepEqual([...pages.keys()], [name]);
      assert.deepEqual(Buffer.from(pages.get(name)!), Buffer.from(bytes));
      assert.deepEqual(await store.missing(slot, [name, other]), [other]);
    });

    it('keeps thousands of pages, empty and large ones among them', async (store) => {
      const pages = new Map(Array.from({ length: 2500 }, () => samplePage()));
      for (const size of [0, 100_000, 6_000_000]) pages.set(...samplePage(size));
      const zeros = new Uint8Array(20_000_000);
      pages.set(pageName(zeros), zeros);
      assert.equal(await store.putPages(slot, 1, pages), 'Done');
      const names = [...pages.keys()];
      assert.deepEqual(await store.missing(slot, names), []);
      const found = await store.pages(slot, names);
      assert.equal(found.size, names.length);
      for (const [name, bytes] of found) assert.equal(pageName(bytes), name);
      assert.deepEqual(await storedNames(store), new Set(names));
    });

    it('refuses a list whose new pages are missing, and takes it once they are there', async (store) => {
      const [page, bytes] = samplePage();
      const [name, list] = samplePage();
      assert.deepEqual(await store.putList(slot, 1, { name, bytes: list, names: [page] }), { missing: [page] });
      assert.deepEqual(await store.missing(slot, [name]), [name]);
      await store.putPages(slot, 1, new Map([[page, bytes]]));
      assert.equal(await store.putList(slot, 1, { name, bytes: list, names: [page] }), 'Done');
      assert.deepEqual(await store.missing(slot, [name]), []);
    });

    it('publishes nothing while a list is missing, however many there are', async (store) => {
      const lists = Array.from({ length: 2100 }, () => samplePage());
      const names = lists.map(([name]) => name);
      const absent = [names[0]!, names[1500]!, names[2099]!];
      await store.putPages(slot, 1, new Map(lists.filter(([name]) => !absent.includes(name))));
      for (const name of absent) {
        const some = names.filter((other) => other === name || !absent.includes(other));
        assert.deepEqual(await store.publish(slot, 1, sampleManifest(), some), { missing: [name] });
        assert.equal(await store.manifest(slot), undefined);
      }
      await store.putPages(slot, 1, new Map(lists));
      assert.equal(await store.publish(slot, 1, sampleManifest(), names), 'Done');
    });

    it('refuses every write of an older token once a newer one has claimed', async (store) => {
      const [name, bytes] = samplePage();
      await store.putPages(slot, 1, new Map([[name, bytes]]));
      await store.publish(slot, 1, sampleManifest(), []);
      assert.equal(await store.claim(2, []), 'Done');
      await assertFenced(store, 1);
      assert.deepEqual(await store.missing(slot, [name]), []);
      assert.equal((await store.manifest(slot))?.revision, 1);
    });

    it('claims slots that it is told of and that were never published', async (store) => {
      assert.equal(await store.claim(2, [slot]), 'Done');
      await assertFenced(store, 1);
      assert.deepEqual(await store.slots(), []);
    });

    it('refuses an older token after a newer one has only written', async (store) => {
      await store.writeHealth(slot, 2, sampleHealth(1));
      assert.equal(await store.writeHealth(slot, 1, sampleHealth(2)), 'Fenced');
      assert.equal((await store.health(slot))?.writtenAt, 1);
    });

    it('removes all of a slot but its token', async (store) => {
      const [name, bytes] = samplePage();
      await store.putPages(slot, 3, new Map([[name, bytes]]));
      await store.publish(slot, 3, sampleManifest(), [name]);
      await store.writeHealth(slot, 3, sampleHealth(1));
      await store.reportMissing(slot, [name]);
      assert.equal(await store.remove(slot, 3), 'Done');
      assert.deepEqual(await store.slots(), []);
      assert.equal(await store.manifest(slot), undefined);
      assert.equal(await store.revision(slot), undefined);
      assert.equal(await store.health(slot), undefined);
      assert.deepEqual(await store.missing(slot, [name]), [name]);
      assert.deepEqual(await store.takeMissingReports(slot), []);
      await assertFenced(store, 2);
      assert.equal(await store.publish(slot, 3, sampleManifest(), []), 'Done');
    });

    it('deletes pages only while the revision is the published one', async (store) => {
      const [name, bytes] = samplePage();
      await store.putPages(slot, 1, new Map([[name, bytes]]));
      assert.equal(await store.deletePages(slot, 1, 1, [name]), 'Outrun');
      await store.publish(slot, 1, sampleManifest({ revision: 2 }), []);
      assert.equal(await store.deletePages(slot, 1, 1, [name]), 'Outrun');
      assert.deepEqual(await store.missing(slot, [name]), []);
      assert.equal(await store.deletePages(slot, 1, 2, [name]), 'Done');
      assert.equal(await store.deletePages(slot, 1, 2, []), 'Done');
      assert.deepEqual(await store.missing(slot, [name]), [name]);
    });

    it('refuses more names than one step may carry', async (store) => {
      const names = Array.from({ length: 1001 }, () => samplePage()[0]);
      await assert.rejects(store.deletePages(slot, 1, 1, names), RangeError);
      const [name, bytes] = samplePage();
      await assert.rejects(store.putList(slot, 1, { name, bytes, names }), RangeError);
    });

    it('hands over each report of a missing page once', async (store) => {
      const [[one], [two], [three]] = [samplePage(), samplePage(), samplePage()];
      await store.reportMissing(slot, [one, two]);
      await store.reportMissing(slot, [two]);
      assert.deepEqual(new Set(await store.takeMissingReports(slot)), new Set([one, two]));
      assert.deepEqual(await store.takeMissingReports(slot), []);
      await store.reportMissing(slot, [three]);
      assert.deepEqual(await store.takeMissingReports(slot), [three]);
    });

    it('keeps the slots apart', async (store) => {
      const other: Slot = 'mirrors/debian';
      const [name, bytes] = samplePage();
      await store.putPages(slot, 1, new Map([[name, bytes]]));
      assert.equal((await store.pages(other, [name])).size, 0);
      await store.publish(slot, 1, sampleManifest(), []);
      await store.publish(other, 1, sampleManifest({ revision: 5 }), []);
      await store.remove(slot, 1);
      assert.deepEqual(await store.slots(), [other]);
      assert.equal(await store.revision(other), 5);
    });

    it('tells watchers to look at everything first, and then of each change until they stop', async (store) => {
      const stop = new AbortController();
      const { changes, seen } = recorder();
      const watching = store.watch(changes, stop.signal);
      await seen(1);
      await store.publish(slot, 1, sampleManifest(), []);
      await store.writeHealth(slot, 1, sampleHealth(1));
      await store.remove(slot, 1);
      assert.deepEqual(await seen(4), [
        undefined,
        { slot, kind: 'Manifest' },
        { slot, kind: 'Health' },
        { slot, kind: 'Removed' },
      ]);
      stop.abort();
      await watching;
      await store.writeHealth(slot, 1, sampleHealth(2));
      await setImmediate();
      assert.equal((await seen(4)).length, 4);
    });

    it('ends a watch at once whose signal has aborted', async (store) => {
      await store.watch(() => assert.fail('called'), AbortSignal.abort());
    });

    it("keeps only the newest token's manifest, however two writers take turns", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(oldStep, { maxLength: 25 }),
          fc.array(newStep, { maxLength: 15 }),
          fc.nat(25),
          fenceHolds,
        ),
        { numRuns: kind === 'file' ? 50 : 200 },
      );
      async function fenceHolds(older: readonly Step[], newer: readonly Step[], turns: number): Promise<void> {
        await using store = await make();
        let claimed = false;
        const write = async (step: Step, token: number): Promise<void> => {
          const late = claimed;
          const outcome = await steps[step](store, token);
          if (late && token === oldToken) assert.equal(outcome, 'Fenced', `${step} of the old writer`);
          if (token === newToken) assert.notEqual(outcome, 'Fenced', `${step} of the new writer`);
        };
        const old = async (): Promise<void> => {
          for (const step of older) await write(step, oldToken);
        };
        let last: Step | undefined;
        const young = async (): Promise<void> => {
          for (let turn = 0; turn < turns; turn++) await setImmediate();
          assert.equal(await store.claim(newToken, [slot]), 'Done');
          claimed = true;
          for (const step of newer) {
            await write(step, newToken);
            if (step === 'publish' || step === 'remove') last = step;
          }
        };
        await Promise.all([old(), young()]);
        await assertFenced(store, oldToken);
        const uid = (await store.manifest(slot))?.uid;
        if (last === 'publish') assert.equal(uid, String(newToken));
        if (last === 'remove') assert.equal(uid, undefined);
        assert.equal(await store.publish(slot, newToken, sampleManifest({ uid: 'last', revision: 99 }), []), 'Done');
        assert.equal((await store.manifest(slot))?.uid, 'last');
        assert.equal(await store.revision(slot), 99);
      }
    });

    it('never shows a reader a manifest whose lists or pages are missing', async (store) => {
      const written = new AbortController();
      const writer = async (): Promise<void> => {
        for (let revision = 1; revision <= 60; revision++) {
          await publishSomething(store, revision);
          await setImmediate();
        }
        written.abort();
      };
      let views = 0;
      const reader = async (): Promise<void> => {
        while (!written.signal.aborted) {
          views += (await readWholeView(store)) ? 1 : 0;
          await setImmediate();
        }
      };
      await Promise.all([writer(), reader(), reader()]);
      assert.equal(await readWholeView(store), true);
      assert.ok(views > 0);
    });
  });
}

const oldToken = 1000;
const newToken = 2000;

type Step = keyof typeof steps;
const steps = {
  putPages: (store: CatalogStore, token: number) => store.putPages(slot, token, new Map([samplePage()])),
  putList(store: CatalogStore, token: number) {
    const [name, bytes] = samplePage();
    return store.putList(slot, token, { name, bytes, names: [] });
  },
  publish: (store: CatalogStore, token: number) =>
    store.publish(slot, token, sampleManifest({ uid: String(token), revision: token }), []),
  writeHealth: (store: CatalogStore, token: number) => store.writeHealth(slot, token, sampleHealth(token)),
  deletePages: (store: CatalogStore, token: number) => store.deletePages(slot, token, token, [samplePage()[0]]),
  remove: (store: CatalogStore, token: number) => store.remove(slot, token),
  claim: (store: CatalogStore, token: number) => store.claim(token, []),
};
const newStep = fc.constantFrom<Step>(
  'putPages',
  'putList',
  'publish',
  'publish',
  'writeHealth',
  'deletePages',
  'remove',
);
const oldStep = fc.oneof(newStep, fc.constant<Step>('claim'));

async function assertFenced(store: CatalogStore, token: number): Promise<void> {
  for (const [name, step] of Object.entries(steps)) assert.equal(await step(store, token), 'Fenced', name);
}

async function storedNames(store: CatalogStore): Promise<Set<PageName>> {
  const names = new Set<PageName>();
  for await (const slice of store.stored(slot)) for (const name of slice) names.add(name);
  return names;
}

/** Two lists of pages, published as the operator does it; then all other pages are deleted. */
async function publishSomething(store: CatalogStore, revision: number): Promise<void> {
  const needed = new Set<PageName>();
  const lists: PageName[] = [];
  for (let count = 0; count < 2; count++) {
    const pages = new Map(Array.from({ length: 5 }, () => samplePage()));
    const names = [...pages.keys()];
    const bytes = Buffer.from(names.join(' '));
    const list = { name: pageName(bytes), bytes, names };
    assert.equal(await store.putPages(slot, 1, pages), 'Done');
    assert.equal(await store.putList(slot, 1, list), 'Done');
    lists.push(list.name);
    for (const name of [list.name, ...names]) needed.add(name);
  }
  const [list = null, links = null] = lists;
  const manifest = sampleManifest({ revision, table: { list, growing: null, end: 0 }, links });
  assert.equal(await store.publish(slot, 1, manifest, lists), 'Done');
  const orphans = [...(await storedNames(store))].filter((name) => !needed.has(name));
  assert.equal(await store.deletePages(slot, 1, revision, orphans), 'Done');
}

/** Whether a whole view was read; a missing page is allowed only if the manifest was replaced meanwhile. */
async function readWholeView(store: CatalogStore): Promise<boolean> {
  const manifest = await store.manifest(slot);
  if (manifest === undefined) return false;
  const { table, links, revision } = manifest;
  const listNames = [table.list!, links!];
  const lists = await store.pages(slot, listNames);
  const names = [...lists.values()].flatMap((bytes) => Buffer.from(bytes).toString().split(' '));
  const pages = await store.pages(slot, names);
  if (lists.size === 2 && pages.size === 10) return true;
  assert.notEqual(await store.revision(slot), revision, 'a page of the published manifest is missing');
  return false;
}

/** Collects what a watcher is told; `seen(n)` waits for n calls. */
function recorder(): { changes: (change?: StoreChange) => void; seen: (count: number) => Promise<readonly unknown[]> } {
  const told: (StoreChange | undefined)[] = [];
  let wake = (): void => undefined;
  return {
    changes(change) {
      told.push(change);
      wake();
    },
    async seen(count) {
      while (told.length < count) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
      return told;
    },
  };
}
