import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFalse, isTrue, mergeConditions, timestamp } from './conditions.ts';

const start = Date.UTC(2026, 0, 1);

test('a condition keeps its transition time while its status stays, whatever its reason', () => {
  const first = mergeConditions([], [isFalse('Ready', 'NotScanned', 'never scanned')], 1, start);
  const second = mergeConditions(first, [isFalse('Ready', 'Down', 'no endpoint answers')], 2, start + 60_000);
  assert.deepEqual(second, [
    {
      type: 'Ready',
      status: 'False',
      reason: 'Down',
      message: 'no endpoint answers',
      lastTransitionTime: timestamp(start),
      observedGeneration: 2,
    },
  ]);
});

test('a flip sets the transition time, and a finding that is gone leaves the list', () => {
  const first = mergeConditions([], [isFalse('Ready', 'Down', ''), isTrue('Held', 'Loss', '')], 1, start);
  const second = mergeConditions(first, [isTrue('Ready', 'Serving', '')], 1, start + 90_500);
  assert.equal(second.length, 1);
  assert.equal(second[0]?.lastTransitionTime, '2026-01-01T00:01:30Z');
});
