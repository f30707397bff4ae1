import assert from 'node:assert/strict';
import { test } from 'node:test';
import { below } from './below.ts';

test('a path lies in a folder however deep, not in itself and not in one whose name begins alike', () => {
  const isBelow = below(['a/b', 'c']);
  for (const [path, is] of [
    ['a/b/x', true],
    ['a/b/c/d/x', true],
    ['c/x', true],
    ['a/b', false],
    ['a/bc/x', false],
    ['a/x', false],
    ['x/c/y', false],
    ['c', false],
  ] as const) {
    assert.equal(isBelow(path), is, path);
  }
});

test('everything lies in the root, and nothing in no folder', () => {
  assert.deepEqual([below([''])('a'), below([''])('a/b'), below([])('a')], [true, true, false]);
});
