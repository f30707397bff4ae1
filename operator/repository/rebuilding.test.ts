import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newMirrorState, type Inventory } from '../mirror/state.ts';
import { sampleMirror } from '../samples.ts';
import { rebuildingMessage } from './rebuilding.ts';

const start = Date.UTC(2026, 10, 23);
const minuteMs = 60_000;
const inventory: Inventory = {
  files: 1,
  current: 1,
  outdated: 0,
  wrongSize: 0,
  missing: 0,
  scannedAt: 0,
  protocol: 'rsync',
  times: { offsetSeconds: 0, keepsTimes: true },
};

/** `earlier` of the mirrors had a good scan before this process, `again` have had one since. */
function message(counts: { mirrors: number; earlier: number; again: number }, afterMs = 0): string | undefined {
  const mirrors = Array.from({ length: counts.mirrors }, (_, index) =>
    sampleMirror({ metadata: { uid: `m${index}` } }),
  );
  const states = mirrors.slice(0, counts.again).map(({ metadata: { uid } }) => {
    const state = newMirrorState({ uid, key: `ns/${uid}`, repositoryUid: 'repo-uid' });
    state.inventory = inventory;
    return [uid, state] as const;
  });
  const statuses = new Map(mirrors.slice(0, counts.earlier).map(({ metadata }) => [metadata.uid, { inventory: {} }]));
  return rebuildingMessage(
    {
      resources: { mirrorStatus: (uid) => statuses.get(uid) },
      world: { mirrors: new Map(states) },
      now: () => start + afterMs,
    },
    { startedAt: start },
    mirrors,
  );
}

for (const [title, counts, afterMs, waits] of [
  ['no mirrors', { mirrors: 0, earlier: 0, again: 0 }, 0, false],
  ['none that was ever scanned', { mirrors: 9, earlier: 0, again: 0 }, 0, false],
  ['none of ten scanned again', { mirrors: 10, earlier: 10, again: 0 }, 0, true],
  ['eight of ten scanned again', { mirrors: 10, earlier: 10, again: 8 }, 0, true],
  ['nine of ten scanned again', { mirrors: 10, earlier: 10, again: 9 }, 0, false],
  ['one of two scanned again', { mirrors: 2, earlier: 2, again: 1 }, 0, true],
  ['new ones besides those scanned again', { mirrors: 30, earlier: 10, again: 10 }, 0, false],
  ['none scanned again just before half an hour', { mirrors: 10, earlier: 10, again: 0 }, 30 * minuteMs - 1, true],
  ['none scanned again after half an hour', { mirrors: 10, earlier: 10, again: 0 }, 30 * minuteMs, false],
] as const) {
  test(`after a loss of the store, with ${title}, publishing ${waits ? 'waits' : 'goes on'}`, () => {
    assert.equal(message(counts, afterMs) !== undefined, waits);
  });
}

test('the message says how far it is', () => {
  assert.match(message({ mirrors: 10, earlier: 10, again: 8 }) ?? '', /8 of 10 mirrors are scanned again/);
});
