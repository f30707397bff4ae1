import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLedger, type Ledger } from '../publish/ledger.ts';
import type { ListedFile } from '../scan/listing.ts';
import { compareSource, type SourcePlan } from './plan.ts';

const digest = (digit: string): string => digit.repeat(64);
const file = (path: string, more: Partial<ListedFile> = {}): ListedFile => ({
  kind: 'File',
  path,
  size: undefined,
  sizeSlack: 0,
  modifiedAt: undefined,
  timeSlack: 0,
  ...more,
});

async function enter(ledger: Ledger, files: readonly ListedFile[]): Promise<SourcePlan> {
  const comparison = compareSource(
    ledger.table,
    () => true,
    (number) => ledger.isRetained(number),
  );
  comparison.add(files);
  const plan = await comparison.finish([]);
  await ledger.applySource(plan, { now: 0, graceMs: () => 0, retainMs: 0, matches: () => false });
  return plan;
}

const counts = ({ added, changed, removed }: SourcePlan): number[] => [added.length, changed.length, removed.length];

describe('a listing of checksums', () => {
  test('brings its digests into the table', async () => {
    const ledger = createLedger();
    assert.deepEqual(counts(await enter(ledger, [file('a', { digests: { sha256: digest('1') } })])), [1, 0, 0]);
    assert.deepEqual(ledger.table.file(0)?.digests, { sha256: digest('1') });
  });

  test('changes nothing when it comes again', async () => {
    const ledger = createLedger();
    for (let i = 0; i < 2; i += 1) await enter(ledger, [file('a', { digests: { sha256: digest('1') } })]);
    assert.equal(ledger.table.end, 1);
  });

  test('makes another version of a file whose digest changed', async () => {
    const ledger = createLedger();
    await enter(ledger, [file('a', { digests: { sha256: digest('1') } })]);
    const plan = await enter(ledger, [file('a', { digests: { sha256: digest('2') } })]);
    assert.deepEqual(counts(plan), [0, 1, 0]);
    assert.equal(ledger.table.find('a'), 1);
    assert.deepEqual(ledger.table.file(1)?.digests, { sha256: digest('2') });
  });

  test('adds digests to a version that is known otherwise', async () => {
    const ledger = createLedger();
    await enter(ledger, [file('a', { size: 5, modifiedAt: 7 })]);
    const plan = await enter(ledger, [file('a', { digests: { sha256: digest('1') } })]);
    assert.deepEqual(counts(plan), [0, 1, 0]);
    assert.deepEqual(ledger.table.file(0), {
      path: 'a',
      size: 5,
      modifiedAt: 7,
      timeSlack: 0,
      digests: { sha256: digest('1') },
    });
    assert.equal(ledger.table.end, 1);
  });
});

describe('a rounded listing', () => {
  test('that fits what is known changes nothing', async () => {
    const ledger = createLedger();
    await enter(ledger, [file('a', { size: 1234, modifiedAt: 1_000_042 })]);
    const again = file('a', { size: 1200, sizeSlack: 99, modifiedAt: 1_000_020, timeSlack: 59 });
    assert.deepEqual(counts(await enter(ledger, [again])), [0, 0, 0]);
  });

  test('that does not fit is a change', async () => {
    const ledger = createLedger();
    await enter(ledger, [file('a', { size: 1234, modifiedAt: 1_000_042 })]);
    const plan = await enter(ledger, [file('a', { size: 1300, sizeSlack: 99 })]);
    assert.deepEqual(counts(plan), [0, 1, 0]);
  });
});
