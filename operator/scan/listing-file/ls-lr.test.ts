import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LineMeaning } from './line-parser.ts';
import { createLsLRParser } from './ls-lr.ts';
import { parseLsTime } from './ls-time.ts';

const madeAt = Date.parse('2026-11-23T08:00:00Z');

const seconds = (iso: string): number => Date.parse(iso) / 1000;

describe('a time of ls', () => {
  const cases: readonly (readonly [text: string, iso: string, slack: number])[] = [
    ['Nov 23 07:57 name', '2026-11-23T07:57:00Z', 59],
    ['Nov  3 07:57 name', '2026-11-03T07:57:00Z', 59],
    ['Dec 31 23:59 name', '2025-12-31T23:59:00Z', 59],
    ['Nov 24 07:59 name', '2026-11-24T07:59:00Z', 59],
    ['Nov 24 08:01 name', '2025-11-24T08:01:00Z', 59],
    ['Feb 29 12:00 name', '2024-02-29T12:00:00Z', 59],
    ['Jan  5  2024 name', '2024-01-05T00:00:00Z', 86_399],
    ['Jan 15  2024 name', '2024-01-15T00:00:00Z', 86_399],
    ['23 Nov 07:57 name', '2026-11-23T07:57:00Z', 59],
    ['Nov 23 07:57:26 2026 name', '2026-11-23T07:57:26Z', 0],
    ['2026-11-23 07:57 name', '2026-11-23T07:57:00Z', 59],
    ['2026-11-23 07:57:26.123456789 +0000 name', '2026-11-23T07:57:26Z', 0],
    ['2026-11-23 07:57:26.123456789 +0530 name', '2026-11-23T02:27:26Z', 0],
    ['2026-11-23 07:57:26.123456789 -0800 name', '2026-11-23T15:57:26Z', 0],
    ['11-23 07:57 name', '2026-11-23T07:57:00Z', 59],
    ['2025-11-23  name', '2025-11-23T00:00:00Z', 86_399],
  ];
  for (const [text, iso, slack] of cases) {
    test(text, () =>
      assert.deepEqual(parseLsTime(text, madeAt), { modifiedAt: seconds(iso), timeSlack: slack, rest: 'name' }),
    );
  }

  for (const text of ['Nov 31 07:57 name', 'Foo 23 07:57 name', 'Nov 23 24:00 name', '2026-13-01 07:57 name', 'name'])
    test(`${text} is none`, () => assert.equal(parseLsTime(text, madeAt), undefined));
});

function read(text: string): { meanings: LineMeaning[]; end: ReturnType<ReturnType<typeof createLsLRParser>['end']> } {
  const parser = createLsLRParser(madeAt);
  const meanings = text.split('\n').map((line) => parser.read(line));
  return { meanings, end: parser.end() };
}

const entriesOf = (text: string): LineMeaning[] => read(text).meanings.filter((each) => typeof each !== 'string');
const file = (path: string, size: number, at: string, timeSlack: number): LineMeaning => ({
  kind: 'File',
  path,
  size,
  sizeSlack: 0,
  modifiedAt: seconds(at),
  timeSlack,
});

describe('a listing of ls -lR', () => {
  test('of GNU has a heading for the root', () => {
    const text = `.:
total 8
drwxr-xr-x 2 root root 4096 Nov 23 07:57 sub dir
-rw-r--r--+ 1 ftp 1000 5000000000 Jan  5  2024 a file
lrwxrwxrwx 1 root root 6 Nov 23 07:57 link -> a file
prw-r--r-- 1 root root 0 Nov 23 07:57 pipe
crw-rw-rw- 1 root root 1, 3 Nov 23 07:57 null

./sub dir:
total 0
-rw-r--r-- 1 root root 0 Nov 23 07:57 x -> y`;
    assert.deepEqual(read(text), {
      meanings: [
        'Understood',
        'Understood',
        'Understood',
        file('a file', 5_000_000_000, '2024-01-05T00:00:00Z', 86_399),
        { kind: 'Link', path: 'link', target: 'a file' },
        'Understood',
        'Understood',
        'Understood',
        'Understood',
        'Understood',
        file('sub dir/x -> y', 0, '2026-11-23T07:57:00Z', 59),
      ],
      end: { unreadable: [], partlyUnseen: false },
    });
  });

  test('of a BSD has none, and headings with the dot', () => {
    const text = `total 16
drwxr-xr-x  2 root  wheel  512 Nov 23 07:57 sub
-rw-r--r--  1 root  wheel   12 Nov 23 07:57 a

./sub:
total 8
-rw-r--r--@ 1 root  wheel  3 Nov 23 07:57 b`;
    assert.deepEqual(entriesOf(text), [
      file('a', 12, '2026-11-23T07:57:00Z', 59),
      file('sub/b', 3, '2026-11-23T07:57:00Z', 59),
    ]);
  });

  test('of an absolute path is relative to it', () => {
    const text = `/srv/ftp:
total 4
drwxr-xr-x 2 root root 4096 Nov 23 07:57 sub

/srv/ftp/sub:
total 4
-rw-r--r-- 1 root root 3 Nov 23 07:57 b`;
    assert.deepEqual(entriesOf(text), [file('sub/b', 3, '2026-11-23T07:57:00Z', 59)]);
    assert.deepEqual(read(text).end.unreadable, []);
  });

  test('may lack link count, owner or group, and owners may hold blanks and numbers', () => {
    for (const fields of ['1 root 3', '3', '1 DOMAIN\\Domain Users 2026 1000 3', '1 a 5 b 1 3'])
      assert.deepEqual(entriesOf(`-rw-r--r-- ${fields} Nov 23 07:57 b`), [file('b', 3, '2026-11-23T07:57:00Z', 59)]);
  });

  test('keeps blanks around names', () => {
    const text = '-rw-r--r-- 1 root root 3 Nov 23 07:57  b \n-rw-r--r-- 1 root root 3 2025-11-23   b';
    assert.deepEqual(
      entriesOf(text).map((entry) => (typeof entry === 'string' ? '' : entry.path)),
      [' b ', ' b'],
    );
  });

  test('cuts a link where its size says', () => {
    const link = (size: number): LineMeaning | undefined =>
      entriesOf(`lrwxrwxrwx 1 root root ${size} Nov 23 07:57 a -> b -> c`)[0];
    assert.deepEqual(link(6), { kind: 'Link', path: 'a', target: 'b -> c' });
    assert.deepEqual(link(1), { kind: 'Link', path: 'a -> b', target: 'c' });
    assert.deepEqual(link(0), { kind: 'Link', path: 'a', target: 'b -> c' });
  });

  test('with -Q has its names as C strings', () => {
    const text = `".":
total 4
drwxr-xr-x 2 root root 4096 Nov 23 07:57 "q \\"x\\""
lrwxrwxrwx 1 root root 3 Nov 23 07:57 "l" -> "a b"

"./q \\"x\\"":
total 4
-rw-r--r-- 1 root root 3 Nov 23 07:57 "tab\\tand\\\\\\303\\251"`;
    assert.deepEqual(entriesOf(text), [
      { kind: 'Link', path: 'l', target: 'a b' },
      file('q "x"/tab\tand\\é', 3, '2026-11-23T07:57:00Z', 59),
    ]);
    assert.deepEqual(read(text).end.unreadable, []);
  });

  test('names folders unreadable that it shows and does not list', () => {
    const text = `.:
total 4
drwxr-xr-x 2 root root 4096 Nov 23 07:57 open
drwx------ 2 root root 4096 Nov 23 07:57 secret

./open:
total 0`;
    assert.deepEqual(read(text).end, { unreadable: ['secret'], partlyUnseen: false });
  });

  test('is partly unseen if an entry cannot be read', () => {
    const text = '-rw-r--r-- 1 root root 1.5K Nov 23 07:57 human\n-rw-r--r-- 1 root root 3 Nov 23 07:57 b';
    assert.deepEqual(read(text).meanings[0], 'NotUnderstood');
    assert.equal(read(text).end.partlyUnseen, true);
  });
});
