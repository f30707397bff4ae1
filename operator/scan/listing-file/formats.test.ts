import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFullFileTimeListParser, parseFileTime } from './full-file-time-list.ts';
import { parseRsyncListLine } from './rsync-list.ts';
import { createSumsParser, parseSum } from './sha256-sums.ts';

const digest = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

describe('a line of fullfiletimelist', () => {
  test('is a file with time and size', () => {
    assert.deepEqual(parseFileTime('1767700953\tf\t282\tlinux/extras/READ ME'), {
      kind: 'File',
      path: 'linux/extras/READ ME',
      size: 282,
      sizeSlack: 0,
      modifiedAt: 1_767_700_953,
      timeSlack: 0,
    });
  });
  for (const [title, line] of [
    ['a folder', '1366880149\td\t4096\tlinux/extras'],
    ['a link', '1366880149\tl\t10\tlinux/latest'],
    ['not readable for everyone', '1366880149\tf-\t10\tlinux/soon'],
    ['blank', ''],
  ] as const)
    test(`lists nothing if it is ${title}`, () => assert.equal(parseFileTime(line), 'Understood'));
  test('is not understood if it is something else', () => assert.equal(parseFileTime('<html>'), 'NotUnderstood'));
});

describe('a fullfiletimelist', () => {
  const lines = [
    '[Version]',
    '2',
    '',
    '[Files]',
    '1\tf\t2\ta',
    '',
    '[Checksums SHA1]',
    `${'0'.repeat(40)}\ta`,
    '',
    '[End]',
  ];
  const read = (count: number): boolean => {
    const parser = createFullFileTimeListParser();
    const meanings = lines.slice(0, count).map((line) => parser.read(line));
    assert.ok(!meanings.includes('NotUnderstood'));
    assert.equal(meanings.filter((each) => typeof each !== 'string').length, 1);
    return parser.end().partlyUnseen;
  };
  test('is complete with its last line', () => assert.equal(read(10), false));
  test('was cut off without it', () => assert.equal(read(9), true));
});

describe('a line of checksums', () => {
  test('is a file of unknown size and time with a digest', () => {
    assert.deepEqual(parseSum(`${digest}  ./a/b`), {
      kind: 'File',
      path: 'a/b',
      size: undefined,
      sizeSlack: 0,
      modifiedAt: undefined,
      timeSlack: 0,
      digests: { sha256: digest },
    });
  });
  test('is not understood if it names no file', () => assert.equal(parseSum(digest), 'NotUnderstood'));
  test('counts for nothing below the signature', () => {
    const parser = createSumsParser();
    const lines = [
      '-----BEGIN PGP SIGNED MESSAGE-----',
      'Hash: SHA512',
      '',
      '-----BEGIN PGP SIGNATURE-----',
      'iQIzBAEB',
    ];
    assert.deepEqual(new Set(lines.map((line) => parser.read(line))), new Set(['Understood']));
  });
});

describe('a line of rsync --list-only', () => {
  for (const [line, means] of [
    ['drwxr-xr-x          4,096 2026/11/23 07:51:26 .', 'Understood'],
    ['lrwxrwxrwx              6 2026/11/23 07:51:26 l -> target', { kind: 'Link', path: 'l', target: 'target' }],
    ['', 'Understood'],
    ['-rw-r--r-- 1.5K 2026/11/23 07:51:26 x', 'Unreadable'],
    ['receiving file list ...', 'NotUnderstood'],
  ] as const)
    test(line, () => assert.deepEqual(parseRsyncListLine(line), means));
  test('is a file', () => {
    assert.deepEqual(parseRsyncListLine('-rw-r--r--          1,234 2026/11/23 07:51:26 a b'), {
      kind: 'File',
      path: 'a b',
      size: 1234,
      sizeSlack: 0,
      modifiedAt: Date.parse('2026-11-23T07:51:26Z') / 1000,
      timeSlack: 0,
    });
  });
});
