import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assert as check, date, integer, property, string } from 'fast-check';
import type { FTPLine } from './ftp-line.ts';
import { parseListLine } from './ftp-list-line.ts';
import { parseMLSDLine } from './ftp-mlsd-line.ts';

const now = Date.UTC(2026, 10, 23, 12);
const utc = (...at: [number, number, number, number?, number?, number?]): number => Date.UTC(...at) / 1000;
const file = (name: string, size: number | undefined, modifiedAt: number | undefined, timeSlack: number): FTPLine => ({
  kind: 'File',
  name,
  size,
  modifiedAt,
  timeSlack,
});
const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

describe('a line of LIST', () => {
  const table: ReadonlyArray<[string, FTPLine]> = [
    ['-rw-r--r--    1 0        0               3 Nov 23 08:03 a', file('a', 3, utc(2026, 10, 23, 8, 3), 59)],
    ['-rw-r--r--   1 root     root            2 Nov 23 08:03  lead', file(' lead', 2, utc(2026, 10, 23, 8, 3), 59)],
    ['-rw-r--r--    1 0        0               0 Feb 29  2020 old', file('old', 0, utc(2020, 1, 29), 86_399)],
    [
      '-rw-r--r--    1 ftp      ftp    4294967296 Dec  1 23:59 last year',
      file('last year', 4_294_967_296, utc(2025, 11, 1, 23, 59), 59),
    ],
    ['-rw-r--r--    1 ftp      ftp             1 Nov 24 11:00 ahead', file('ahead', 1, utc(2026, 10, 24, 11), 59)],
    ['-rw-r--r--    1 ftp      ftp             1 Nov 25 11:00 x', file('x', 1, utc(2025, 10, 25, 11), 59)],
    [
      '-rw-r--r--    1 ftp                      1 Nov 23  8:03 no group',
      file('no group', 1, utc(2026, 10, 23, 8, 3), 59),
    ],
    [
      latin1('-rw-r--r--    1 0        0               3 Nov 23 08:03 café'),
      file('café', 3, utc(2026, 10, 23, 8, 3), 59),
    ],
    [
      '-rw-r--r--    1 0        0               3 Nov 23 08:03 caf\xe9',
      file('caf\ufffd', 3, utc(2026, 10, 23, 8, 3), 59),
    ],
    ['-rw-r--r--    1 0        0               3 Foo 23 08:03 month', file('month', 3, undefined, 0)],
    ['drwxr-xr-x    2 0        0            4096 Nov 23 08:03 sub dir', { kind: 'Folder', name: 'sub dir' }],
    ['drwxr-xr-x    2 0        0            4096 Nov 23 08:03 .', { kind: 'Self' }],
    ['drwxr-xr-x    2 0        0            4096 Nov 23 08:03 ..', { kind: 'Other' }],
    [
      'lrwxrwxrwx    1 0        0               1 Nov 23 08:03 x -> y -> a',
      { kind: 'Link', name: 'x -> y', target: 'a' },
    ],
    ['lrwxrwxrwx    1 0        0               6 Nov 23 08:03 l', { kind: 'Unreadable' }],
    ['crw-rw-rw-    1 0        0          1,   3 Nov 23 08:03 null', { kind: 'Other' }],
    ['-rw-r--r--    1 0        0              -3 Nov 23 08:03 a', { kind: 'Unreadable' }],
    ['-rw-r--r--    1 0        0               3 23.11. 08:03 a', { kind: 'Unreadable' }],
    ['total 12', { kind: 'Other' }],
    ['', { kind: 'Other' }],
    ['line', { kind: 'Fragment' }],
    ['11-23-26  08:03AM       <DIR>          sub dir', { kind: 'Folder', name: 'sub dir' }],
    ['11-23-2026  12:03AM                 1234 a b', file('a b', 1234, utc(2026, 10, 23, 0, 3), 59)],
    ['11-23-99  12:03PM                 1234 a', file('a', 1234, utc(1999, 10, 23, 12, 3), 59)],
    ['11-23-26  18:03                   1234 a', file('a', 1234, utc(2026, 10, 23, 18, 3), 59)],
  ];
  for (const [line, expected] of table) {
    it(`${JSON.stringify(line)} is ${expected.kind}`, () => assert.deepEqual(parseListLine(line, now), expected));
  }

  it('without a year lies within the year before tomorrow', () => {
    check(
      property(
        date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
        integer({ min: -300, max: 0 }),
        (today, days) => {
          const at = new Date(today.getTime() + days * 86_400_000);
          const month = at.toLocaleString('en', { month: 'short', timeZone: 'UTC' });
          const clock = at.toISOString().slice(11, 16);
          const line = parseListLine(`-rw-r--r-- 1 0 0 3 ${month} ${at.getUTCDate()} ${clock} a`, today.getTime());
          assert.deepEqual(line, file('a', 3, Math.floor(at.getTime() / 60_000) * 60, 59));
        },
      ),
    );
  });
});

describe('a line of MLSD', () => {
  const table: ReadonlyArray<[string, FTPLine]> = [
    ['type=file;size=3;modify=20261123080332; a', file('a', 3, utc(2026, 10, 23, 8, 3, 32), 0)],
    [
      'Type=File;Size=3;Modify=20261123080332.123;UNIX.mode=0644;  lead; x',
      file(' lead; x', 3, utc(2026, 10, 23, 8, 3, 32), 0),
    ],
    ['type=file; no facts', file('no facts', undefined, undefined, 0)],
    ['type=file;size=-1;modify=20261323080332; odd', file('odd', undefined, undefined, 0)],
    ['modify=20261123080332;type=dir;unique=FE00U1; sub', { kind: 'Folder', name: 'sub', unique: 'FE00U1' }],
    ['type=cdir;unique=FE00U1; .', { kind: 'Self', unique: 'FE00U1' }],
    ['type=pdir; ..', { kind: 'Other' }],
    ['type=OS.unix=symlink; l', { kind: 'Link', name: 'l', target: undefined }],
    ['type=OS.unix=slink:/a/b; l', { kind: 'Link', name: 'l', target: '/a/b' }],
    ['type=OS.unix=chr-1/3; null', { kind: 'Other' }],
    ['size=3; no type', { kind: 'Unreadable' }],
    [latin1('type=file;size=1; café'), file('café', 1, undefined, 0)],
    ['rest of a name', { kind: 'Fragment' }],
    ['', { kind: 'Fragment' }],
  ];
  for (const [line, expected] of table) {
    it(`${JSON.stringify(line)} is ${expected.kind}`, () => assert.deepEqual(parseMLSDLine(line), expected));
  }
});

describe('any line', () => {
  it('is read without throwing, in time linear to its length', () => {
    const text = string({ unit: 'binary', maxLength: 200 });
    check(
      property(text, (line) => {
        for (const each of [
          line,
          `-rw-r--r-- ${line}`,
          `drwxr-xr-x 1 0 0 1 Nov 23 08:03 ${line}`,
          `11-23-26  08:03AM ${line}`,
        ]) {
          parseListLine(each, now);
          parseMLSDLine(each);
        }
      }),
    );
    for (const unit of [' ', '1', '1 ', ' 1 Nov', ' -> ', ' 1 Nov 1 ', ';', '=', 'a=;']) {
      for (const start of ['-rw-r--r-- ', 'lrwxrwxrwx 1 0 0 1 Nov 23 08:03 ', '11-23-26  08:03AM ', '']) {
        parseListLine(start + unit.repeat(32_768 / unit.length), now);
        parseMLSDLine(start + unit.repeat(32_768 / unit.length));
      }
    }
  });
});
