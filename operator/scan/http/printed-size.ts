/** The sizes a printed size can stand for: [size, size + sizeSlack] bytes. */
export type SizeRange = { readonly size: number; readonly sizeSlack: number };

/**
 * How the program that printed a size rounds.
 *
 * | rounding | who                | `1.5K`                    | `15K`                        |
 * |----------|--------------------|---------------------------|------------------------------|
 * | Nearest  | Apache, nginx      | to the nearest tenth      | to the nearest whole         |
 * | Lighttpd | lighttpd           | the tenth is 100 of 1 024 | not printed                  |
 * | Unknown  | anything else      | one unit of the last digit either way, units of 1 000 or 1 024  |
 */
export type Rounding = 'Nearest' | 'Lighttpd' | 'Unknown';

/** Matches one printed size, for use within a larger pattern; a dash stands for "no size". */
export const sizePattern = String.raw`[-\u2014]|\d{1,15}(?:\.\d{1,3})?(?: ?[KMGTPE]i?B?| ?B| bytes?)?`;

const printed = /^(\d{1,15})(?:\.(\d{1,3}))?(?: ?([KMGTPE])(i?B)?| ?B| bytes?)?$/i;

/** The range that `text` (`1234`, `1.2M`, `15K`, `3.4 MiB`) can stand for, or undefined if it is not a size. */
export function readSize(text: string, rounding: Rounding): SizeRange | undefined {
  const [, whole, fraction = '', unit, suffix = ''] = printed.exec(text) ?? [];
  if (whole === undefined) return undefined;
  if (unit === undefined) return fraction === '' ? range(Number(whole), Number(whole)) : undefined;
  const power = 'KMGTPE'.indexOf(unit.toUpperCase()) + 1;
  const rule = suffix + fraction.slice(1) === '' ? rounding : 'Unknown';
  if (rule === 'Nearest') return nearest(Number(whole), fraction, 1024 ** (power - 1));
  if (rule === 'Lighttpd') return lighttpd(Number(whole), Number(fraction), power);
  return unknown(Number(`${whole}.${fraction}`), 10 ** -fraction.length, power, /ib/i.test(suffix));
}

/** apr_strfsize(), and nginx with `autoindex_exact_size off`: `below` is the unit below the printed one, in bytes. */
function nearest(whole: number, fraction: string, below: number): SizeRange | undefined {
  const start = whole * 1024;
  if (fraction === '') return range((start - 512) * below, (start + 512) * below - 1);
  // APR rounds the tenth as (remainder x 5 + 256) / 512, where the remainder counts whole units below.
  const first = (tenths: number): number => start + Math.ceil((512 * tenths - 256) / 5);
  const tenth = Number(fraction);
  return range(first(tenth) * below, first(tenth + 1) * below - 1);
}

/** mod_dirlisting: the digit is remainder / 100, at most 9; 1 to 99 bytes are `0.1K`; 1 000 units and more are 0.9 of the next. */
function lighttpd(whole: number, digit: number, power: number): SizeRange | undefined {
  const below = 1024 ** (power - 1);
  const start = whole * 1024 + digit * 100;
  if (whole === 0 && power === 1 && digit < 2) return digit === 0 ? range(0, 0) : range(1, 199);
  if (whole === 0 && power > 1) return range(1000 * below, 1024 * below - 1);
  return range(start * below, (digit === 9 ? (whole + 1) * 1024 : start + 100) * below - 1);
}

function unknown(value: number, step: number, power: number, binary: boolean): SizeRange | undefined {
  return range(Math.floor((value - step) * (binary ? 1024 : 1000) ** power), Math.ceil((value + step) * 1024 ** power));
}

function range(lowest: number, highest: number): SizeRange | undefined {
  const size = Math.max(0, lowest);
  return Number.isSafeInteger(highest) ? { size, sizeSlack: highest - size } : undefined;
}
