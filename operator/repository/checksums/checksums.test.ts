import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FileVersion } from '@geomirror/catalog/file.ts';
import { compileGlobs } from '@geomirror/catalog/glob.ts';
import { Failure } from '../../failures.ts';
import { createLedger, type Ledger } from '../../publish/ledger.ts';
import { findDue, noSums } from './due.ts';
import { createSumsEntry, type SumsEntered, type SumsRules } from './enter-sums.ts';
import { maxSumsBytes, parseSums, type PublishedSum } from './parse-sums.ts';
import { besideOf, isOfOtherAlgorithm, resolveName } from './sums-name.ts';

const digest = (digit: string): string => digit.repeat(64);

describe('a name in a file of checksums', () => {
  for (const [sumsPath, name, path] of [
    ['SHA256SUMS', 'a', 'a'],
    ['d/SHA256SUMS', 'a', 'd/a'],
    ['d/SHA256SUMS', './a', 'd/a'],
    ['d/SHA256SUMS', 'e/f/a', 'd/e/f/a'],
    ['d/SHA256SUMS', 'e//a', 'd/e/a'],
    ['d/SHA256SUMS', '../a', 'a'],
    ['d/SHA256SUMS', '../../a', undefined],
    ['d/SHA256SUMS', 'e/../../../etc/passwd', undefined],
    ['d/SHA256SUMS', '/etc/passwd', undefined],
    ['SHA256SUMS', '.', undefined],
  ] as const)
    test(`${name} in ${sumsPath} is ${path}`, () => assert.equal(resolveName(sumsPath, name), path));
});

describe('a file of checksums lies beside', () => {
  for (const [sumsPath, path] of [
    ['a/x.iso.sha256', 'a/x.iso'],
    ['x.iso.SHA512SUM', 'x.iso'],
    ['x.iso.md5.txt', 'x.iso'],
    ['x.iso.sha-1', 'x.iso'],
    ['SHA256SUMS', undefined],
    ['a/.sha256', undefined],
    ['.sha256', undefined],
    ['x.txt', undefined],
  ] as const)
    test(`${path} if it is ${sumsPath}`, () => assert.equal(besideOf(sumsPath), path));
});

test('digests of BLAKE2 are not taken for those of SHA-512', () => {
  assert.deepEqual(
    ['a/B2SUMS', 'b2sums.txt', 'x.blake2b', 'x.sha3-256', 'SHA256SUMS', 'b2/SHA256SUMS'].map(isOfOtherAlgorithm),
    [true, true, true, true, false, false],
  );
});

async function parse(sumsPath: string, text: string): Promise<PublishedSum[]> {
  const sums: PublishedSum[] = [];
  for await (const some of parseSums(sumsPath, chunksOf(text))) sums.push(...some);
  return sums;
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

const sum = (path: string, digit: string): PublishedSum => ({ path, algorithm: 'sha256', digest: digest(digit) });

describe('a file of checksums', () => {
  test('names files by lines, in or out of a signed message', async () => {
    const text = [
      '-----BEGIN PGP SIGNED MESSAGE-----',
      'Hash: SHA256',
      '',
      `${digest('1')}  a`,
      `${digest('2')} *sub/b`,
      `SHA256 (c) = ${digest('3')}`,
      `${digest('4')}  ../../out`,
      '-----BEGIN PGP SIGNATURE-----',
      `${digest('5')}  d`,
    ];
    assert.deepEqual(await parse('d/SHA256SUMS', text.join('\n')), [
      sum('d/a', '1'),
      sum('d/sub/b', '2'),
      sum('d/c', '3'),
    ]);
  });

  test('with a digest alone, or that of the standard input, is for the file beside', async () => {
    assert.deepEqual(await parse('d/x.sha256', digest('1')), [sum('d/x', '1')]);
    assert.deepEqual(await parse('d/x.sha256', `${digest('1')}  -\n`), [sum('d/x', '1')]);
  });

  test('without any is a failure', async () => {
    for (const text of ['', '<html>It works!</html>\n', `${digest('1')}\n`])
      await assert.rejects(parse('SHA256SUMS', text), (error: Failure) => error.reason === 'ProtocolError');
    await assert.rejects(parse('B2SUMS', `${digest('1')}  a\n`), Failure);
  });

  test('that is too long is a failure', async () => {
    const line = Buffer.from(`${digest('1')}  a\n`.repeat(1000));
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield line;
    }
    let bytes = 0;
    const reading = async (): Promise<void> => {
      for await (const some of parseSums('SHA256SUMS', endless())) bytes += some.length * 68;
    };
    await assert.rejects(reading, (error: Failure) => error.reason === 'TooLarge');
    assert.ok(bytes <= maxSumsBytes);
  });
});

const file = (path: string, more: Partial<FileVersion> = {}): FileVersion => ({
  path,
  size: 1,
  modifiedAt: 1_700_000_000,
  timeSlack: 0,
  digests: {},
  ...more,
});

async function change(ledger: Ledger, files: readonly FileVersion[], removed: readonly string[] = []): Promise<void> {
  const numbers = removed.map((path) => ledger.table.find(path));
  const rules = { now: 0, graceMs: () => 0, retainMs: 0, matches: () => false };
  await ledger.applySource({ added: files, changed: [], removed: numbers }, rules);
}

describe('a file of checksums is due', () => {
  const isSums = compileGlobs(['**/SHA256SUMS', '**/*.sha256']);
  const names = ['SHA256SUMS', 'a/SHA256SUMS', 'a/x', 'a/x.sha256', 'a/b/y', 'a/b/list.sha256', 'c/SHA256SUMS', 'c/z'];

  async function dueAfter(files: readonly FileVersion[], removed: readonly string[] = []): Promise<string[]> {
    const ledger = createLedger();
    const memory = noSums();
    await change(
      ledger,
      names.map((name) => file(name)),
    );
    await findDue(memory, ledger.table, isSums);
    assert.deepEqual([...memory.due].sort(), names.filter(isSums).sort());
    memory.due.clear();
    await change(ledger, files, removed);
    await findDue(memory, ledger.table, isSums);
    return [...memory.due].sort();
  }

  test('never again while nothing changes', async () => assert.deepEqual(await dueAfter([]), []));
  test('when it changed', async () =>
    assert.deepEqual(await dueAfter([file('a/SHA256SUMS', { size: 2 })]), ['a/SHA256SUMS']));
  test('when it is new', async () => assert.deepEqual(await dueAfter([file('n.sha256')]), ['n.sha256']));
  test('when what may be in it is new or changed, in its folder or below', async () => {
    assert.deepEqual(await dueAfter([file('a/b/y', { size: 2 })]), ['SHA256SUMS', 'a/SHA256SUMS', 'a/b/list.sha256']);
    assert.deepEqual(await dueAfter([file('c/new')]), ['SHA256SUMS', 'c/SHA256SUMS']);
  });
  test('when the file beside it changed, and not for other files', async () => {
    assert.deepEqual(await dueAfter([file('a/x', { size: 2 })]), ['SHA256SUMS', 'a/SHA256SUMS', 'a/x.sha256']);
  });
  test('no longer when it is gone', async () => {
    assert.deepEqual(await dueAfter([file('c/new')], ['c/SHA256SUMS']), ['SHA256SUMS']);
  });
});

describe('a published checksum', () => {
  async function enter(
    ledger: Ledger,
    sums: readonly PublishedSum[],
    rules: Partial<SumsRules> = {},
  ): Promise<SumsEntered> {
    const entry = createSumsEntry(ledger, { before: undefined, computed: new Set(), ...rules });
    await entry.add(sums);
    return entry.finish();
  }

  test('is entered for a live file, several algorithms together', async () => {
    const ledger = createLedger();
    await change(ledger, [file('a')]);
    const md5: PublishedSum = { path: 'a', algorithm: 'md5', digest: 'f'.repeat(32) };
    const entered = await enter(ledger, [sum('a', '1'), md5, sum('unknown', '1')]);
    assert.deepEqual(entered, { files: 1, corrected: 0, contradicted: 0, example: undefined });
    assert.deepEqual(ledger.table.digests(0), { md5: 'f'.repeat(32), sha256: digest('1') });
  });

  test('that contradicts the bytes is counted, and what was computed stays', async () => {
    const ledger = createLedger();
    const computed = new Set(['sha256'] as const);
    await change(ledger, [file('a', { digests: { sha256: digest('1') } })]);
    const entered = { files: 0, corrected: 0, contradicted: 1, example: 'a' };
    assert.deepEqual(await enter(ledger, [sum('a', '2')], { computed }), entered);
    assert.deepEqual(ledger.table.digests(0), { sha256: digest('1') });
    const agreed = { files: 0, corrected: 0, contradicted: 0, example: undefined };
    assert.deepEqual(await enter(ledger, [sum('a', '1')], { computed }), agreed);
  });

  test('corrects one that was published before, of the same version under the same number', async () => {
    const ledger = createLedger();
    await change(ledger, [file('a')]);
    const md5: PublishedSum = { path: 'a', algorithm: 'md5', digest: 'f'.repeat(32) };
    await enter(ledger, [sum('a', '1'), md5]);
    const entered = { files: 0, corrected: 1, contradicted: 0, example: undefined };
    assert.deepEqual(await enter(ledger, [sum('a', '2')]), entered);
    assert.equal(ledger.table.find('a'), 0);
    assert.deepEqual(ledger.table.digests(0), { md5: 'f'.repeat(32), sha256: digest('2') });
  });

  test('of the version before is not entered for the new one', async () => {
    const ledger = createLedger();
    await change(ledger, [file('a', { digests: { sha256: digest('1') } })]);
    const before = ledger.table;
    await change(ledger, [file('a', { size: 2 })]);
    assert.equal((await enter(ledger, [sum('a', '1')], { before })).files, 0);
    assert.equal((await enter(ledger, [sum('a', '2')], { before })).files, 1);
    assert.deepEqual(ledger.table.digests(ledger.table.find('a')), { sha256: digest('2') });
  });

  test('is entered in batches when there are many', async () => {
    const ledger = createLedger();
    const names = Array.from({ length: 5000 }, (_, at) => `file-${at}`);
    await change(
      ledger,
      names.map((name) => file(name)),
    );
    assert.equal(
      (
        await enter(
          ledger,
          names.map((name) => sum(name, '7')),
        )
      ).files,
      5000,
    );
    assert.deepEqual(ledger.table.digests(4999), { sha256: digest('7') });
  });
});
