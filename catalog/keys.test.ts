import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changesChannel, indexKeys, isSlot, slotKeys } from './keys.ts';

test('all keys of a repository carry its hash tag and no other', () => {
  for (const key of Object.values(slotKeys('geomirror', 'mirrors/videolan'))) {
    assert.match(key, /^geomirror:\{mirrors\/videolan\}:[a-z]+(:1)?$/);
  }
});

test('the index and the channel carry a hash tag of their own', () => {
  for (const key of [...Object.values(indexKeys('p')), changesChannel('p')]) assert.match(key, /^p:\{repositories\}/);
});

test('what readers of another schema version could not understand has the version in its key', () => {
  const { manifest, revision, health } = slotKeys('p', 'a/b');
  for (const key of [manifest, revision, health]) assert.match(key, /:1$/);
});

test('a slot is a namespace and a name by the rules of Kubernetes', () => {
  for (const slot of ['a/b', 'mirrors/videolan', 'n-1/x.y-z.0']) assert.ok(isSlot(slot), slot);
  const others = [
    '',
    'a',
    'a/',
    '/b',
    'a/b/c',
    '../x',
    'a/..',
    'a/.b',
    'A/b',
    'a/{b}',
    'a/b\n',
    'a b/c',
    `a/${'x'.repeat(254)}`,
  ];
  for (const other of others) {
    assert.ok(!isSlot(other), other);
    // A type says that it is one: this is what a mistaken caller would do.
    assert.throws(() => slotKeys('p', other as 'a/b'), RangeError);
  }
});
