import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { noAttempts } from '../attempts.ts';
import type { ProbedEndpoint } from '../probe/endpoint-health.ts';
import type { MirrorStatus } from '../resources/mirror.ts';
import { sampleMirror } from '../samples.ts';
import { newMirrorState, type Inventory, type MirrorState } from './state.ts';
import { mirrorStatus, saysTheSame, type MirrorStatusFacts } from './status.ts';

const now = Date.UTC(2026, 10, 23, 12);
const inventory: Inventory = {
  files: 1002,
  current: 999,
  outdated: 0,
  wrongSize: 0,
  missing: 1,
  scannedAt: now - 1000,
  protocol: 'rsync',
  times: { offsetSeconds: -7200, keepsTimes: true },
};
const endpoint: ProbedEndpoint = {
  url: 'https://mirror.example/',
  up: true,
  ipv4Up: true,
  ipv6Up: false,
  since: now - 5000,
  certificateExpiresAt: now + 86_400_000,
};
const state = (given: Partial<MirrorState> = {}): MirrorState => ({
  ...newMirrorState({ uid: 'mirror-uid', key: 'ns/mirror', repositoryUid: 'repo-uid' }),
  ...given,
});
const facts = (given: Partial<MirrorStatusFacts> = {}): MirrorStatusFacts => ({
  mirror: sampleMirror({ metadata: { generation: 7 } }),
  mode: 'Active',
  repositoryName: 'repo',
  repositoryExists: true,
  state: state(),
  endpoints: [],
  verification: { sampled: 0, wrong: 0 },
  before: undefined,
  now,
  ...given,
});

test('the status of a new mirror has no more than what is known', () => {
  const { conditions = [], ...status } = mirrorStatus(facts());
  assert.deepEqual(status, { observedGeneration: 7, endpoints: [], verification: { sampled: 0, wrong: 0 } });
  for (const condition of conditions) {
    assert.equal(condition.observedGeneration, 7);
    assert.equal(condition.lastTransitionTime, '2026-11-23T12:00:00Z');
  }
});

test('the status of a mirror in service has all that is known, as the CRD writes it', () => {
  const lastWrong = { path: 'a', reason: 'ContentWrong', detail: 'GET https://… is another', at: now };
  const { conditions: _conditions, ...status } = mirrorStatus(
    facts({
      state: state({
        inventory,
        location: {
          latitude: 63.83,
          longitude: 20.26,
          country: 'SE',
          additionalCountries: ['FI'],
          asns: [2847],
          networks: [],
          global: false,
        },
        locationSource: 'Spec',
        handledRequest: 'now',
        scans: {
          ...noAttempts,
          last: { startedAt: now - 9000, finishedAt: now - 1000, outcome: 'Held', reason: undefined, message: 'lost' },
        },
        held: { id: 'abc', removed: 3, message: 'lost', since: now - 2000, loss: { had: 9, lost: 3, id: 'abc' } },
      }),
      endpoints: [endpoint],
      verification: { sampled: 60, wrong: 1, lastWrong },
    }),
  );
  assert.deepEqual(status, {
    observedGeneration: 7,
    location: {
      latitude: '63.83',
      longitude: '20.26',
      country: 'SE',
      additionalCountries: ['FI'],
      asns: [2847],
      networks: [],
      global: false,
      source: 'Spec',
    },
    lastHandledScanRequest: 'now',
    lastScan: {
      startedAt: '2026-11-23T11:59:51Z',
      finishedAt: '2026-11-23T11:59:59Z',
      outcome: 'Held',
      message: 'lost',
    },
    inventory: {
      scannedAt: '2026-11-23T11:59:59Z',
      protocol: 'rsync',
      files: 1002,
      current: 999,
      outdated: 0,
      wrongSize: 0,
      missing: 1,
      currentPercent: '99.9%',
      timezoneOffset: '+02:00',
      keepsTimes: true,
    },
    endpoints: [
      {
        url: 'https://mirror.example/',
        up: true,
        ipv4Up: true,
        ipv6Up: false,
        since: '2026-11-23T11:59:55Z',
        certificateExpires: '2026-11-24T12:00:00Z',
      },
    ],
    verification: {
      sampled: 60,
      wrong: 1,
      lastWrong: { path: 'a', reason: 'ContentWrong', at: '2026-11-23T12:00:00Z' },
    },
    held: { id: 'abc', since: '2026-11-23T11:59:58Z', removed: 3 },
  });
});

test('100 % is said of a mirror only if nothing is missing, and 0 % if there is nothing', () => {
  const percentOf = (given: Partial<Inventory>): string | undefined =>
    mirrorStatus(facts({ state: state({ inventory: { ...inventory, ...given } }) })).inventory?.currentPercent;
  assert.equal(percentOf({ current: 1_499_999, missing: 1 }), '99.9%');
  assert.equal(percentOf({ current: 0, missing: 0 }), '0%');
  assert.equal(percentOf({ current: 1, missing: 999_999 }), '0%');
  assert.equal(percentOf({ current: 199, missing: 1 }), '99.5%');
  const counts = fc.record({ current: fc.nat(10 ** 7), outdated: fc.nat(3), wrongSize: fc.nat(3), missing: fc.nat(3) });
  fc.assert(
    fc.property(counts, (given) => {
      const isWhole = given.current > 0 && given.outdated + given.wrongSize + given.missing === 0;
      assert.equal(percentOf(given) === '100%', isWhole);
    }),
  );
});

describe('while nothing happens', () => {
  const settled = (at: number, before: MirrorStatus | undefined, sampled = 5): MirrorStatus =>
    mirrorStatus(
      facts({
        state: state({ inventory }),
        endpoints: [endpoint],
        verification: { sampled, wrong: 0 },
        before,
        now: at,
      }),
    );
  const first = settled(now, undefined);

  test('the status stays the same to the letter', () => {
    assert.deepEqual(settled(now + 3_600_000, first), first);
    assert.ok(saysTheSame(settled(now + 3_600_000, first), first));
  });

  test('another sample is no news; another wrong one is, and so is anything else', () => {
    assert.ok(saysTheSame(settled(now, first, 6), first));
    const isNews = (given: Partial<MirrorStatusFacts>): boolean =>
      !saysTheSame(
        mirrorStatus(
          facts({
            state: state({ inventory }),
            endpoints: [endpoint],
            verification: { sampled: 5, wrong: 0 },
            before: first,
            ...given,
          }),
        ),
        first,
      );
    assert.equal(isNews({}), false);
    assert.ok(isNews({ verification: { sampled: 5, wrong: 1 } }));
    assert.ok(isNews({ verification: { sampled: 0, wrong: 0 } }), 'Verified is Unknown then');
    assert.ok(isNews({ endpoints: [{ ...endpoint, ipv6Up: true }] }));
    assert.ok(isNews({ state: state({ inventory: { ...inventory, scannedAt: now } }) }));
    assert.ok(isNews({ mirror: sampleMirror({ metadata: { generation: 8 } }) }));
  });
});

test('a condition keeps its transition time until its status flips', () => {
  const at = (time: number, up: boolean, before?: MirrorStatus): MirrorStatus =>
    mirrorStatus(facts({ state: state({ inventory }), endpoints: [{ ...endpoint, up }], before, now: time }));
  const timeOf = ({ conditions }: MirrorStatus, type: string): string | undefined =>
    conditions?.find((condition) => condition.type === type)?.lastTransitionTime;
  const first = at(now, true);
  const second = at(now + 60_000, false, first);
  assert.deepEqual(
    ['Ready', 'Healthy', 'UpToDate'].map((type) => timeOf(second, type)),
    ['2026-11-23T12:01:00Z', '2026-11-23T12:01:00Z', '2026-11-23T12:00:00Z'],
  );
});
