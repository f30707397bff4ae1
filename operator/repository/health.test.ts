import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { availability } from '@geomirror/catalog/file.ts';
import { StoreFailure } from '@geomirror/catalog/store/failure.ts';
import { createMemoryStore } from '@geomirror/catalog/store/memory.ts';
import { noAttempts } from '../attempts.ts';
import type { ProbedEndpoint } from '../probe/endpoint-health.ts';
import type { MirrorProbeState } from '../probe/watched-mirror.ts';
import { newMirrorState } from '../mirror/state.ts';
import { sampleMirror, sampleRepository, sampleResources } from '../samples.ts';
import { sampleVerdict } from './health.ts';
import { fallbackUid } from './probed.ts';
import { repositoryWorld, sampleFiles, watchedStore, type RepositoryWorld } from './testing/repository-world.ts';

const { Current } = availability;
const url = 'https://mirror.example/';
const endpoint = (given: Partial<ProbedEndpoint> = {}): ProbedEndpoint => ({
  url,
  up: true,
  since: 1000,
  certificateExpiresAt: 9_999_999,
  ...given,
});
const probes = (endpoints: readonly ProbedEndpoint[], verdict?: 'TooSlow'): MirrorProbeState => ({
  endpoints,
  probedAt: 2000,
  verification: { sampled: 3, wrong: 0, wrongFiles: new Map(), ...(verdict === undefined ? {} : { verdict }) },
});

/** One mirror that was scanned, published and probed. */
async function serving(options: Parameters<typeof repositoryWorld>[0] = {}): Promise<RepositoryWorld> {
  const resources = sampleResources([sampleRepository()], [sampleMirror()]);
  const operator = await repositoryWorld({ resources, ...options });
  await operator.enter({ added: sampleFiles('a') });
  await operator.scanned(sampleMirror(), { a: Current });
  await operator.publish();
  operator.probed.set('mirror-uid', probes([endpoint()]));
  return operator;
}

const mirrorOf = async ({ health }: RepositoryWorld): Promise<unknown> => (await health())?.mirrors['mirror-uid'];

test('the record has what redirectors need of each endpoint, and no more', async () => {
  const operator = await serving();
  await operator.writeHealth();
  const published = { url, up: true, since: 1000 };
  assert.deepEqual(await operator.health(), {
    schema: 1,
    uid: 'repo-uid',
    writtenAt: operator.clock.now,
    mirrors: { 'mirror-uid': { endpoints: [published] } },
    fallbacks: {},
  });
});

describe('a mirror gets clients', () => {
  test('only after a probe: without one it has no endpoint that is up', async () => {
    const operator = await serving();
    operator.probed.clear();
    await operator.writeHealth();
    assert.deepEqual(await mirrorOf(operator), { endpoints: [] });
  });

  test('only after a scan', async () => {
    const operator = await serving();
    operator.world.mirrors.get('mirror-uid')!.inventory = undefined;
    await operator.writeHealth();
    assert.deepEqual(await mirrorOf(operator), { withheld: 'NotScanned', endpoints: [{ url, up: true, since: 1000 }] });
  });

  test('not while its samples are bad, nor while it owes a scan', async () => {
    const operator = await serving();
    operator.probed.set('mirror-uid', probes([endpoint()], 'TooSlow'));
    await operator.writeHealth();
    assert.deepEqual(await mirrorOf(operator), { withheld: 'TooSlow', endpoints: [{ url, up: true, since: 1000 }] });
    operator.probed.set('mirror-uid', probes([endpoint()]));
    operator.world.mirrors.get('mirror-uid')!.scans = { ...noAttempts, owedSince: 1 };
    await operator.writeHealth();
    assert.deepEqual(await mirrorOf(operator), {
      withheld: 'AwaitingRescan',
      endpoints: [{ url, up: true, since: 1000 }],
    });
  });

  test('not before what its return scan found is in the catalog', async () => {
    const operator = await serving();
    const { world, clock } = operator;
    const mirror = world.mirrors.get('mirror-uid')!;
    mirror.scans = { ...noAttempts, owedSince: 1 };
    await operator.writeHealth();
    mirror.scans = noAttempts;
    mirror.inventory = { ...mirror.inventory!, scannedAt: (clock.now += 5000) };
    await operator.writeHealth();
    assert.match(JSON.stringify(await mirrorOf(operator)), /AwaitingRescan/);
    clock.now += 1000;
    await operator.publish();
    await operator.writeHealth();
    assert.doesNotMatch(JSON.stringify(await mirrorOf(operator)), /withheld/);
  });

  test('through the endpoints that its spec names, and no others', async () => {
    const operator = await serving();
    operator.probed.set('mirror-uid', probes([endpoint(), endpoint({ url: 'http://old.example/' })]));
    await operator.writeHealth();
    assert.deepEqual(await mirrorOf(operator), { endpoints: [{ url, up: true, since: 1000 }] });
  });

  test('not while it is disabled or deleted', async () => {
    const operator = await serving();
    operator.world.mirrors.clear();
    for (const mirrors of [[sampleMirror({ spec: { mode: 'Disabled' } })], []]) {
      operator.resources.held.mirrors = mirrors;
      await operator.writeHealth();
      assert.equal(await mirrorOf(operator), undefined);
    }
  });
});

describe('the record is written', () => {
  test('again only when it changed', async () => {
    const { store, writes } = watchedStore(createMemoryStore());
    const operator = await serving({ store });
    await operator.writeHealth();
    writes.length = 0;
    operator.clock.now += 10_000;
    assert.equal(await operator.writeHealth(), 15_000, 'until it is renewed');
    // What only people want to know does not concern redirectors.
    operator.probed.set('mirror-uid', probes([endpoint({ certificateExpiresAt: 1 })]));
    await operator.writeHealth();
    assert.deepEqual(writes, []);
    operator.probed.set('mirror-uid', probes([endpoint({ up: false, reason: 'Unreachable: refused' })]));
    await operator.writeHealth();
    assert.deepEqual(writes, ['health']);
    assert.deepEqual(await mirrorOf(operator), {
      endpoints: [{ url, up: false, since: 1000, reason: 'Unreachable: refused' }],
    });
  });

  test('again before it is 30 seconds old, so that an old one means a dead operator', async () => {
    const { store, writes } = watchedStore(createMemoryStore());
    const operator = await serving({ store });
    const first = operator.clock.now;
    for (let visit = 0; visit < 4; visit += 1) operator.clock.now += (await operator.writeHealth()) ?? 0;
    assert.deepEqual(writes.filter((write) => write === 'health').length, 4);
    assert.ok(operator.clock.now - first <= 4 * 30_000);
  });

  test('for a repository without mirrors too', async () => {
    const operator = await repositoryWorld();
    await operator.writeHealth();
    assert.deepEqual((await operator.health())?.mirrors, {});
  });

  test('for no repository that is gone', async () => {
    const operator = await serving();
    operator.resources.held.repositories = [];
    assert.deepEqual([await operator.writeHealth(), await operator.health()], [undefined, undefined]);
  });

  test('by no operator that is fenced', async () => {
    const operator = await serving();
    await operator.writeHealth();
    await repositoryWorld({ store: operator.store, token: 6 });
    operator.probed.set('mirror-uid', probes([endpoint({ up: false })]));
    await operator.writeHealth();
    assert.equal(operator.fences.count, 1);
    assert.deepEqual(await mirrorOf(operator), { endpoints: [{ url, up: true, since: 1000 }] });
  });

  test('soon again if the store was away', async () => {
    const memory = createMemoryStore();
    let away = true;
    const store: typeof memory = {
      ...memory,
      writeHealth: (...given) =>
        away ? Promise.reject(new StoreFailure('Unavailable', 'no answer')) : memory.writeHealth(...given),
    };
    const operator = await serving({ store });
    assert.ok(((await operator.writeHealth()) ?? Infinity) <= 5000);
    away = false;
    await operator.writeHealth();
    assert.notEqual(await mirrorOf(operator), undefined);
  });
});

describe('after a start', () => {
  test('a mirror stays as it was until it is probed', async () => {
    const before = await serving();
    before.probed.set('mirror-uid', probes([endpoint({ since: 77 })]));
    await before.writeHealth();
    const { store, resources, clock } = before;
    const after = await repositoryWorld({ store, resources, clock, token: 6 });
    clock.now += 60_000;
    await after.writeHealth();
    assert.deepEqual(await mirrorOf(after), { endpoints: [{ url, up: true, since: 77 }] });
    after.world.mirrors.set('mirror-uid', before.world.mirrors.get('mirror-uid')!);
    after.probed.set('mirror-uid', probes([endpoint({ up: false, since: 88 })]));
    await after.writeHealth();
    assert.deepEqual(await mirrorOf(after), { endpoints: [{ url, up: false, since: 88 }] });
  });

  test('a mirror that samples had withheld stays so until the prober has it, which then decides', async () => {
    const before = await serving();
    before.probed.set('mirror-uid', probes([endpoint()], 'TooSlow'));
    await before.writeHealth();
    const { store, resources, clock } = before;
    const after = await repositoryWorld({ store, resources, clock, token: 6 });
    after.world.mirrors.set('mirror-uid', before.world.mirrors.get('mirror-uid')!);
    await after.publish();
    clock.now += 60_000;
    await after.writeHealth();
    const withheld = { withheld: 'TooSlow', endpoints: [{ url, up: true, since: 1000 }] };
    assert.deepEqual(await mirrorOf(after), withheld);
    after.probed.set('mirror-uid', probes([endpoint()], 'TooSlow'));
    await after.writeHealth();
    assert.deepEqual(await mirrorOf(after), withheld);
    after.probed.set('mirror-uid', probes([endpoint()]));
    await after.writeHealth();
    assert.deepEqual(await mirrorOf(after), { endpoints: withheld.endpoints });
  });

  test('a record written before a mirror is taken over says what the one before said', async () => {
    const before = await serving();
    before.probed.set('mirror-uid', probes([endpoint()], 'TooSlow'));
    await before.writeHealth();
    const { store, resources, clock } = before;
    const after = await repositoryWorld({ store, resources, clock, token: 6 });
    const known = newMirrorState({ uid: 'mirror-uid', key: 'mirrors/mirror', repositoryUid: 'repo-uid' });
    after.world.mirrors.set('mirror-uid', known);
    clock.now += 60_000;
    await after.writeHealth();
    assert.deepEqual(await mirrorOf(after), { withheld: 'TooSlow', endpoints: [{ url, up: true, since: 1000 }] });
  });

  test('what is no verdict of samples is none after it', () => {
    for (const withheld of ['NotScanned', 'AwaitingRescan'] as const)
      assert.equal(sampleVerdict({ withheld, endpoints: [] }), undefined);
    assert.equal(sampleVerdict({ withheld: 'ContentWrong', endpoints: [] }), 'ContentWrong');
    assert.equal(sampleVerdict(undefined), undefined);
  });

  test('a fallback stays as it was unless its URL changed', async () => {
    const fallback = { name: 'archive', url: 'https://archive.example/' };
    const repository = sampleRepository({ spec: { fallbacks: [fallback] } });
    const before = await repositoryWorld({ resources: sampleResources([repository], []) });
    before.probed.set(fallbackUid('repo-uid', 'archive'), probes([endpoint({ url: fallback.url, up: false })]));
    await before.writeHealth();
    const { store, resources, clock } = before;
    const after = await repositoryWorld({ store, resources, clock, token: 6 });
    clock.now += 60_000;
    await after.writeHealth();
    assert.deepEqual((await after.health())?.fallbacks, { archive: { url: fallback.url, up: false, since: 1000 } });
    resources.held.repositories = [
      sampleRepository({ spec: { fallbacks: [{ ...fallback, url: 'https://new.example/' }] } }),
    ];
    await after.writeHealth();
    assert.deepEqual((await after.health())?.fallbacks, {});
  });
});
