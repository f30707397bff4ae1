import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createMemoryStore } from '@geomirror/catalog/store/memory.ts';
import { startNginx } from '@geomirror/e2e/servers/nginx.ts';
import { pino } from 'pino';
import { createOperator } from './controllers.ts';
import { createAddressGuard } from './network/guard.ts';
import type { StatusSink } from './ports.ts';
import { sampleMirror, sampleRepository, sampleResources } from './samples.ts';
import { loopbackClient } from './scan/http/testing/list.ts';
import { addFile, createTree } from './scan/http/testing/tree.ts';

async function eventually(what: string, look: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await look()) return;
    await sleep(25);
  }
  assert.fail(`waited in vain for ${what}`);
}

test('an operator publishes what it finds, reports it, and removes what is deleted', async () => {
  await using tree = await createTree();
  await addFile(tree.root, 'a/file.iso', 1000);
  await using server = await startNginx({ root: tree.root, autoindex: 'json' });
  const { source } = sampleRepository().spec;
  const resources = sampleResources(
    [sampleRepository({ spec: { source: { ...source, directory: { path: tree.root } } } })],
    [sampleMirror({ spec: { endpoints: [{ url: server.url }] } })],
  );
  const status: StatusSink = {
    repository: async ({ metadata }, written) => void resources.repositoryStatuses.set(metadata.uid, written),
    mirror: async ({ metadata }, written) => void resources.mirrorStatuses.set(metadata.uid, written),
  };
  const store = createMemoryStore();
  const client = loopbackClient();
  const stop = new AbortController();
  const operator = createOperator({
    resources,
    status,
    store,
    client,
    guard: createAddressGuard({ allow: 'Everything' }),
    log: pino({ level: 'silent' }),
    now: Date.now,
    random: Math.random,
    token: 5,
    locate: () => undefined,
    recentlyAsked: () => [],
    canaries: [],
    onFenced: () => assert.fail('nobody else is there'),
  });
  const running = operator.run(stop.signal);
  operator.resourcesChanged();
  const isReady = (conditions: readonly { type: string; status: string }[] = []): boolean =>
    conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');
  await eventually('the mirror to be ready', () => isReady(resources.mirrorStatus('mirror-uid')?.conditions));
  await eventually('the catalog', async () => (await store.manifest('ns/repo'))?.mirrors[0]?.scannedAt !== undefined);
  await eventually(
    'the health record',
    async () => (await store.health('ns/repo'))?.mirrors['mirror-uid']?.endpoints[0]?.up === true,
  );
  assert.ok(isReady(resources.repositoryStatus('repo-uid')?.conditions));
  assert.equal(resources.mirrorStatus('mirror-uid')?.inventory?.currentPercent, '100%');

  resources.held.mirrors = [];
  operator.resourcesChanged();
  await eventually('the mirror to leave', async () => (await store.manifest('ns/repo'))?.mirrors.length === 0);
  resources.held.repositories = [];
  operator.resourcesChanged();
  await eventually('the repository to leave', async () => (await store.manifest('ns/repo')) === undefined);

  stop.abort();
  await running;
  await client.close();
});
