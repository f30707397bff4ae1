import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { createNewest } from './newest.ts';

test('the newest of any stream are kept in the order they came; of equal times those that came first', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), fc.integer({ min: 1, max: 8 }), (times, limit) => {
      const newest = createNewest<{ readonly time: number; readonly index: number }>(limit, ({ time }) => time);
      const items = times.map((time, index) => ({ time, index }));
      for (const item of items) newest.add(item);
      const expected = items
        .toSorted((a, b) => b.time - a.time || a.index - b.index)
        .slice(0, limit)
        .toSorted((a, b) => a.index - b.index);
      assert.deepEqual(newest.values(), expected);
    }),
    { numRuns: 500 },
  );
});
