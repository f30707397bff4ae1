import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRecentPaths } from './recent-paths.ts';

test('the last 256 paths of each repository are remembered', () => {
  const { add, paths } = createRecentPaths();
  for (let index = 0; index < 300; index += 1) add('ns/a', `f/${index}`);
  add('ns/b', 'other');
  assert.deepEqual(new Set(paths('ns/a')), new Set(Array.from({ length: 256 }, (_, index) => `f/${index + 44}`)));
  assert.deepEqual([paths('ns/b'), paths('ns/c')], [['other'], []]);
});
