import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { startRedis } from '@geomirror/e2e/servers/redis.ts';
import { openStore } from './open.ts';

const deps = { report: assert.fail };

test('openStore opens memory, a folder and Redis', async (context) => {
  await using redis = await startRedis();
  const folder = await mkdtemp(join(tmpdir(), 'geomirror-open-'));
  context.after(() => rm(folder, { recursive: true }));
  for (const spec of ['memory:', `file:${folder}/a`, `file://${folder}/b`, redis.url]) {
    await using store = await openStore(spec, { ...deps, prefix: 'other' });
    assert.equal(await store.claim(1, []), 'Done');
  }
  assert.deepEqual((await readdir(folder)).sort(), ['a', 'b']);
});

test('openStore says what to write where it does not know the store, and repeats no password', async () => {
  for (const spec of ['', 'memory', 'file:', 'postgres://user:s3cret@host/db', 's3cret', 'redis:', 'redis://']) {
    await assert.rejects(openStore(spec, deps), (error: Error) => {
      assert.match(inspect(error), /StoreFailure: .*redis:\/\//);
      assert.doesNotMatch(inspect(error), /s3cret/);
      return true;
    });
  }
});
