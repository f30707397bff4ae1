import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { createJSONSplitter } from './json-splitter.ts';

function split(pieces: readonly string[]): { objects: object[]; ended: string } {
  const objects: object[] = [];
  const splitter = createJSONSplitter((object) => objects.push(object));
  for (const piece of pieces) splitter.write(piece);
  return { objects, ended: splitter.end() };
}

test('any list of objects, cut anywhere, comes out as it went in', () => {
  const name = fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', 'a', '\n', 'é', '🚀') });
  const object = fc.record({ name, nested: fc.record({ name }, { noNullPrototype: true }) }, { noNullPrototype: true });
  fc.assert(
    fc.property(fc.array(object), fc.array(fc.nat({ max: 9 })), fc.boolean(), (objects, cuts, pretty) => {
      const text = JSON.stringify(objects, null, pretty ? 2 : 0);
      const pieces: string[] = [];
      let at = 0;
      for (const length of cuts) {
        pieces.push(text.slice(at, at + length));
        at += length;
      }
      assert.deepEqual(split([...pieces, text.slice(at)]), { objects, ended: 'Array' });
    }),
    { numRuns: 1000 },
  );
});

test('what is not a whole list of objects is broken', () => {
  const texts = [
    '',
    'null',
    '{}',
    '[1]',
    '["a"]',
    '[{}',
    '[{},',
    '[{"a":}]',
    '[{]}]',
    '[] []',
    '[{}]x',
    `[{"a":"${'x'.repeat(70_000)}"}]`,
  ];
  for (const text of texts) assert.equal(split([text]).ended, 'Broken', text.slice(0, 20));
});
