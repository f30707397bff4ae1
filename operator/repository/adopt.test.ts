import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { availability } from '@geomirror/catalog/file.ts';
import { createMemoryStore } from '@geomirror/catalog/store/memory.ts';
import type { CatalogStore } from '@geomirror/catalog/store/store.ts';
import { sampleFile, sampleMirror, sampleRepository, sampleResources } from '../samples.ts';
import { repositoryWorld, sampleFiles, watchedStore, type RepositoryWorld } from './testing/repository-world.ts';

const { Absent, Current, WrongSize, Outdated } = availability;
const mirrors = ['one', 'two', 'idle'].map((uid) => sampleMirror({ metadata: { name: uid, uid } }));

/** Files, a link, a change in grace, a removal that is kept, two mirrors that were scanned, and one that was not. */
async function published(store: CatalogStore): Promise<RepositoryWorld> {
  const resources = sampleResources([sampleRepository()], mirrors);
  const operator = await repositoryWorld({ store, resources });
  const { enter, scanned, state, publish } = operator;
  await enter({ added: sampleFiles('a', 'b', 'c', 'gone') });
  await state.ledger.setLinks([{ path: 'latest', target: 'a' }]);
  const one = await scanned(mirrors[0]!, { a: Current, b: Current, c: WrongSize, gone: Current });
  one.location = { ...one.location, country: 'SE', latitude: 63.8, longitude: 20.3 };
  await scanned(mirrors[1]!, { a: Current });
  const idle = await scanned(mirrors[2]!, {});
  idle.inventory = undefined;
  await enter({ changed: [sampleFile({ path: 'b', size: 200 })], removed: ['gone'] });
  await publish();
  return operator;
}

/** What clients and people would be told. */
function answers({ state: { ledger }, clock }: RepositoryWorld): object {
  const { table } = ledger;
  return ['a', 'b', 'c', 'gone', 'latest', 'nothing'].map((path) => {
    const number = table.find(ledger.links.resolve(path) ?? path);
    return {
      path,
      file: table.file(number),
      bits: ['one', 'two'].map((uid) => ledger.column(uid)?.get(number)),
      grace: ledger.inGrace(number, clock.now),
      previous: ledger.previous(number),
      retained: ledger.isRetained(number),
    };
  });
}

describe('an operator that starts on a store', () => {
  test('knows what the one before knew', async () => {
    const store = createMemoryStore();
    const before = await published(store);
    const after = await repositoryWorld({ store, token: 6, clock: before.clock });
    assert.deepEqual(answers(after), answers(before));
    const number = (path: string): number => after.state.ledger.table.find(path);
    assert.deepEqual(
      ['a', 'b', 'c', 'gone'].map((path) => after.state.ledger.column('one')?.get(number(path))),
      [Current, Outdated, WrongSize, Current],
    );
    assert.equal(after.state.publisher.revision, 1);
  });

  test('knows of each mirror where it is and what it had, of the source’s files', async () => {
    const store = createMemoryStore();
    const before = await published(store);
    const { state } = await repositoryWorld({ store, token: 6 });
    const unknown = { protocol: '', times: { offsetSeconds: 0, keepsTimes: false } };
    const scannedAt = before.clock.now;
    assert.deepEqual(state.restored.get('one'), {
      inventory: { files: 3, current: 1, outdated: 1, wrongSize: 1, missing: 0, scannedAt, ...unknown },
      location: {
        additionalCountries: [],
        asns: [],
        networks: [],
        global: false,
        country: 'SE',
        latitude: 63.8,
        longitude: 20.3,
      },
    });
    assert.deepEqual(state.restored.get('two')?.inventory, {
      files: 1,
      current: 1,
      outdated: 0,
      wrongSize: 0,
      missing: 2,
      scannedAt,
      ...unknown,
    });
    assert.deepEqual([state.restored.has('idle'), state.restored.get('idle')?.inventory], [true, undefined]);
  });

  test('writes no page again', async () => {
    const memory = createMemoryStore();
    const before = await published(memory);
    const { store, writes } = watchedStore(memory);
    const after = await repositoryWorld({ store, resources: before.resources, token: 6, clock: before.clock });
    for (const [uid, state] of before.world.mirrors) after.world.mirrors.set(uid, state);
    await after.enter({});
    await after.publish();
    assert.equal((await after.view()).manifest.revision, 2);
    assert.ok(!writes.includes('pages'));
  });

  test('goes on from the health that was written last', async () => {
    const store = createMemoryStore();
    const before = await published(store);
    await before.writeHealth();
    const after = await repositoryWorld({ store, token: 6, clock: before.clock });
    assert.deepEqual(after.state.health, await store.health('ns/repo'));
  });

  test('fences the one before', async () => {
    const store = createMemoryStore();
    const before = await published(store);
    await repositoryWorld({ store, token: 6 });
    await before.enter({ added: sampleFiles('d') });
    await before.publish();
    assert.equal(before.fences.count, 1);
  });
});

describe('an operator that starts from nothing', () => {
  test('under another UID, counts revisions on: readers would take lower ones for old', async () => {
    const store = createMemoryStore();
    await published(store);
    const repository = sampleRepository({ metadata: { uid: 'made-anew' } });
    const after = await repositoryWorld({ store, repository, token: 6 });
    assert.deepEqual([after.state.ledger.table.end, after.state.restored.size, after.state.health], [0, 0, undefined]);
    await after.enter({ added: sampleFiles('z') });
    await after.publish();
    const { manifest } = await after.view();
    assert.deepEqual([manifest.uid, manifest.revision, manifest.files], ['made-anew', 2, 1]);
  });

  for (const [title, broken] of [
    ['because pages are gone', () => undefined],
    ['because pages are of a form it does not know', () => new Uint8Array([255, 1, 2, 3, 4, 5, 6, 7])],
  ] as const) {
    test(title, async () => {
      const store = createMemoryStore();
      await published(store);
      const damaged: CatalogStore = {
        ...store,
        pages: async (_slot, names) =>
          new Map(names.flatMap((name) => (broken() === undefined ? [] : [[name, broken()!] as const]))),
      };
      const { state } = await repositoryWorld({ store: damaged, token: 6 });
      assert.deepEqual([state.ledger.table.end, state.publisher.revision], [0, 1]);
    });
  }
});

describe('a repository that is deleted', () => {
  test('leaves the store', async () => {
    const store = createMemoryStore();
    const { adoption, state } = await published(store);
    await adoption.drop(state);
    assert.deepEqual([await store.slots(), await store.manifest('ns/repo')], [[], undefined]);
  });

  test('leaves the slot alone that another of its name has by now', async () => {
    const store = createMemoryStore();
    const { adoption, state } = await published(store);
    const anew = await repositoryWorld({ store, repository: sampleRepository({ metadata: { uid: 'made-anew' } }) });
    await anew.enter({ added: sampleFiles('z') });
    await anew.publish();
    await adoption.drop(state);
    assert.equal((await store.manifest('ns/repo'))?.uid, 'made-anew');
  });
});

test('numbers and bits survive any number of restarts', async () => {
  const store = createMemoryStore();
  let operator = await published(store);
  const first = answers(operator);
  for (let token = 6; token < 9; token += 1) {
    operator = await repositoryWorld({ store, resources: operator.resources, token, clock: operator.clock });
    for (const mirror of mirrors) {
      const { ledger } = operator.state;
      const bits = Object.fromEntries(
        [...ledger.table.live()].map((number) => [
          ledger.table.path(number),
          ledger.column(mirror.metadata.uid)?.get(number) ?? Absent,
        ]),
      );
      await operator.scanned(mirror, bits);
    }
    operator.state.indexedAt = operator.clock.now;
    await operator.publish();
  }
  assert.deepEqual(answers(operator), first);
});
