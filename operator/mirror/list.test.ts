import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { availability } from '@geomirror/catalog/file.ts';
import { startNginx } from '@geomirror/e2e/servers/nginx.ts';
import { pino } from 'pino';
import { Failure } from '../failures.ts';
import { createJobs } from '../jobs.ts';
import { createAddressGuard } from '../network/guard.ts';
import { repositoryWorld } from '../repository/testing/repository-world.ts';
import type { MirrorScan } from '../resources/mirror.ts';
import { sampleFile, sampleMirror, sampleRepository } from '../samples.ts';
import { loopbackClient } from '../scan/http/testing/list.ts';
import { addFile, createTree } from '../scan/http/testing/tree.ts';
import { listMirror } from './list.ts';
import { newMirrorState, type MirrorState } from './state.ts';
import type { ScanOutcome } from './subject.ts';

const { Current } = availability;
const names = Array.from({ length: 10 }, (_, index) => `f/${index}`);
const modifiedAt = 1_750_000_000;

/** A repository of ten files that a mirror on nginx has too. */
async function setUp() {
  const tree = await createTree();
  for (const name of names) await addFile(tree.root, name, 5, modifiedAt);
  const server = await startNginx({ root: tree.root, autoindex: 'json' });
  const client = loopbackClient();
  const operator = await repositoryWorld();
  await operator.enter({ added: names.map((path) => sampleFile({ path, size: 5, modifiedAt })) });
  const state: MirrorState = newMirrorState({ uid: 'mirror-uid', key: 'ns/mirror', repositoryUid: 'repo-uid' });
  const deps = {
    client,
    guard: createAddressGuard({ allow: 'Everything' }),
    log: pino({ level: 'silent' }),
    now: () => operator.clock.now,
    random: Math.random,
    resources: operator.resources,
    jobs: createJobs(4),
  };
  return {
    root: tree.root,
    url: server.url,
    state,
    column: () =>
      names.map((path) => operator.state.ledger.column('mirror-uid')?.get(operator.state.ledger.table.find(path))),
    list(scan: Partial<MirrorScan>, accepted?: string): Promise<ScanOutcome> {
      const annotations = accepted === undefined ? {} : { 'geomirror.io/accept-held': accepted };
      return listMirror(deps, {
        mirror: sampleMirror({ metadata: { annotations }, spec: { scan: { ...sampleMirror().spec.scan, ...scan } } }),
        state,
        repository: sampleRepository(),
        repositoryState: operator.state,
        signal: AbortSignal.timeout(60_000),
      });
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.stop();
      await tree[Symbol.asyncDispose]();
    },
  };
}

describe('a scan by listing', () => {
  test('enters what it found into the ledger', async () => {
    await using world = await setUp();
    const outcome = await world.list({ endpoints: [{ url: world.url }] });
    assert.deepEqual([outcome.outcome, outcome.accepted?.protocol], ['Succeeded', 'http']);
    assert.equal(outcome.message, '10 files listed, 10 current, 0 outdated, 0 of wrong size, 0 missing');
    assert.deepEqual(
      world.column(),
      names.map(() => Current),
    );
  });

  test('takes the next endpoint where one cannot be listed', async () => {
    await using world = await setUp();
    const outcome = await world.list({ endpoints: [{ url: `${world.url}not-there/` }, { url: world.url }] });
    assert.deepEqual([outcome.outcome, outcome.accepted?.plan.counts.current], ['Succeeded', 10]);
  });

  test('fails with what every endpoint said where none can be listed', async () => {
    await using world = await setUp();
    const endpoints = [{ url: `${world.url}one/` }, { url: `${world.url}two/` }];
    await assert.rejects(world.list({ endpoints }), (error: unknown) => {
      assert.ok(error instanceof Failure);
      assert.equal(error.reason, 'NotFound');
      assert.match(error.message, /one\/.*; then .*two\//);
      return true;
    });
    assert.equal(world.column()[0], undefined);
  });

  test('that shows none of the files at first is believed: there is nothing to lose', async () => {
    await using world = await setUp();
    await rm(`${world.root}/f`, { recursive: true });
    const outcome = await world.list({ endpoints: [{ url: world.url }] });
    assert.deepEqual(
      [outcome.outcome, outcome.accepted?.plan.counts],
      ['Succeeded', { files: 0, current: 0, outdated: 0, wrongSize: 0, missing: 10 }],
    );
  });

  test('that loses too much is held, and believed when the next shows the same', async () => {
    await using world = await setUp();
    const scan = { endpoints: [{ url: world.url }] };
    await world.list(scan);
    for (const name of names.slice(0, 4)) await rm(`${world.root}/${name}`);
    const held = await world.list(scan);
    assert.deepEqual([held.outcome, held.accepted, world.state.held?.removed], ['Held', undefined, 4]);
    assert.deepEqual(
      world.column(),
      names.map(() => Current),
    );
    const believed = await world.list(scan);
    assert.deepEqual([believed.outcome, world.state.held], ['Succeeded', undefined]);
    assert.equal(world.column()[0], availability.Absent);
  });

  test('that loses everything is held until a person accepts it', async () => {
    await using world = await setUp();
    const scan = { endpoints: [{ url: world.url }] };
    await world.list(scan);
    await rm(`${world.root}/f`, { recursive: true });
    const outcomes = [await world.list(scan), await world.list(scan), await world.list(scan, 'another')];
    assert.deepEqual(
      outcomes.map(({ outcome }) => outcome),
      ['Held', 'Held', 'Held'],
    );
    assert.equal((await world.list(scan, world.state.held?.id)).outcome, 'Succeeded');
  });

  test('ends after spec.scan.timeout, and says so', async () => {
    await using world = await setUp();
    const silent = createServer((socket) => socket.on('error', () => socket.destroy()).resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    await assert.rejects(world.list({ endpoints: [{ url }], timeout: '300ms' }), (error: unknown) => {
      assert.ok(error instanceof Failure);
      assert.equal(error.reason, 'Timeout');
      assert.match(error.message, /longer than spec\.scan\.timeout \(300ms\)/);
      return true;
    });
    silent.close();
  });
});
