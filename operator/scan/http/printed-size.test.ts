import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as fc from 'fast-check';

import { readSize, type Rounding } from './printed-size.ts';

const sizes = fc.oneof(
  fc.integer({ min: 0, max: 20_000 }),
  fc.integer({ min: 0, max: 3 * 1024 ** 3 }),
  fc.maxSafeInteger().map((size) => Math.abs(size)),
  // Right beside the borders between units.
  fc
    .tuple(fc.integer({ min: 0, max: 1100 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: -2, max: 2 }))
    .map(([count, power, offset]) => Math.max(0, count * 1024 ** power + offset)),
);

function holds(print: (size: number) => string, rounding: Rounding): void {
  fc.assert(
    fc.property(sizes, (size) => {
      const range = readSize(print(size).trim(), rounding);
      if (range === undefined) return size > Number.MAX_SAFE_INTEGER / 2;
      return range.size <= size && size <= range.size + range.sizeSlack;
    }),
    { numRuns: 5000 },
  );
}

describe('the true size lies in the range of what the server prints', () => {
  test('Apache: as apr_strfsize() rounds', () => holds(apache, 'Nearest'));
  test('nginx with rounded sizes', () => holds(nginx, 'Nearest'));
  test('lighttpd', () => holds(lighttpd, 'Lighttpd'));
  test('fancyindex, and others that print one decimal of a binary unit', () => holds(humane, 'Unknown'));
  test('whoever cuts instead of rounding', () => holds(cut, 'Unknown'));
});

test('a printed size is no wider than the rounding makes it', () => {
  const cases: readonly [text: string, rounding: Rounding, from: number, to: number][] = [
    ['0', 'Nearest', 0, 0],
    ['972', 'Nearest', 972, 972],
    ['1234567890123', 'Unknown', 1_234_567_890_123, 1_234_567_890_123],
    ['1.0K', 'Nearest', 973, 1075],
    ['1.1K', 'Nearest', 1076, 1177],
    ['9.9K', 'Nearest', 10_087, 10_188],
    ['10K', 'Nearest', 9728, 10_751],
    ['1.0M', 'Nearest', 973 * 1024, 1076 * 1024 - 1],
    ['0.0K', 'Lighttpd', 0, 0],
    ['0.1K', 'Lighttpd', 1, 199],
    ['0.9K', 'Lighttpd', 900, 1023],
    ['1.0K', 'Lighttpd', 1024, 1123],
    ['999.9K', 'Lighttpd', 999 * 1024 + 900, 1000 * 1024 - 1],
    ['0.9M', 'Lighttpd', 1000 * 1024, 1024 * 1024 - 1],
    ['1.0 KiB', 'Unknown', 921, 1127],
    ['512 B', 'Unknown', 512, 512],
    ['512 bytes', 'Unknown', 512, 512],
    ['2 MB', 'Unknown', 1_000_000, 3 * 1024 * 1024],
    ['1.50 GiB', 'Unknown', Math.floor(1.49 * 1024 ** 3), Math.ceil(1.51 * 1024 ** 3)],
  ];
  for (const [text, rounding, from, to] of cases) {
    assert.deepEqual(readSize(text, rounding), { size: from, sizeSlack: to - from }, `${text} ${rounding}`);
  }
});

test('what is not a size is none', () => {
  for (const text of ['', '-', '—', 'K', '1.2', '1,2K', '-5', '1e9', '12X', ' 12', '9999999999999999', '9E']) {
    assert.equal(readSize(text, 'Nearest'), undefined, text);
  }
});

/** apr_strfsize of APR 1.7, by its description in tests only. */
function apache(size: number): string {
  if (size < 973) return String(size);
  let unit = 0;
  let [whole, remainder] = [Math.floor(size / 1024), size % 1024];
  while (whole >= 973) {
    unit += 1;
    [whole, remainder] = [Math.floor(whole / 1024), whole % 1024];
  }
  if (whole < 9 || (whole === 9 && remainder < 973)) {
    const tenths = Math.floor((remainder * 5 + 256) / 512);
    return tenths >= 10 ? `${whole + 1}.0${'KMGTPE'[unit]}` : `${whole}.${tenths}${'KMGTPE'[unit]}`;
  }
  return `${remainder >= 512 ? whole + 1 : whole}${'KMGTPE'[unit]}`;
}

function nginx(size: number): string {
  const rounded = (unit: number): number => Math.floor(size / unit) + (size % unit > unit / 2 - 1 ? 1 : 0);
  if (size > 1024 ** 3 - 1) return `${rounded(1024 ** 3)}G`;
  if (size > 1024 ** 2 - 1) return `${rounded(1024 ** 2)}M`;
  return size > 9999 ? `${rounded(1024)}K` : String(size);
}

function lighttpd(size: number): string {
  let unit = -1;
  let remainder = 0;
  let whole = size > 0 && size < 100 ? size + 99 : size;
  do {
    unit += 1;
    [whole, remainder] = [Math.floor(whole / 1024), whole % 1024];
  } while (whole > 1023);
  if (whole > 999) return `0.9${'KMGTPE'[unit + 1]}`;
  return `${whole}.${Math.min(9, Math.floor(remainder / 100))}${'KMGTPE'[unit]}`;
}

function humane(size: number): string {
  let unit = 0;
  while (unit < 6 && size >= 1024 ** (unit + 1)) unit += 1;
  return unit === 0 ? `${size} B` : `${(size / 1024 ** unit).toFixed(1)} ${'KMGTPE'[unit - 1]}iB`;
}

function cut(size: number): string {
  let unit = 0;
  while (unit < 6 && size >= 1000 ** (unit + 1)) unit += 1;
  return unit === 0 ? String(size) : `${Math.floor(size / 1000 ** unit)} ${'KMGTPE'[unit - 1]}B`;
}
