import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';

import {
  addSample,
  deservesScrutiny,
  emptyWindow,
  takeBack,
  withheldWindow,
  type RollingWindow,
  type Sample,
} from './rolling-window.ts';

/** `.` clean by headers, `:` clean by all bytes, `m` missing, `w` wrong by headers, `W` wrong bytes, `s` too slow. */
const samples: Readonly<Record<string, Sample>> = {
  '.': { closeness: 'Head' },
  ':': { closeness: 'Whole' },
  m: { wrong: 'ContentMissing', closeness: 'Head' },
  w: { wrong: 'ContentWrong', closeness: 'Head' },
  W: { wrong: 'ContentWrong', closeness: 'Whole' },
  s: { wrong: 'TooSlow', closeness: 'Whole' },
};

function after(signs: string, rules = { window: 10, maxWrongPercent: 20 }): RollingWindow {
  return signs.split('').reduce((window: RollingWindow, sign) => addSample(window, samples[sign]!, rules), emptyWindow);
}

describe('the rolling window (10 samples, 20 %)', () => {
  const cases: readonly (readonly [signs: string, withheld: string | undefined, what: string])[] = [
    ['', undefined, 'nothing is known'],
    ['m', undefined, 'one early error condemns nobody'],
    ['mm', undefined, 'nor do two'],
    ['mmm', 'ContentMissing', 'three wrong ones are decisive'],
    ['.m.m.m', 'ContentMissing', 'also among good ones'],
    ['mm........', undefined, 'exactly the limit in a full window is good enough'],
    ['mm.......m', 'ContentMissing', 'more is not'],
    ['mm........m', undefined, 'what has left the window does not count'],
    ['mmw', 'ContentMissing', 'the most frequent reason is named'],
    ['ssW', 'TooSlow', 'whichever it is'],
    ['mmm.mm.', 'ContentMissing', 'errors go on'],
    ['mmm....', 'ContentMissing', 'four clean ones are not half a window'],
    ['mmm.....', undefined, 'five clean ones are'],
    ['mmm....m....', 'ContentMissing', 'they must follow each other'],
    ['mmm....m.....', undefined, 'and then it is back'],
    ['WWW.....', 'ContentWrong', 'headers cannot clear what only bytes showed'],
    ['WWW:.:.:.:.:', undefined, 'bytes can'],
    ['mmm.....mm', undefined, 'after its return it begins anew'],
    ['mmm.....mmm', 'ContentMissing', 'and can be withheld again'],
  ];
  for (const [signs, withheld, what] of cases) {
    it(`${signs.padEnd(14)} ${what}`, () => assert.equal(after(signs).withheld?.reason, withheld));
  }

  it('never holds more than its size', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('.', ':', 'm', 'w', 'W', 's') }), (signs) => {
        assert.ok(after(signs).samples.length <= 10);
      }),
    );
  });

  it('always brings back a mirror that is mended', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('.', ':', 'm', 'w', 'W', 's') }), (signs) => {
        assert.equal(after(`${signs}:::::`).withheld, undefined);
      }),
    );
  });

  it('takes any share of wrong ones where 100 per cent are allowed', () => {
    assert.equal(after('mmmmmmmmmmmm', { window: 10, maxWrongPercent: 100 }).withheld, undefined);
  });
});

describe('what a digest led to', () => {
  const rules = { window: 10, maxWrongPercent: 20 };
  const wrong = (path: string): Sample => ({ wrong: 'ContentWrong', closeness: 'Whole', byDigest: path });
  const given = (all: readonly Sample[]): RollingWindow =>
    all.reduce((window: RollingWindow, sample) => addSample(window, sample, rules), emptyWindow);

  it('is taken back, and brings the mirror back if nothing else is left to withhold it', () => {
    const window = given([wrong('a'), wrong('b'), wrong('a')]);
    assert.equal(window.withheld?.reason, 'ContentWrong');
    const left = takeBack(window, 'a', rules);
    assert.equal(left.withheld, undefined);
    assert.equal(left.samples.length, 3);
    assert.deepEqual(
      left.samples.map((each) => each.wrong),
      [undefined, 'ContentWrong', undefined],
    );
  });

  it('leaves a mirror withheld that is wrong otherwise', () => {
    const missing: Sample = { wrong: 'ContentMissing', closeness: 'Head' };
    const window = given([wrong('a'), missing, missing, missing]);
    assert.notEqual(takeBack(window, 'a', rules).withheld, undefined);
    assert.equal(takeBack(window, 'b', rules).samples.filter((each) => each.wrong !== undefined).length, 4);
  });

  it('is not what withheld a mirror before', () => {
    const window = addSample(withheldWindow('TooSlow', 'Range'), wrong('a'), rules);
    assert.equal(takeBack(window, 'a', rules).withheld?.reason, 'TooSlow');
  });
});

describe('scrutiny', () => {
  const cases: readonly (readonly [signs: string, expected: boolean])[] = [
    ['', true],
    ['.........', true],
    ['..........', false],
    ['...........m', true],
    ['..........m.....', false],
    ['mmm', true],
  ];
  for (const [signs, expected] of cases) {
    it(`${expected ? 'is due' : 'is over'} after "${signs}"`, () =>
      assert.equal(deservesScrutiny(after(signs)), expected));
  }
});
