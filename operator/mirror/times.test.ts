import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { createTimeJury, sameTime, zoneOf, type TimeDifference, type TimeJudgement } from './times.ts';

const judged = (differences: readonly TimeDifference[], tolerance = 2): TimeJudgement => {
  const jury = createTimeJury(tolerance);
  for (const difference of differences) jury.add(difference);
  return jury.judge();
};
const times = (count: number, seconds: number, slack = 0): TimeDifference[] =>
  Array.from({ length: count }, () => ({ seconds, slack }));
const worthless = { offsetSeconds: 0, keepsTimes: false };
const kept = (offsetSeconds: number): TimeJudgement => ({ offsetSeconds, keepsTimes: true });

describe('what a mirror’s times are worth', () => {
  const rows: readonly (readonly [string, readonly TimeDifference[], TimeJudgement])[] = [
    ['no common file', [], worthless],
    ['one equal time', times(1, 0), kept(0)],
    ['equal times', times(50, 0), kept(0)],
    ['equal times within the tolerance', times(50, -2), kept(0)],
    ['three seconds off', times(50, 3), worthless],
    ['180 seconds off', times(50, 180), worthless],
    ['a quarter of an hour', times(5, 900), kept(900)],
    ['half an hour the other way', times(5, -1800), kept(-1800)],
    ['two hours and two seconds', times(5, 7202), kept(7200)],
    ['four files an hour off', times(4, 3600), worthless],
    ['26 hours', times(9, 93_600), kept(93_600)],
    ['more than there is between zones', times(9, 94_500), worthless],
    ['nine in ten', [...times(9, 3600), ...times(1, 12_345)], kept(3600)],
    ['eight in ten', [...times(8, 3600), ...times(2, 12_345)], worthless],
    ['half in summer time, half not', [...times(10, 3600), ...times(10, 7200)], worthless],
    ['minute times', times(20, 3541, 59), kept(3600)],
    ['minute times of both', times(20, 3541, 118), kept(3600)],
    ['minute times, four minutes off', times(20, 3840, 59), worthless],
    ['day times alone', times(20, 0, 86_399), worthless],
    ['day times beside exact ones', [...times(9, 3600), ...times(50, 0, 86_399)], kept(3600)],
  ];
  for (const [title, differences, judgement] of rows) {
    test(`${title}: ${judgement.keepsTimes ? `kept, ${zoneOf(judgement)}` : 'nothing'}`, () => {
      assert.deepEqual(judged(differences), judgement);
    });
  }

  test('every whole quarter-hour of the world is found behind one wrong time in ten, by exact and by minute times', () => {
    const noise = fc.record({ seconds: fc.integer({ min: -200_000, max: 200_000 }), slack: fc.constantFrom(0, 59) });
    fc.assert(
      fc.property(
        fc.integer({ min: -104, max: 104 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(noise, { maxLength: 20 }),
        fc.infiniteStream(
          fc.record({ at: fc.nat(59), slack: fc.constantFrom(0, 59), off: fc.integer({ min: -2, max: 2 }) }),
        ),
        (quarters, tens, wrong, stream) => {
          const right = [...stream.take(tens * 9)].map(({ at, slack, off }) => ({
            seconds: quarters * 900 + (slack === 0 ? off : -at),
            slack,
          }));
          assert.deepEqual(judged([...right, ...wrong.slice(0, tens)]), kept(quarters * 900));
        },
      ),
    );
  });

  test('whatever the differences, only whole quarter-hours within 26 hours are corrected', () => {
    const difference = fc.record({ seconds: fc.integer(), slack: fc.nat(100_000) });
    fc.assert(
      fc.property(fc.array(difference), fc.nat(86_400), (differences, tolerance) => {
        const { offsetSeconds, keepsTimes } = judged(differences, tolerance);
        assert.equal(Math.abs(offsetSeconds) % 900, 0);
        assert.ok(Math.abs(offsetSeconds) <= 26 * 3600 && (keepsTimes || offsetSeconds === 0));
      }),
    );
  });
});

test('two times are the same where what both listings express overlaps within the tolerance', () => {
  for (const [seconds, slack, offset, same] of [
    [0, 0, 0, true],
    [2, 0, 0, true],
    [3, 0, 0, false],
    [-2, 0, 0, true],
    [-3, 0, 0, false],
    [-61, 59, 0, true],
    [-62, 59, 0, false],
    [3600, 0, 3600, true],
    [0, 0, 3600, false],
  ] as const) {
    assert.equal(sameTime({ seconds, slack }, offset, 2), same, `${seconds} ${slack} ${offset}`);
  }
});

test('a zone is written as ISO 8601 writes it: a mirror whose times run ahead is east of Greenwich', () => {
  for (const [offsetSeconds, zone] of [
    [0, '+00:00'],
    [-7200, '+02:00'],
    [-20_700, '+05:45'],
    [12_600, '-03:30'],
    [900, '-00:15'],
    [-50_400, '+14:00'],
  ] as const) {
    assert.equal(zoneOf({ offsetSeconds }), zone);
  }
});
