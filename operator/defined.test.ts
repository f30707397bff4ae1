import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defined } from './defined.ts';

test('keys without a value are left out, and no others', () => {
  assert.deepEqual(Object.entries(defined({ a: undefined, b: 0, c: '', d: false, e: null })), [
    ['b', 0],
    ['c', ''],
    ['d', false],
    ['e', null],
  ]);
});
