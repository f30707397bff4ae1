import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readHTTPDate, readISOTime, readPrintedTime } from './printed-time.ts';

const seconds = (...parts: [number, number, number, number, number, number?]): number => Date.UTC(...parts) / 1000;

test('times of rows are read to what they express', () => {
  const minute = { modifiedAt: seconds(2026, 10, 23, 7, 30), timeSlack: 59 };
  assert.deepEqual(readPrintedTime('2026-11-23 07:30'), minute);
  assert.deepEqual(readPrintedTime('23-Nov-2026 07:30'), minute);
  assert.deepEqual(readPrintedTime('2026-Nov-23 07:30'), minute);
  assert.deepEqual(readPrintedTime('2026-Nov-23 07:30:41'), { modifiedAt: minute.modifiedAt + 41, timeSlack: 0 });
  assert.deepEqual(readPrintedTime('1969-12-31 23:00'), { modifiedAt: -3600, timeSlack: 59 });
});

test('times that cannot be are none', () => {
  for (const text of [
    '',
    '2026-13-01 00:00',
    '2026-00-01 00:00',
    '32-Jan-2026 00:00',
    '2026-Foo-01 00:00',
    '2026-11-23 25:00',
    '2026-11-23',
  ]) {
    assert.equal(readPrintedTime(text), undefined, text);
  }
});

test('RFC 3339 and HTTP-dates carry their zone', () => {
  const time = { modifiedAt: seconds(2026, 10, 23, 7, 30, 41), timeSlack: 0 };
  assert.deepEqual(readISOTime('2026-11-23T07:30:41.852660233Z'), time);
  assert.deepEqual(readISOTime('2026-11-23T09:30:41+02:00'), time);
  assert.deepEqual(readHTTPDate('Mon, 23 Nov 2026 07:30:41 GMT'), time);
  assert.equal(readISOTime('2026-11-23 07:30:41'), undefined);
  assert.equal(readHTTPDate('23 Nov 2026'), undefined);
});
