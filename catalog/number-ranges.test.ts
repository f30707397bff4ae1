import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { numbersOf, toRanges, untilOf } from './number-ranges.ts';

describe('ranges of numbers', () => {
  it('say the same of every number as the map they were made of', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(60), fc.nat(2))), (entries) => {
        const until = new Map(entries);
        const ranges = toRanges(until);
        for (let number = -1; number < 62; number++) assert.equal(untilOf(ranges, number), until.get(number));
        assert.deepEqual(new Map(numbersOf(ranges, 1000)), new Map([...until].toSorted(([a], [b]) => a - b)));
      }),
    );
  });

  it('join neighbours that end at the same time', () => {
    assert.deepEqual(
      toRanges(
        new Map([
          [7, 5],
          [5, 5],
          [6, 5],
          [9, 5],
          [10, 6],
        ]),
      ),
      [
        [5, 3, 5],
        [9, 1, 5],
        [10, 1, 6],
      ],
    );
  });

  it('are read only up to the end of the table, however long they claim to be', () => {
    assert.deepEqual(
      [...numbersOf([[3, 1e15, 9]], 5)],
      [
        [3, 9],
        [4, 9],
      ],
    );
  });
});
