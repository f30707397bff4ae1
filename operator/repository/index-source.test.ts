import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { pino } from 'pino';
import { createJobs } from '../jobs.ts';
import { createAddressGuard } from '../network/guard.ts';
import { sampleRepository } from '../samples.ts';
import { loopbackClient } from '../scan/http/testing/list.ts';
import { createTree } from '../scan/http/testing/tree.ts';
import { indexSource, type IndexOutcome } from './index-source.ts';
import { repositoryWorld } from './testing/repository-world.ts';

/** An operator with a folder as its source. */
async function setUp() {
  const tree = await createTree();
  const client = loopbackClient();
  const { state, resources, clock } = await repositoryWorld();
  const deps = {
    client,
    guard: createAddressGuard({ allow: [] }),
    log: pino({ level: 'silent' }),
    now: () => clock.now,
    random: Math.random,
    resources,
    jobs: createJobs(4),
  };
  const { source } = sampleRepository().spec;
  return {
    state,
    write: async (...names: readonly string[]) => {
      await mkdir(tree.root, { recursive: true });
      for (const name of names) await writeFile(`${tree.root}/${name}`, 'hello');
    },
    remove: () => rm(tree.root, { recursive: true }),
    empty: async () => {
      await rm(tree.root, { recursive: true });
      await mkdir(tree.root);
    },
    index(accepted?: string): Promise<IndexOutcome> {
      const annotations = accepted === undefined ? {} : { 'geomirror.io/accept-held': accepted };
      const spec = { source: { ...source, directory: { path: tree.root } } };
      const repository = sampleRepository({ metadata: { annotations }, spec });
      return indexSource(deps, { repository, state, signal: AbortSignal.timeout(60_000) });
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await tree[Symbol.asyncDispose]();
    },
  };
}

test('the first listing of an empty source is held until it has files', async () => {
  await using world = await setUp();
  const { outcome, message, plan } = await world.index();
  assert.deepEqual([outcome, plan, world.state.held?.id], ['Held', undefined, 'empty']);
  assert.match(message, /the listing has no files; see whether spec\.source names the root/);
  await world.write('a');
  assert.deepEqual([(await world.index()).outcome, world.state.held], ['Succeeded', undefined]);
  assert.equal(world.state.ledger.table.liveFiles, 1);
});

test('a source may start empty if a person says so', async () => {
  await using world = await setUp();
  assert.equal((await world.index('empty')).outcome, 'Succeeded');
});

test('a source that is emptied keeps its files until a person accepts the loss, and is then believed', async () => {
  await using world = await setUp();
  await world.write('a', 'b', 'c');
  assert.equal((await world.index()).message, '3 files: 3 added, 0 changed, 0 removed');
  await world.empty();
  const held = await world.index();
  const id = world.state.held?.id;
  assert.deepEqual([held.outcome, world.state.held?.removed, world.state.ledger.table.liveFiles], ['Held', 3, 3]);
  const again = await world.index();
  assert.deepEqual([again.outcome, world.state.held?.id], ['Held', id]);
  assert.equal((await world.index(id)).message, '0 files: 0 added, 0 changed, 3 removed');
  assert.deepEqual([(await world.index()).outcome, world.state.held], ['Succeeded', undefined]);
});

test('a source that cannot be read fails with its reason', async () => {
  await using world = await setUp();
  await world.remove();
  assert.deepEqual([(await world.index()).outcome, (await world.index()).reason], ['Failed', 'SourceUnreadable']);
});
