import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Mirror } from '@geomirror/operator/resources/mirror.ts';
import type { Repository } from '@geomirror/operator/resources/repository.ts';
import { listAll } from '@geomirror/operator/scan/http/testing/list.ts';
import { createTree } from '@geomirror/operator/scan/http/testing/tree.ts';
import { loadDefinitions } from '../manifests/definitions.ts';
import { parseManifests } from '../manifests/parse.ts';
import { startDemo } from './demo.ts';
import { startDemoMirror } from './mirror-server.ts';
import { demoTree, writeTree } from './tree.ts';

describe('the demo', () => {
  test('consists of a repository and four mirrors that the definitions accept', async () => {
    await using demo = await startDemo();
    const validate = await loadDefinitions();
    const resources: (Repository | Mirror)[] = [];
    for (const name of await readdir(demo.manifests)) {
      const parsed = await parseManifests(validate, await readFile(join(demo.manifests, name), 'utf8'), name);
      assert.deepEqual(parsed.problems, []);
      resources.push(...parsed.resources.map(({ resource }) => resource as Repository | Mirror));
    }
    const kinds = resources.map(({ kind }) => kind);
    assert.deepEqual([kinds.length, kinds.filter((kind) => kind === 'Mirror').length], [5, 4]);
  });

  test('has mirrors that list what they hold: two of them everything, one less, one the release before', async () => {
    await using demo = await startDemo();
    const counts: number[] = [];
    for (const name of await readdir(demo.manifests)) {
      const url = /url: (http:\S+)/.exec(await readFile(join(demo.manifests, name), 'utf8'))?.[1];
      if (url !== undefined) counts.push((await listAll(url)).files.length);
    }
    const all = demoTree().length;
    assert.deepEqual(
      counts.toSorted((a, b) => b - a),
      [all, all, all - 4, all - 4],
    );
  });

  test('stops and starts its mirror in Paris when told by POST', async () => {
    await using demo = await startDemo();
    const manifest = await readFile(join(demo.manifests, 'paris.yaml'), 'utf8');
    const paris = /url: (http:\S+)/.exec(manifest)?.[1] ?? '';
    const isUp = (): Promise<boolean> =>
      fetch(paris).then(
        ({ ok }) => ok,
        () => false,
      );
    assert.equal((await fetch(`${demo.controlURL}/stop`)).status, 404);
    assert.ok(await isUp());
    assert.match(await (await fetch(`${demo.controlURL}/stop`, { method: 'POST' })).text(), /is stopped/);
    assert.equal(await isUp(), false);
    assert.match(await (await fetch(`${demo.controlURL}/start`, { method: 'POST' })).text(), /is running/);
    assert.ok(await isUp());
  });

  test('leaves nothing behind', async () => {
    const demo = await startDemo();
    await demo[Symbol.asyncDispose]();
    await assert.rejects(access(demo.manifests));
  });
});

test('the demo tree is the same at every start, and its checksums are true', () => {
  const tree = demoTree();
  assert.deepEqual(demoTree(), tree);
  const sums = tree.find(({ path }) => path === 'SHA256SUMS')?.content.toString() ?? '';
  for (const { path, content } of tree.filter((file) => file.path.includes('/'))) {
    assert.ok(sums.includes(`${createHash('sha256').update(content).digest('hex')}  ${path}\n`), path);
  }
});

describe('a demo mirror', () => {
  test('serves files with their size and time, whole or their headers alone', async () => {
    await using tree = await createTree();
    const files = demoTree();
    await writeTree(tree.root, files);
    const mirror = await startDemoMirror('one', tree.root);
    const { path, content, modifiedAt } = files[0]!;
    for (const method of ['GET', 'HEAD']) {
      const answer = await fetch(mirror.url + path, { method });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('content-length'), String(content.length));
      assert.equal(answer.headers.get('last-modified'), modifiedAt.toUTCString());
      assert.equal((await answer.arrayBuffer()).byteLength, method === 'GET' ? content.length : 0);
    }
    await mirror.stop();
  });

  test('serves nothing beside its folder', async () => {
    await using tree = await createTree();
    const mirror = await startDemoMirror('one', join(tree.root, 'inside'));
    for (const path of ['%2e%2e/', '..%2f', '%00', '%ff', 'nothing']) {
      assert.equal((await fetch(mirror.url + path)).status, 404, path);
    }
    await mirror.stop();
  });

  test('comes back on the port it had', async () => {
    await using tree = await createTree();
    const mirror = await startDemoMirror('one', tree.root);
    await mirror.stop();
    assert.equal(mirror.isRunning(), false);
    await mirror.start();
    await mirror.start();
    assert.equal((await fetch(mirror.url)).status, 200);
    await mirror.stop();
    await mirror.stop();
  });
});
