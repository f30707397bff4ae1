import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Slot } from '../manifest.ts';
import type { StoreFailure } from './failure.ts';
import { createFileStore } from './file.ts';
import { sampleHealth, sampleManifest, samplePage } from './samples.ts';
import type { CatalogStore } from './store.ts';

const slot: Slot = 'mirrors/videolan';
const other: Slot = 'mirrors/debian';

async function emptyFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'geomirror-file-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const open = (folder: string): Promise<CatalogStore> => createFileStore(folder, { report: assert.fail });

async function fill(store: CatalogStore, token: number): Promise<readonly string[]> {
  const pages = new Map([samplePage(), samplePage(100_000)]);
  for (const each of [slot, other]) {
    await store.putPages(each, token, pages);
    await store.publish(each, token, sampleManifest({ revision: 4 }), [...pages.keys()]);
    await store.writeHealth(each, token, sampleHealth(5));
  }
  return [...pages.keys()];
}

test('a file store gives everything back after a restart, and still refuses older tokens', async (context) => {
  const folder = await emptyFolder(context);
  const names = await fill(await open(folder), 8);
  const again = await open(folder);
  assert.deepEqual(new Set(await again.slots()), new Set([slot, other]));
  assert.deepEqual(await again.manifest(slot), sampleManifest({ revision: 4 }));
  assert.equal((await again.health(other))?.writtenAt, 5);
  assert.equal((await again.pages(slot, names)).size, names.length);
  assert.equal(await again.writeHealth(slot, 7, sampleHealth(6)), 'Fenced');
  assert.equal(await again.claim(7, []), 'Fenced');
  assert.equal(await again.claim(8, []), 'Done');
});

test('a file store remembers a claim after which nothing was written', async (context) => {
  const folder = await emptyFolder(context);
  await (await open(folder)).claim(9, []);
  assert.equal(await (await open(folder)).claim(8, []), 'Fenced');
});

test('a file store does not bring back what was removed or deleted', async (context) => {
  const folder = await emptyFolder(context);
  const store = await open(folder);
  const [name = ''] = await fill(store, 1);
  assert.equal(await store.deletePages(other, 1, 4, [name]), 'Done');
  assert.equal(await store.remove(slot, 1), 'Done');
  const again = await open(folder);
  assert.deepEqual(await again.slots(), [other]);
  assert.deepEqual(await again.missing(other, [name]), [name]);
});

test('a file store loses nothing but what is damaged, and says what that is', async (context) => {
  const folder = await emptyFolder(context);
  const names = await fill(await open(folder), 3);
  const own = join(folder, 'repositories', slot);
  const [damaged = '', whole = ''] = names;
  await truncate(join(own, 'pages', damaged), 10);
  await writeFile(join(own, 'pages', 'stray.tmp'), 'x');
  await mkdir(join(own, 'pages', 'a-folder'));
  await writeFile(join(own, 'manifest-1.zst'), (await readFile(join(own, 'manifest-1.zst'))).subarray(0, 60));
  await writeFile(join(own, 'health-1.json'), '{"schema":1');
  await writeFile(join(folder, 'repositories', 'stray'), 'x');
  await writeFile(join(folder, 'token'), 'not a number');

  const reports: StoreFailure[] = [];
  const store = await createFileStore(folder, { report: (failure) => reports.push(failure) });
  assert.deepEqual(await store.slots(), [other]);
  assert.equal((await store.pages(other, names)).size, names.length);
  assert.deepEqual(await store.missing(slot, names), [damaged]);
  assert.equal(await store.health(slot), undefined);
  for (const [at, place] of ['token', damaged, 'stray.tmp', 'a-folder', 'manifest-1.zst', 'health-1.json'].entries()) {
    assert.ok(
      reports.some(({ message }) => message.includes(place)),
      `${at} ${place} in ${reports.join()}`,
    );
  }
  assert.equal(reports.length, 6);
  assert.deepEqual((await readdir(join(own, 'pages'))).sort(), [whole]);
  assert.equal(await store.publish(slot, 3, sampleManifest(), []), 'Done');
  assert.equal(await store.writeHealth(slot, 3, sampleHealth(6)), 'Done');
  await open(folder);
});

test('a file store opens after a crash between any two of its steps', async (context) => {
  const folder = await emptyFolder(context);
  await fill(await open(folder), 3);
  await writeFile(join(folder, 'repositories', slot, 'manifest-1.zst.tmp'), 'half of a mani');
  await rm(join(folder, 'repositories', other, 'manifest-1.zst'));
  const store = await open(folder);
  assert.deepEqual(await store.slots(), [slot]);
  assert.equal((await store.manifest(slot))?.revision, 4);
});

test('a file store refuses names that lead out of its folder', async (context) => {
  const store = await open(await emptyFolder(context));
  const escape: Slot = '../..';
  await assert.rejects(store.publish(escape, 1, sampleManifest(), []), RangeError);
  await assert.rejects(store.putPages(slot, 1, new Map([['../../x', new Uint8Array()]])), RangeError);
});

test('a file store says what to do where the folder cannot be used', async (context) => {
  const folder = await emptyFolder(context);
  await writeFile(join(folder, 'file'), '');
  await assert.rejects(open(join(folder, 'file')), { name: 'StoreFailure', reason: 'Refused', message: /writable/ });
});

test('a file store is Unavailable while its folder cannot be written, and goes on afterwards', async (context) => {
  const folder = await emptyFolder(context);
  const store = await open(folder);
  await writeFile(join(folder, 'repositories'), 'in the way');
  await assert.rejects(store.publish(slot, 1, sampleManifest(), []), { name: 'StoreFailure', reason: 'Unavailable' });
  await rm(join(folder, 'repositories'));
  assert.equal(await store.publish(slot, 1, sampleManifest(), []), 'Done');
  assert.deepEqual(await (await open(folder)).slots(), [slot]);
});
