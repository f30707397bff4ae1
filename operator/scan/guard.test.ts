import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { guardMirror, guardSource, type MirrorDoubt, type Verdict } from './guard.ts';
import type { Loss } from './loss.ts';

const loss = (lost: number, id = 'this', had = 100): Loss => ({ had, lost, id: lost === 0 ? '' : id });
const none: Loss = { had: 0, lost: 0, id: '' };
const kindOf = ({ kind }: Verdict): Verdict['kind'] => kind;

describe('a listing of the source', () => {
  const rows: readonly (readonly [string, Parameters<typeof guardSource>, Verdict['kind']])[] = [
    ['that loses nothing', [{ loss: loss(0), files: 100, isFirst: false }, 20, undefined], 'Accept'],
    ['that is the first', [{ loss: none, files: 5, isFirst: true }, 20, undefined], 'Accept'],
    ['that is the first, and empty', [{ loss: none, files: 0, isFirst: true }, 20, undefined], 'Hold'],
    ['that is the first, and empty, at any limit', [{ loss: none, files: 0, isFirst: true }, 100, undefined], 'Hold'],
    ['that is the first, and empty, as accepted', [{ loss: none, files: 0, isFirst: true }, 20, 'empty'], 'Accept'],
    [
      'that is still empty after that was accepted',
      [{ loss: none, files: 0, isFirst: false }, 20, undefined],
      'Accept',
    ],
    ['that loses as much as it may', [{ loss: loss(20), files: 80, isFirst: false }, 20, undefined], 'Accept'],
    ['that loses more', [{ loss: loss(21), files: 79, isFirst: false }, 20, undefined], 'Hold'],
    [
      'that loses more, made up for by new files',
      [{ loss: loss(50), files: 100, isFirst: false }, 20, undefined],
      'Hold',
    ],
    ['that loses more, as accepted', [{ loss: loss(21), files: 79, isFirst: false }, 20, 'this'], 'Accept'],
    ['that loses more, another loss accepted', [{ loss: loss(21), files: 79, isFirst: false }, 20, 'other'], 'Hold'],
    ['that loses more, with an empty annotation', [{ loss: loss(21), files: 79, isFirst: false }, 20, ''], 'Hold'],
    [
      'that loses anything where nothing may be lost',
      [{ loss: loss(1), files: 99, isFirst: false }, 0, undefined],
      'Hold',
    ],
    [
      'that loses nothing where nothing may be lost',
      [{ loss: loss(0), files: 99, isFirst: false }, 0, undefined],
      'Accept',
    ],
    ['that is empty', [{ loss: loss(100), files: 0, isFirst: false }, 20, undefined], 'Hold'],
    [
      'that is empty, where everything may be lost',
      [{ loss: loss(100), files: 0, isFirst: false }, 100, undefined],
      'Hold',
    ],
    ['that is empty, as accepted', [{ loss: loss(100), files: 0, isFirst: false }, 20, 'this'], 'Accept'],
    ['that lost its only file', [{ loss: loss(1, 'this', 1), files: 0, isFirst: false }, 100, undefined], 'Hold'],
    ['that has other files than all before', [{ loss: loss(100), files: 100, isFirst: false }, 100, undefined], 'Hold'],
  ];
  for (const [title, facts, kind] of rows) {
    test(`${title}: ${kind}`, () => assert.equal(kindOf(guardSource(...facts)), kind));
  }

  test('when held says what is lost and what to do', () => {
    assert.deepEqual(guardSource({ loss: loss(21), files: 79, isFirst: false }, 20, undefined), {
      kind: 'Hold',
      held: {
        id: 'this',
        removed: 21,
        message: 'the listing lacks 21 of 100 files; annotate with geomirror.io/accept-held=this if that is right',
      },
    });
    const verdict = guardSource({ loss: none, files: 0, isFirst: true }, 20, undefined);
    assert.ok(verdict.kind === 'Hold');
    assert.deepEqual([verdict.held.id, verdict.held.removed], ['empty', 0]);
    assert.match(verdict.held.message, /spec\.source .* geomirror\.io\/accept-held=empty/);
  });
});

describe('a listing of a mirror', () => {
  const first: MirrorDoubt = { accepted: undefined, doubted: undefined, complete: true };
  const again = (lost: number): MirrorDoubt => ({ ...first, doubted: loss(lost, 'before') });
  const rows: readonly (readonly [string, Parameters<typeof guardMirror>, Verdict['kind']])[] = [
    ['that loses nothing', [loss(0), 20, first], 'Accept'],
    ['that is the first, even if empty', [none, 20, first], 'Accept'],
    ['that loses as much as it may', [loss(20), 20, first], 'Accept'],
    ['that loses more', [loss(21), 20, first], 'Hold'],
    ['that loses more, as accepted', [loss(21), 20, { ...first, accepted: 'this' }], 'Accept'],
    ['that loses more, another loss accepted', [loss(21), 20, { ...first, accepted: 'other' }], 'Hold'],
    ['that loses as much again', [loss(40), 20, again(40)], 'Accept'],
    ['that loses about as much again', [loss(40), 20, again(42)], 'Accept'],
    ['that loses much more than before', [loss(60), 20, again(40)], 'Hold'],
    ['that loses much less than before, but too much', [loss(30), 20, again(40)], 'Hold'],
    ['that loses as much again, but is not complete', [loss(40), 20, { ...again(40), complete: false }], 'Hold'],
    ['that is empty again', [loss(100), 20, again(100)], 'Hold'],
    ['that is empty again, as accepted', [loss(100), 20, { ...again(100), accepted: 'this' }], 'Accept'],
    ['that is empty, with the guard off', [loss(100), 100, first], 'Accept'],
    ['that has everything back', [loss(0), 20, again(40)], 'Accept'],
  ];
  for (const [title, facts, kind] of rows) {
    test(`${title}: ${kind}`, () => assert.equal(kindOf(guardMirror(...facts)), kind));
  }

  test('when held says whether a second scan or a person decides', () => {
    const messageOf = (verdict: Verdict): string => (verdict.kind === 'Hold' ? verdict.held.message : '');
    assert.match(
      messageOf(guardMirror(loss(40), 20, first)),
      /^the listing lacks 40 of 100 files; it is scanned again/,
    );
    assert.match(messageOf(guardMirror(loss(100), 20, first)), /annotate with geomirror\.io\/accept-held=this/);
  });
});
