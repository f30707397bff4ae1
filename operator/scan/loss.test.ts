import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createLossTally, lostPercent, similarLoss } from './loss.ts';

const tally = (had: number, lost: readonly string[]): ReturnType<ReturnType<typeof createLossTally>['result']> => {
  const { add, result } = createLossTally();
  for (const path of lost) add(path);
  for (let kept = lost.length; kept < had; kept += 1) add(undefined);
  return result();
};

test('the id of a loss depends on the lost paths, and on nothing else', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { minLength: 1 }), fc.nat(9), (paths, kept) => {
      const loss = tally(paths.length + kept, paths);
      assert.deepEqual([loss.had, loss.lost], [paths.length + kept, paths.length]);
      assert.equal(tally(99, paths.toReversed()).id, loss.id);
      assert.notEqual(tally(99, [...paths, paths.join('+') + 'x']).id, loss.id);
      assert.match(loss.id, /^[0-9a-f]{32}$/);
    }),
  );
});

test('no loss has no id and is no part of anything', () => {
  assert.deepEqual(tally(3, []), { had: 3, lost: 0, id: '' });
  assert.equal(lostPercent(tally(0, [])), 0);
  assert.equal(lostPercent(tally(4, ['a'])), 25);
});

test('losses are similar when their sizes differ by at most five in a hundred of the larger', () => {
  const loss = (lost: number) => ({ had: 1000, lost, id: 'x' });
  for (const [a, b, similar] of [
    [100, 100, true],
    [95, 100, true],
    [94, 100, false],
    [100, 106, false],
    [1, 1, true],
    [1, 2, false],
  ] as const) {
    assert.deepEqual([similarLoss(loss(a), loss(b)), similarLoss(loss(b), loss(a))], [similar, similar], `${a} ${b}`);
  }
});
