import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { availability } from '@geomirror/catalog/file.ts';
import { StoreFailure } from '@geomirror/catalog/store/failure.ts';
import { createMemoryStore } from '@geomirror/catalog/store/memory.ts';
import { sampleFile, sampleMirror, sampleRepository, sampleResources } from '../samples.ts';
import { repositoryWorld, sampleFiles, watchedStore } from './testing/repository-world.ts';

const { Current } = availability;
const minuteMs = 60_000;

test('nothing is published before the source was indexed', async () => {
  const { publish, state, store } = await repositoryWorld();
  assert.equal(await publish(), undefined);
  assert.deepEqual([state.publication.kind, await store.slots()], ['None', []]);
});

test('what the operator knows is what a redirector loads', async () => {
  const mirror = sampleMirror();
  const resources = sampleResources([sampleRepository()], [mirror]);
  const { enter, scanned, publish, view, state, woken } = await repositoryWorld({ resources });
  await enter({ added: sampleFiles('a', 'b') });
  await scanned(mirror, { a: Current });
  await publish();
  const { manifest, table, columns } = await view();
  assert.deepEqual([manifest.uid, manifest.revision, manifest.files], ['repo-uid', 1, 2]);
  assert.deepEqual(
    manifest.mirrors.map(({ name, endpoints }) => [name, endpoints]),
    [['mirror', ['https://mirror.example/']]],
  );
  assert.deepEqual([columns[0]?.get(table.find('a')), columns[0]?.get(table.find('b'))], [Current, 0]);
  assert.equal(state.publication.kind, 'Published');
  assert.ok(woken.includes('repository ns/repo'), 'so that the status says it');
});

describe('a publication', () => {
  test('is not written again when nothing changed, however often it is visited', async () => {
    const { store, writes } = watchedStore(createMemoryStore());
    const mirror = sampleMirror();
    const { enter, scanned, publish, clock, state, woken } = await repositoryWorld({
      store,
      resources: sampleResources([sampleRepository()], [mirror]),
    });
    await enter({ added: sampleFiles('a') });
    await scanned(mirror, { a: Current });
    await publish();
    writes.length = 0;
    woken.length = 0;
    for (let visit = 0; visit < 3; visit += 1) {
      clock.now += minuteMs;
      await publish();
    }
    assert.deepEqual(writes, []);
    assert.ok(!woken.includes('repository ns/repo'));
    assert.equal(state.publisher.revision, 1);
  });

  test('is written when a file, a mirror or the policy changes', async () => {
    const mirror = sampleMirror();
    const { enter, scanned, publish, state, resources } = await repositoryWorld({
      resources: sampleResources([sampleRepository()], [mirror]),
    });
    await enter({ added: sampleFiles('a') });
    await scanned(mirror, { a: Current });
    const revisions: number[] = [];
    const note = async (): Promise<void> => {
      await publish();
      revisions.push(state.publisher.revision);
    };
    await note();
    await enter({ changed: [sampleFile({ path: 'a', size: 7 })] });
    await note();
    resources.held.mirrors = [sampleMirror({ spec: { weight: 7 } })];
    await note();
    resources.held.repositories = [sampleRepository({ spec: { hosts: ['get.example.org'] } })];
    await note();
    await note();
    assert.deepEqual(revisions, [1, 2, 3, 4, 4]);
  });

  test('leaves out what is private, and mirrors that are disabled', async () => {
    const mirrors = [
      sampleMirror({ spec: { admin: { name: 'A. Admin', email: 'admin@mirror.example' } } }),
      sampleMirror({ metadata: { name: 'off', uid: 'off' }, spec: { mode: 'Disabled' } }),
      sampleMirror({ metadata: { name: 'rest', uid: 'rest' }, spec: { mode: 'Drained' } }),
    ];
    const { enter, scanned, publish, view } = await repositoryWorld({
      resources: sampleResources([sampleRepository()], mirrors),
    });
    await enter({ added: sampleFiles('a') });
    for (const mirror of mirrors) await scanned(mirror, { a: Current });
    await publish();
    const { manifest } = await view();
    assert.deepEqual(
      manifest.mirrors.map(({ name, mode }) => [name, mode]),
      [
        ['mirror', 'Active'],
        ['rest', 'Drained'],
      ],
    );
    assert.doesNotMatch(JSON.stringify(manifest), /admin/i);
  });
});

test('an emptied store gets everything again at the next visit', async () => {
  const store = createMemoryStore();
  const mirror = sampleMirror();
  const { enter, scanned, publish, view, state } = await repositoryWorld({
    store,
    resources: sampleResources([sampleRepository()], [mirror]),
  });
  await enter({ added: sampleFiles('a', 'b') });
  await scanned(mirror, { a: Current });
  await publish();
  await store.remove(state.slot, 5);
  await publish();
  const { manifest, table, columns } = await view();
  assert.equal(manifest.revision, 2);
  assert.deepEqual([table.liveFiles, columns[0]?.get(table.find('a'))], [2, Current]);
});

test('a writer that is fenced stops writing and says so', async () => {
  const { store, writes } = watchedStore(createMemoryStore());
  const first = await repositoryWorld({ store });
  await first.enter({ added: sampleFiles('a') });
  await first.publish();
  await repositoryWorld({ store, token: 6 });
  await first.enter({ added: sampleFiles('b') });
  await first.publish();
  assert.deepEqual([first.state.publication.kind, first.fences.count], ['Fenced', 1]);
  assert.equal((await store.manifest('ns/repo'))?.files, 1);
  assert.equal(writes.filter((write) => write === 'manifest').length, 1, 'pages and lists were refused before');
});

test('a store that is away is tried again soon, and what changed meanwhile is published', async () => {
  const memory = createMemoryStore();
  let away = false;
  const store = {
    ...memory,
    publish: (...given: Parameters<typeof memory.publish>) => {
      if (away) throw new StoreFailure('Unavailable', 'the store does not answer');
      return memory.publish(...given);
    },
  };
  const { enter, publish, state, view } = await repositoryWorld({ store });
  await enter({ added: sampleFiles('a') });
  await publish();
  away = true;
  await enter({ added: sampleFiles('b') });
  assert.ok(((await publish()) ?? Infinity) <= 5000);
  assert.deepEqual(state.publication, { kind: 'Failed', message: 'the store does not answer' });
  away = false;
  await publish();
  assert.equal((await view()).table.liveFiles, 2);
});

describe('after a start', () => {
  test('the first publication waits until every mirror is known again', async () => {
    const store = createMemoryStore();
    const resources = sampleResources([sampleRepository()], [sampleMirror()]);
    const before = await repositoryWorld({ store, resources });
    await before.enter({ added: sampleFiles('a') });
    await before.scanned(sampleMirror(), { a: Current });
    await before.publish();

    const after = await repositoryWorld({ store, resources, token: 6, clock: before.clock });
    await after.enter({ added: sampleFiles('b') });
    await after.publish();
    assert.deepEqual([after.state.publication.kind, (await after.view()).manifest.files], ['None', 1]);
    await after.scanned(sampleMirror(), { a: Current });
    await after.publish();
    assert.deepEqual([(await after.view()).manifest.mirrors.length, (await after.view()).manifest.files], [1, 2]);
  });

  test('on an empty store, nothing is published until the mirrors have been scanned again', async () => {
    const mirror = sampleMirror();
    const resources = sampleResources([sampleRepository()], [mirror]);
    resources.mirrorStatuses.set('mirror-uid', { inventory: { current: 1 } });
    const { enter, scanned, publish, state, world, store } = await repositoryWorld({ resources });
    await enter({ added: sampleFiles('a') });
    const { uid, inventory } = await scanned(mirror, { a: Current });
    world.mirrors.get(uid)!.inventory = undefined;
    await publish();
    assert.deepEqual([state.publication.kind, await store.manifest('ns/repo')], ['Rebuilding', undefined]);
    world.mirrors.get(uid)!.inventory = inventory;
    await publish();
    assert.equal(state.publication.kind, 'Published');
  });
});

test('a publish request is handled by the publication after the scans for it', async () => {
  const { enter, publish, state } = await repositoryWorld();
  await enter({ added: sampleFiles('a') });
  await publish();
  assert.equal(state.handledPublishRequest, undefined);
  state.scannedPublishRequest = 'release-7';
  await publish();
  assert.equal(state.handledPublishRequest, 'release-7');
});

test('pages that no list names any more are deleted after their grace, and never at once', async () => {
  const { store, writes } = watchedStore(createMemoryStore());
  const { enter, publish, clock, view } = await repositoryWorld({ store });
  await enter({ added: sampleFiles('a') });
  await publish();
  await enter({ changed: [sampleFile({ path: 'a', size: 7 })] });
  await publish();
  for (let visit = 0; visit < 5; visit += 1) {
    clock.now += 5 * minuteMs;
    await publish();
  }
  assert.ok(writes.includes('delete'));
  assert.ok(writes.indexOf('delete') > writes.lastIndexOf('manifest'));
  assert.equal((await view()).table.size((await view()).table.find('a')), 7);
});
