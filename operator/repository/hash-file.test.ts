import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, open, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { DigestAlgorithm } from '@geomirror/catalog/file.ts';
import { addFile, createTree } from '../scan/http/testing/tree.ts';
import { hashFile, type HashRequest } from './hash-file.ts';

const time = 1_750_000_000;
const all: readonly DigestAlgorithm[] = ['md5', 'sha1', 'sha256', 'sha512'];

const request = (root: string, path: string, size: number, more: Partial<HashRequest> = {}): HashRequest => ({
  root,
  path,
  size,
  modifiedAt: time,
  algorithms: ['sha256'],
  signal: new AbortController().signal,
  ...more,
});

test('digests are those that the programs of coreutils print', async () => {
  await using tree = await createTree();
  await addFile(tree.root, 'a/b', 3_000_001, time);
  const digests = await hashFile(request(tree.root, 'a/b', 3_000_001, { algorithms: all }));
  for (const algorithm of all) {
    const { stdout } = await promisify(execFile)(`${algorithm}sum`, [join(tree.root, 'a/b')]);
    assert.equal(digests?.[algorithm], stdout.split(' ')[0]);
  }
});

test('a file of another size or time than listed has none', async () => {
  await using tree = await createTree();
  await addFile(tree.root, 'a', 5, time);
  assert.notEqual(await hashFile(request(tree.root, 'a', 5)), undefined);
  assert.equal(await hashFile(request(tree.root, 'a', 6)), undefined);
  assert.equal(await hashFile(request(tree.root, 'a', 5, { modifiedAt: time + 1 })), undefined);
  assert.equal(await hashFile(request(tree.root, 'missing', 5)), undefined);
});

test('a file whose time the catalog cannot express is known by its size', async () => {
  await using tree = await createTree();
  await addFile(tree.root, 'a', 5, -86_400);
  assert.notEqual(await hashFile(request(tree.root, 'a', 5, { modifiedAt: undefined })), undefined);
});

test('a file that changes while it is read has none, even if its size and time are as before', async () => {
  await using tree = await createTree();
  const size = 30_000_000;
  await addFile(tree.root, 'a', size, time);
  const reader = { isDone: false };
  const reading = hashFile(request(tree.root, 'a', size)).finally(() => (reader.isDone = true));
  await using handle = await open(join(tree.root, 'a'), 'r+');
  while (!reader.isDone) {
    await handle.write('x', 7);
    await handle.utimes(time, time);
  }
  assert.equal(await reading, undefined);
});

test('a link is not read, nor what lies behind a folder that became one, nor a pipe', async () => {
  await using tree = await createTree();
  await using outside = await createTree();
  await addFile(outside.root, 'secret', 5, time);
  await addFile(tree.root, 'folder/secret', 5, time);
  await symlink(join(outside.root, 'secret'), join(tree.root, 'link'));
  await promisify(execFile)('mkfifo', [join(tree.root, 'pipe')]);
  assert.equal(await hashFile(request(tree.root, 'link', 5)), undefined);
  assert.equal(await hashFile(request(tree.root, 'pipe', 0)), undefined);
  await rename(join(tree.root, 'folder'), join(tree.root, 'moved'));
  await symlink(outside.root, join(tree.root, 'folder'));
  assert.equal(await hashFile(request(tree.root, 'folder/secret', 5)), undefined);
  await rm(join(tree.root, 'folder'));
  await mkdir(join(tree.root, 'folder'));
  assert.equal(await hashFile(request(tree.root, 'folder', 5)), undefined);
});

test('an abort ends the reading', async () => {
  await using tree = await createTree();
  await writeFile(join(tree.root, 'a'), Buffer.alloc(5));
  await utimes(join(tree.root, 'a'), time, time);
  assert.equal(await hashFile(request(tree.root, 'a', 5, { signal: AbortSignal.abort() })), undefined);
});
