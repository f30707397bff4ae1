import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import type { FileVersion } from '@geomirror/catalog/file.ts';
import * as fc from 'fast-check';
import { createLedger, type Ledger } from '../publish/ledger.ts';
import { sampleFile, sampleListed, sampleTable } from '../samples.ts';
import type { ListedFile, ListingEntry } from '../scan/listing.ts';
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

type Given = {
  readonly source: readonly FileVersion[];
  readonly listed: readonly ListingEntry[];
  readonly included?: (path: string) => boolean;
  readonly retained?: readonly string[];
  readonly unreadable?: readonly string[];
};

async function planOf({
  source,
  listed,
  included = () => true,
  retained = [],
  unreadable = [],
}: Given): Promise<SourcePlan> {
  const table = await sampleTable(source);
  const comparison = compareSource(table, included, (number) => retained.includes(table.path(number)));
  comparison.add(listed);
  return comparison.finish(unreadable);
}

const paths = (files: readonly { readonly path: string }[]): string[] => files.map(({ path }) => path);
const sources = (...names: readonly string[]): FileVersion[] => names.map((path) => sampleFile({ path }));
const listing = (...names: readonly string[]): ListedFile[] => names.map((path) => sampleListed({ path }));

describe('a listing of the source', () => {
  test('tells what came, what changed and what left', async () => {
    const plan = await planOf({
      source: sources('same', 'larger', 'newer', 'gone'),
      listed: [
        ...listing('same', 'new'),
        sampleListed({ path: 'larger', size: 101 }),
        sampleListed({ path: 'newer', modifiedAt: 1_000_000_001 }),
      ],
    });
    assert.deepEqual([paths(plan.added), paths(plan.changed), plan.removed], [['new'], ['larger', 'newer'], [3]]);
    assert.deepEqual([plan.loss.had, plan.loss.lost, plan.files], [4, 1, 4]);
  });

  const rows: readonly (readonly [string, Partial<FileVersion>, Partial<ListedFile>, boolean])[] = [
    ['of the same size and time', {}, {}, false],
    ['of another size', {}, { size: 99 }, true],
    ['one second later', {}, { modifiedAt: 1_000_000_001 }, true],
    ['one second earlier', {}, { modifiedAt: 999_999_999 }, true],
    ['in the same minute', { modifiedAt: 1_000_000_059 }, { timeSlack: 59 }, false],
    ['in the minute before', { modifiedAt: 1_000_000_060 }, { timeSlack: 59 }, true],
    ['in the minute after', { modifiedAt: 999_999_999 }, { timeSlack: 59 }, true],
    ['known to the minute and now to the second', { timeSlack: 59 }, { modifiedAt: 1_000_000_059 }, false],
    ['known to the minute and now outside of it', { timeSlack: 59 }, { modifiedAt: 1_000_000_060 }, true],
    ['whose size is now told for the first time', { size: undefined }, {}, true],
    ['whose size is never told', { size: undefined }, { size: undefined }, false],
    ['whose size is told no more', {}, { size: undefined }, false],
    ['whose time is told no more', {}, { modifiedAt: undefined }, false],
    ['whose time was never told', { modifiedAt: undefined }, {}, false],
    ['of a rounded size that fits', {}, { size: 50, sizeSlack: 50 }, false],
    ['of a rounded size that does not fit', {}, { size: 50, sizeSlack: 49 }, true],
  ];
  for (const [title, known, shown, changed] of rows) {
    test(`takes a file ${title} for ${changed ? 'changed' : 'the same'}`, async () => {
      const plan = await planOf({
        source: [sampleFile({ path: 'a', ...known })],
        listed: [sampleListed({ path: 'a', ...shown })],
      });
      assert.deepEqual([plan.changed.length, plan.removed.length], [Number(changed), 0]);
    });
  }

  test('gives no file of a rounded size an exact one', async () => {
    const rounded = { size: 1000, sizeSlack: 99 };
    const plan = await planOf({ source: [], listed: [sampleListed({ path: 'a', ...rounded })] });
    assert.deepEqual([plan.added[0]?.size, plan.rounded.get('a')], [undefined, rounded]);
  });

  test('counts a file that it shows twice once', async () => {
    const plan = await planOf({ source: sources('a'), listed: listing('a', 'a', 'b', 'b') });
    assert.deepEqual([paths(plan.added), plan.changed, plan.files], [['b'], [], 2]);
  });

  test('brings a file back that had left, as the version that left', async () => {
    const plan = await planOf({
      source: sources('back', 'away', 'here'),
      listed: [sampleListed({ path: 'back', size: 50, sizeSlack: 99 }), ...listing('here')],
      retained: ['back', 'away'],
    });
    assert.deepEqual([plan.changed, plan.removed], [sources('back'), []]);
    assert.deepEqual([plan.loss.had, plan.loss.lost, plan.files], [1, 0, 2]);
  });

  test('brings a file back that had left in a new version', async () => {
    const plan = await planOf({
      source: sources('back'),
      listed: [sampleListed({ path: 'back', size: 7 })],
      retained: ['back'],
    });
    assert.deepEqual(plan.changed[0]?.size, 7);
  });

  test('loses no file below a folder that could not be read', async () => {
    const given = { source: sources('a/b/x', 'a/bc/x', 'y'), listed: listing('y') };
    assert.deepEqual((await planOf({ ...given, unreadable: ['a/b'] })).removed, [1]);
    assert.deepEqual((await planOf({ ...given, unreadable: ['a'] })).removed, []);
    const plan = await planOf({ ...given, listed: [], unreadable: [''] });
    assert.deepEqual([plan.removed, plan.loss.lost, plan.files], [[], 0, 3]);
  });

  test('keeps to what the repository includes, links too', async () => {
    const plan = await planOf({
      source: sources('pub/a', 'tmp/a'),
      listed: [
        ...listing('pub/a', 'tmp/a', 'tmp/new'),
        { kind: 'Link', path: 'pub/latest', target: 'a' },
        { kind: 'Link', path: 'tmp/latest', target: 'a' },
      ],
      included: (path) => path.startsWith('pub/'),
    });
    assert.deepEqual([plan.added, plan.removed, paths(plan.links)], [[], [1], ['pub/latest']]);
  });

  test('leaves out links whose target could be no path', async () => {
    const links = ['x'.repeat(4096), 'x'.repeat(4097)].map((target) => ({ kind: 'Link', path: 'l', target }) as const);
    assert.deepEqual((await planOf({ source: [], listed: links })).links, links.slice(0, 1));
  });

  test('can hand new files over before its end, and counts them all the same', async () => {
    const comparison = compareSource(
      await sampleTable([]),
      () => true,
      () => false,
    );
    comparison.add(listing('a', 'b'));
    assert.equal(comparison.waiting(), 2);
    assert.deepEqual(paths(comparison.takeAdded().added), ['a', 'b']);
    comparison.add(listing('c'));
    assert.deepEqual([comparison.waiting(), comparison.takeAdded().rounded.size], [1, 0]);
    comparison.add(listing('d'));
    const plan = await comparison.finish([]);
    assert.deepEqual([paths(plan.added), plan.files], [['d'], 4]);
  });
});

test('after any history of listings the table is the last one', async () => {
  const name = fc.constantFrom('a', 'b', 'c/d', 'c/e', 'f');
  const version = fc.record({ path: name, size: fc.nat(2), modifiedAt: fc.integer({ min: 5, max: 6 }) });
  const oneListing = fc.uniqueArray(version, { selector: ({ path }) => path });
  await fc.assert(
    fc.asyncProperty(
      fc.array(oneListing, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(0, 1000),
      async (history, retainMs) => {
        const ledger = createLedger();
        for (const files of history) {
          const comparison = compareSource(
            ledger.table,
            () => true,
            (number) => ledger.isRetained(number),
          );
          comparison.add(files.map((each) => sampleListed(each)));
          const plan = await comparison.finish([]);
          assert.equal(plan.files, files.length);
          await ledger.applySource(plan, { now: 0, graceMs: () => 0, retainMs, matches: () => false });
        }
        const { table } = ledger;
        const found = [...table.live()]
          .filter((number) => !ledger.isRetained(number))
          .map((number) => table.file(number));
        const byPath = (one?: { path: string }, other?: { path: string }): number =>
          (one?.path ?? '') < (other?.path ?? '') ? -1 : 1;
        assert.deepEqual(
          found.toSorted(byPath),
          (history.at(-1) ?? []).map((each) => sampleFile(each)).toSorted(byPath),
        );
      },
    ),
  );
});

test('what left a tree of 50 000 files is found in slices of at most 256 between turns of the event loop', async () => {
  const table = await sampleTable(Array.from({ length: 50_000 }, (_, index) => sampleFile({ path: `f/${index}` })));
  const comparison = compareSource(
    table,
    () => true,
    () => false,
  );
  let time = 0;
  // Each look at the clock finds a slice used up.
  const clock = mock.method(performance, 'now', () => (time += 5));
  let turns = 0;
  let counting = true;
  const count = (): void => {
    turns += 1;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  const plan = await comparison.finish([]);
  counting = false;
  clock.mock.restore();
  assert.equal(plan.removed.length, 50_000);
  assert.ok(turns >= Math.floor(50_000 / 256), `${turns} turns`);
});
