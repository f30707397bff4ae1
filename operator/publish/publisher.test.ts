import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createColumnBits } from '@geomirror/catalog/column.ts';
import { createMemoryStore } from '@geomirror/catalog/store/memory.ts';
import type { CatalogStore } from '@geomirror/catalog/store/store.ts';
import { loadView, MissingPages } from '@geomirror/catalog/view.ts';
import { PagesLost } from './deliver.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createPublisher } from './publisher.ts';
import { sampleMirrors, samplePolicy } from './sample-catalog.ts';

const slot = 'ns/repo';
const rules = { now: 0, graceMs: () => 0, retainMs: 0, matches: () => false };
const mirrors = sampleMirrors(3);
const publication = { policy: samplePolicy, mirrors };

async function filled(count = 17_000): Promise<Ledger> {
  const ledger = createLedger();
  const added = Array.from({ length: count }, (_, index) => ({
    path: `f/${index}`,
    size: 1,
    modifiedAt: 1,
    timeSlack: 0,
    digests: {},
  }));
  await ledger.applySource({ added, changed: [], removed: [] }, rules);
  const column = createColumnBits();
  for (let number = 0; number < count; number++) column.set(number, 1);
  await ledger.setColumn(mirrors[0]!.uid, ledger.table, column, []);
  return ledger;
}

async function touch(ledger: Ledger, path: string, modifiedAt: number) {
  await ledger.applySource(
    { added: [], changed: [{ path, size: 1, modifiedAt, timeSlack: 0, digests: {} }], removed: [] },
    rules,
  );
}

async function world(store: CatalogStore = createMemoryStore(), writer: CatalogStore = store, ledger?: Ledger) {
  let time = 0;
  const held = ledger ?? (await filled());
  const publisher = createPublisher({ writer, ledger: held, slot, uid: 'u', token: 5, revision: 7, now: () => time });
  const load = async () => {
    const manifest = await store.manifest(slot);
    assert.ok(manifest);
    return loadView({ fetchPages: (names) => store.pages(slot, names) }, manifest);
  };
  return { store, ledger: held, publisher, load, wait: (ms: number) => (time += ms) };
}

/** Counts what is written through it. */
function counting(store: CatalogStore) {
  const put = { pages: 0, lists: 0, manifests: 0 };
  const writer: CatalogStore = {
    ...store,
    putPages: (at, token, pages) => {
      put.pages += pages.size;
      return store.putPages(at, token, pages);
    },
    putList: (at, token, list) => {
      put.lists++;
      return store.putList(at, token, list);
    },
    publish: (at, token, manifest, lists) => {
      put.manifests++;
      return store.publish(at, token, manifest, lists);
    },
  };
  return { put, writer };
}

describe('publishing', () => {
  it('makes a catalog that readers can load, one revision further', async () => {
    const { publisher, load } = await world();
    assert.equal(await publisher.publish(publication), 'Done');
    assert.equal(publisher.revision, 8);
    const view = await load();
    assert.deepEqual([view.manifest.revision, view.table.liveFiles, view.manifest.files], [8, 17_000, 17_000]);
    assert.deepEqual(
      view.manifest.mirrors.map(({ name }) => name),
      mirrors.map(({ name }) => name),
    );
    assert.deepEqual(
      view.columns.map((column) => column.get(16_999)),
      [1, 0, 0],
    );
  });

  it('writes only what the store does not hold', async () => {
    const store = createMemoryStore();
    const { put, writer } = counting(store);
    const { publisher, ledger } = await world(store, writer);
    await publisher.publish(publication);
    Object.assign(put, { pages: 0, lists: 0 });
    await touch(ledger, 'f/5', 2);
    await publisher.publish(publication);
    // Dead numbers of a full page, paths and attributes of the growing segment; the table's list.
    assert.deepEqual(put, { pages: 3, lists: 1, manifests: 2 });

    const again = createPublisher({
      writer,
      ledger,
      slot,
      uid: 'u',
      token: 6,
      revision: publisher.revision,
      now: () => 0,
    });
    Object.assign(put, { pages: 0 });
    await again.publish(publication);
    assert.equal(put.pages, 0);
  });

  it('writes nothing where the store has just that already', async () => {
    const store = createMemoryStore();
    const { put, writer } = counting(store);
    const { publisher } = await world(store, writer);
    await publisher.publish(publication);
    assert.equal(await publisher.publish(publication), 'Done');
    assert.deepEqual([put.manifests, publisher.revision], [1, 8]);
  });

  it('makes one publication of calls that come while one runs, and the last one counts', async () => {
    const store = createMemoryStore();
    const { put, writer } = counting(store);
    const { publisher, load } = await world(store, writer);
    const first = publisher.publish(publication);
    await new Promise((resolve) => setImmediate(resolve));
    const later = [mirrors.slice(0, 1), mirrors.slice(0, 2)].map((some) =>
      publisher.publish({ ...publication, mirrors: some }),
    );
    assert.deepEqual(await Promise.all([first, ...later]), ['Done', 'Done', 'Done']);
    assert.deepEqual([put.manifests, (await load()).manifest.mirrors.length], [2, 2]);
  });

  it('ends as Fenced, with nothing published, once a higher token has claimed the slot', async () => {
    const { publisher, store } = await world();
    await store.claim(6, [slot]);
    assert.equal(await publisher.publish(publication), 'Fenced');
    assert.equal(await store.manifest(slot), undefined);
    assert.equal(await publisher.cleanUp(0), 'Done');
  });

  it('puts everything again after the store was emptied', async () => {
    const { publisher, store, load, ledger } = await world();
    await publisher.publish(publication);
    await store.remove(slot, 5);
    await touch(ledger, 'f/5', 2);
    assert.equal(await publisher.publish(publication), 'Done');
    assert.equal((await load()).table.liveFiles, 17_000);
  });

  it('puts everything again after the store was emptied, however small the catalog', async () => {
    const { publisher, store, load } = await world(undefined, undefined, await filled(3));
    await publisher.publish(publication);
    await store.remove(slot, 5);
    assert.equal(await publisher.publish(publication), 'Done');
    assert.equal((await load()).table.liveFiles, 3);
  });

  it('notices that the store was emptied although every list is new', async () => {
    const { publisher, store, load, ledger } = await world(undefined, undefined, await filled(5500));
    await publisher.publish({ ...publication, mirrors: [] });
    await ledger.forget(mirrors[0]!.uid);
    const added = Array.from({ length: 5500 }, (_, index) => ({
      path: `g/${index}`,
      size: 1,
      modifiedAt: 1,
      timeSlack: 0,
      digests: {},
    }));
    await ledger.applySource({ added, changed: [], removed: [] }, rules);
    await store.remove(slot, 5);
    assert.equal(await publisher.publish({ ...publication, mirrors: [] }), 'Done');
    assert.equal((await load()).table.liveFiles, 11_000);
  });

  it('gives up on a store that keeps nothing, and says what to look at', async () => {
    const store = createMemoryStore();
    const lossy: CatalogStore = { ...store, putPages: async () => 'Done' };
    const { publisher } = await world(store, lossy);
    await assert.rejects(
      publisher.publish(publication),
      (error) => error instanceof PagesLost && /maxmemory-policy/.test(error.message),
    );
    assert.equal(await store.manifest(slot), undefined);
  });

  it('does not use a revision again whose publication had no answer', async () => {
    const store = createMemoryStore();
    let lost = true;
    const writer: CatalogStore = {
      ...store,
      async publish(...args) {
        const outcome = await store.publish(...args);
        if (lost) throw new Error('connection lost');
        return outcome;
      },
    };
    const { publisher, load } = await world(store, writer);
    await assert.rejects(publisher.publish(publication), /connection lost/);
    lost = false;
    assert.equal(await publisher.publish(publication), 'Done');
    assert.deepEqual([publisher.revision, (await load()).manifest.revision], [9, 9]);
  });
});

describe('reports of missing pages', () => {
  it('are answered by putting them again', async () => {
    const { publisher, store, load } = await world();
    await publisher.publish(publication);
    const all = [...(await Array.fromAsync(store.stored(slot)))].flat();
    await store.deletePages(slot, 5, publisher.revision, all);
    const manifest = (await store.manifest(slot))!;
    for (let round = 0; round < 5; round++) {
      await load().catch(async (error: unknown) => {
        assert.ok(error instanceof MissingPages);
        await store.reportMissing(slot, [...error.names, 'A'.repeat(22)]);
      });
      assert.equal(await publisher.answerMissingReports(), 'Done');
    }
    assert.equal((await load()).manifest, manifest);
  });
});

describe('clean-up', () => {
  it('deletes what no list names, and not before it was an orphan for the whole grace period', async () => {
    const { publisher, store, ledger, load, wait } = await world();
    const count = async () => (await Array.fromAsync(store.stored(slot))).flat().length;
    await publisher.publish(publication);
    const first = await count();
    await touch(ledger, 'f/5', 2);
    await publisher.publish(publication);
    const both = await count();
    assert.ok(both > first);
    assert.equal(await publisher.cleanUp(1000), 'Done');
    wait(999);
    assert.equal(await publisher.cleanUp(1000), 'Done');
    assert.equal(await count(), both);
    wait(1);
    assert.equal(await publisher.cleanUp(1000), 'Done');
    // The list before, and paths and attributes of the growing segment before.
    assert.equal(await count(), both - 3);
    assert.equal((await load()).table.liveFiles, 17_000);
  });

  it('puts again what it deleted once it is wanted again', async () => {
    const { publisher, ledger, load, wait } = await world();
    const { uid } = mirrors[0]!;
    for (const value of [1, 2, 1] as const) {
      await ledger.setBits(uid, [[7, value]]);
      await publisher.publish(publication);
      await publisher.cleanUp(10);
      wait(10);
      await publisher.cleanUp(10);
    }
    assert.equal((await load()).columns[0]?.get(7), 1);
  });

  it('stops when another has published since', async () => {
    const { publisher, ledger, store } = await world();
    await publisher.publish(publication);
    await touch(ledger, 'f/5', 2);
    await publisher.publish(publication);
    const other = createPublisher({ writer: store, ledger, slot, uid: 'u', token: 5, revision: 20, now: () => 0 });
    await other.publish(publication);
    assert.equal(await publisher.cleanUp(0), 'Outrun');
  });
});
