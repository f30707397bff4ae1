import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createBatch, createRefusals } from './entries.ts';
import type { ListedLink } from './listing.ts';

const link = (path: string): ListedLink => ({ kind: 'Link', path, target: 'x' });

describe('refused names', () => {
  it('are counted, and the first five kept in a form that may be printed', () => {
    const refusals = createRefusals();
    const names = ['../x', '/x', 'a\u001b[31m', 'b\u202egpj', 'c'.repeat(10_000), 'd//e', 'f\u0000', ''];
    assert.deepEqual(names.map(refusals.accepts), [false, false, false, true, false, false, false, false]);
    assert.equal(refusals.accepts('good/name'), true);
    refusals.refuse('\udc00', 'NotUTF8');
    const { count, examples } = refusals.result();
    assert.equal(count, 8);
    assert.deepEqual(examples, [
      { name: '../x', reason: 'DotSegment' },
      { name: '/x', reason: 'EmptySegment' },
      { name: 'a\ufffd[31m', reason: 'ControlCharacter' },
      { name: `${'c'.repeat(100)}…`, reason: 'TooLong' },
      { name: 'd//e', reason: 'EmptySegment' },
    ]);
  });
});

describe('a batch', () => {
  it('is handed over at a thousand entries, and the rest at the end', () => {
    const batch = createBatch();
    const sizes: number[] = [];
    for (let i = 0; i < 2500; i++) {
      batch.add(link(`${i}`));
      for (const full of batch.full()) sizes.push(full.length);
    }
    for (const rest of batch.rest()) sizes.push(rest.length);
    for (const rest of batch.rest()) sizes.push(rest.length);
    assert.deepEqual(sizes, [1000, 1000, 500]);
  });
});
