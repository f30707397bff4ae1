import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createMemoryStore } from '@geomirror/catalog/store/memory.ts';
import type { MirrorHealth } from '@geomirror/catalog/health.ts';
import { pino } from 'pino';
import { newMirrorState, type Inventory } from '../mirror/state.ts';
import type { MirrorProbeState } from '../probe/watched-mirror.ts';
import type { Mirror } from '../resources/mirror.ts';
import type { Repository } from '../resources/repository.ts';
import { publishHealth } from './health.ts';
import type { Publication, RepositoryState } from './state.ts';

const slot = 'default/tree';
const url = 'http://mirror.example/';
const now = 1_000_000;

const repository = { metadata: { uid: 'r', namespace: 'default', name: 'tree' }, spec: { fallbacks: [] } };
const mirror = {
  metadata: { uid: 'm', namespace: 'default', name: 'near' },
  spec: { repositoryRef: { name: 'tree' }, endpoints: [{ url }], mode: 'Active' },
};

const probed = (up: boolean): MirrorProbeState => ({
  endpoints: [{ url, up, since: 1 }],
  verification: { sampled: 0, wrong: 0, wrongFiles: new Map() },
});

type Situation = {
  /** When the last accepted scan ended; undefined: there was none. */
  readonly scannedAt?: number;
  readonly published?: Publication;
  readonly before?: MirrorHealth;
  readonly wasUp?: boolean;
  readonly probe?: MirrorProbeState;
};

/** What is published of the mirror in a situation. */
async function healthIn({ scannedAt, published, before, wasUp, probe }: Situation): Promise<MirrorHealth | undefined> {
  const store = createMemoryStore();
  await store.claim(1, [slot]);
  const inventory = scannedAt === undefined ? undefined : ({ scannedAt } as Inventory);
  const state = { ...newMirrorState({ uid: 'm', key: 'default/near', repositoryUid: 'r' }), inventory, wasUp };
  const repositoryState = {
    uid: 'r',
    slot,
    publication: published ?? { kind: 'Published', revision: 1, at: now },
    health: before && { schema: 1, uid: 'r', writtenAt: 1, mirrors: { m: before }, fallbacks: {} },
  } as unknown as RepositoryState;
  await publishHealth(
    {
      resources: {
        repositories: () => [repository as unknown as Repository],
        mirrors: () => [mirror as unknown as Mirror],
        repositoryStatus: () => undefined,
        mirrorStatus: () => undefined,
        secret: () => Promise.resolve(undefined),
      },
      world: { repositories: new Map([['r', repositoryState]]), mirrors: new Map([['m', state]]) },
      prober: { state: () => probe },
      store,
      token: 1,
      log: pino({ level: 'silent' }),
      now: () => now,
      onFenced: () => assert.fail('fenced'),
    },
    'r',
  );
  return (await store.health(slot))?.mirrors['m'];
}

const waiting: MirrorHealth = { withheld: 'AwaitingRescan', endpoints: [{ url, up: true, since: 1 }] };

describe('the health of a mirror', () => {
  it('is what probes and scans say', async () => {
    assert.deepEqual(await healthIn({ scannedAt: 1, probe: probed(true) }), {
      endpoints: [{ url, up: true, since: 1 }],
    });
    assert.equal((await healthIn({ probe: probed(true) }))?.withheld, 'NotScanned');
  });

  it('keeps clients waiting until what the scan found is in the catalog', async () => {
    const back = { before: waiting, probe: probed(true), scannedAt: 500 };
    const publishedAt = (at: number): Publication => ({ kind: 'Published', revision: 1, at });
    assert.equal((await healthIn({ ...back, published: publishedAt(499) }))?.withheld, 'AwaitingRescan');
    assert.equal((await healthIn({ ...back, published: { kind: 'Failed', message: '' } }))?.withheld, 'AwaitingRescan');
    assert.equal((await healthIn({ ...back, published: publishedAt(500) }))?.withheld, undefined);
  });

  it('keeps clients from a mirror that a probe found back before anybody has noticed', async () => {
    assert.equal((await healthIn({ scannedAt: 1, wasUp: false, probe: probed(true) }))?.withheld, 'AwaitingRescan');
  });

  it('holds on to what was known of endpoints that were not probed since the start', async () => {
    const before = { endpoints: [{ url, up: true, since: 7 }] };
    assert.deepEqual(await healthIn({ scannedAt: 1, before }), before);
    assert.deepEqual((await healthIn({ scannedAt: 1, before, probe: probed(false) }))?.endpoints[0]?.up, false);
  });
});
