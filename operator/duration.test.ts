import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationMs, parseDuration, shortDuration } from './duration.ts';
import { quantityBytes } from './quantity.ts';

test('durations are read as Go writes them', () => {
  const rows: [string, number | undefined][] = [
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['250ms', 250],
    ['0s', 0],
    ['0', 0],
    ['', undefined],
    ['5', undefined],
    ['5 m', undefined],
    ['-5m', undefined],
    ['5d', undefined],
  ];
  for (const [text, ms] of rows) assert.equal(parseDuration(text), ms, text);
  assert.throws(() => durationMs('soon'), /"soon" is not a duration like 90s/);
});

test('spans are short for people', () => {
  const rows: [number, string][] = [
    [-5, '0s'],
    [12_400, '12s'],
    [240_000, '4m'],
    [7_800_000, '2h10m'],
    [260_000_000, '3d'],
  ];
  for (const [ms, text] of rows) assert.equal(shortDuration(ms), text);
});

test('sizes are read as Kubernetes quantities', () => {
  const rows: [string, number][] = [
    ['20Mi', 20_971_520],
    ['4Gi', 4_294_967_296],
    ['500k', 500_000],
    ['17', 17],
    ['0.5Ki', 512],
  ];
  for (const [text, bytes] of rows) assert.equal(quantityBytes(text), bytes, text);
  for (const text of ['', 'Mi', '-1', '1 Gi', '1e3x']) assert.throws(() => quantityBytes(text), RangeError, text);
});
