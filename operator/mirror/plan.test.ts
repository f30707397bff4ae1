import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import { createColumnBits } from '@geomirror/catalog/column.ts';
import { availability, type Availability, type FileVersion } from '@geomirror/catalog/file.ts';
import type { Attributes } from '@geomirror/catalog/pages/attributes.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import * as fc from 'fast-check';
import { createLedger } from '../publish/ledger.ts';
import { sampleFile, sampleListed, sampleTable } from '../samples.ts';
import type { ListedFile, ListingEntry } from '../scan/listing.ts';
import {
  compareMirror,
  isVersion,
  type Compare,
  type MirrorEnding,
  type MirrorPlan,
  type MirrorRules,
} from './plan.ts';
import type { TimeJudgement } from './times.ts';

const { Absent, Current, WrongSize, Outdated } = availability;
const now = 1_000_000_000;
const before: Attributes = { size: 90, modifiedAt: now - 5000, timeSlack: 0 };

const plainRules: MirrorRules = {
  compare: () => 'Auto',
  tolerance: 2,
  included: () => true,
  previous: () => undefined,
  isRetained: () => false,
  foundWrong: new Set(),
};

async function compared(
  table: Table,
  entries: readonly ListingEntry[],
  rules: Partial<MirrorRules> = {},
  ending: Partial<MirrorEnding> = {},
): Promise<MirrorPlan> {
  const comparison = compareMirror(table, { ...plainRules, ...rules });
  comparison.add(entries);
  return comparison.finish({ before: undefined, unreadable: [], ...ending });
}

/** Twenty files whose times on the mirror show what its times are worth. */
const witnesses = Array.from({ length: 20 }, (_, index) =>
  sampleFile({ path: `witness/${index}`, modifiedAt: now + index }),
);
const witnessed = (times: 'Kept' | 'Lost', offset = 0): ListedFile[] =>
  witnesses.map(({ path, modifiedAt }, index) =>
    sampleListed({ path, modifiedAt: (modifiedAt ?? 0) - offset + (times === 'Kept' ? 0 : 7000 + 111 * index) }),
  );

const columnOf = (table: Table, bits: Readonly<Record<string, Availability>>) => {
  const column = createColumnBits();
  for (const [path, value] of Object.entries(bits)) column.set(table.find(path), value);
  return column;
};

describe('the bits of a file', () => {
  type Row = {
    readonly title: string;
    readonly source?: Partial<FileVersion>;
    /** Undefined: not listed. */
    readonly listed: Partial<ListedFile> | undefined;
    readonly previous?: Attributes;
    readonly compare?: Compare;
    readonly times?: 'Kept' | 'Lost';
    readonly foundWrong?: boolean;
    readonly unreadable?: readonly string[];
    readonly had?: Availability;
    readonly bits: Availability;
  };
  const rows: readonly Row[] = [
    { title: 'not listed', listed: undefined, had: Current, bits: Absent },
    ...[Absent, Current, WrongSize, Outdated].map((had) => ({
      title: `not listed in a folder that could not be read, ${had} so far`,
      listed: undefined,
      unreadable: ['other', 'some/folder'],
      had,
      bits: had,
    })),
    { title: 'not listed, the root unreadable', listed: undefined, unreadable: [''], had: Current, bits: Current },
    {
      title: 'not listed beside a folder that could not be read',
      listed: undefined,
      unreadable: ['some/fold', 'some/folder/fi'],
      had: Current,
      bits: Absent,
    },
    {
      title: 'listed in a folder that could not be read to its end',
      listed: { size: 7 },
      unreadable: ['some'],
      had: Current,
      bits: WrongSize,
    },
    { title: 'found wrong, listed as it should be', listed: {}, foundWrong: true, bits: WrongSize },
    { title: 'found wrong, not listed', listed: undefined, foundWrong: true, had: WrongSize, bits: Absent },
    { title: 'equal in size and time', listed: {}, bits: Current },
    { title: 'equal in size, time within the tolerance', listed: { modifiedAt: now + 2 }, bits: Current },
    { title: 'equal in size, time just outside the tolerance', listed: { modifiedAt: now + 3 }, bits: Outdated },
    {
      title: 'equal in size, listed without time',
      listed: { modifiedAt: undefined },
      compare: 'SizeAndTime',
      bits: Current,
    },
    {
      title: 'equal in size, no time in the source',
      source: { modifiedAt: undefined },
      listed: {},
      compare: 'SizeAndTime',
      bits: Current,
    },
    { title: 'no size in the source', source: { size: undefined }, listed: { size: 7 }, bits: Current },
    { title: 'listed without size', listed: { size: undefined }, bits: Current },
    { title: 'listed without size, other time', listed: { size: undefined, modifiedAt: now - 50 }, bits: Outdated },
    { title: 'equal in size, other time, Size', listed: { modifiedAt: now - 50 }, compare: 'Size', bits: Current },
    {
      title: 'equal in size, other time, Auto, times follow the source',
      listed: { modifiedAt: now - 50 },
      bits: Outdated,
    },
    {
      title: 'equal in size, other time, Auto, times do not follow',
      listed: { modifiedAt: now - 50 },
      times: 'Lost',
      bits: Current,
    },
    {
      title: 'equal in size, other time, SizeAndTime, times do not follow',
      listed: { modifiedAt: now - 50 },
      times: 'Lost',
      compare: 'SizeAndTime',
      bits: Outdated,
    },
    { title: 'of another size', listed: { size: 90 }, bits: WrongSize },
    { title: 'of another size, equal time', listed: { size: 101 }, bits: WrongSize },
    { title: 'in grace, the new version', listed: {}, previous: before, bits: Current },
    {
      title: 'in grace, the version before',
      listed: { size: 90, modifiedAt: now - 5000 },
      previous: before,
      bits: Outdated,
    },
    {
      title: 'in grace, the version before, of equal size',
      listed: { modifiedAt: now - 5000 },
      previous: { ...before, size: 100 },
      bits: Outdated,
    },
    {
      title: 'in grace, older than the version before, by size',
      listed: { size: 80, modifiedAt: now - 9000 },
      previous: before,
      bits: WrongSize,
    },
    {
      title: 'in grace, older than the version before, by time',
      listed: { size: 90, modifiedAt: now - 9000 },
      previous: before,
      bits: WrongSize,
    },
    {
      title: 'in grace, all of equal size, older than the version before',
      listed: { modifiedAt: now - 9000 },
      previous: { ...before, size: 100 },
      bits: WrongSize,
    },
    {
      title: 'in grace, the size of the version before, times do not follow',
      listed: { size: 90, modifiedAt: now + 44 },
      previous: before,
      times: 'Lost',
      bits: Outdated,
    },
    {
      title: 'in grace, another size, times do not follow',
      listed: { size: 80, modifiedAt: now + 44 },
      previous: before,
      times: 'Lost',
      bits: WrongSize,
    },
    {
      title: 'in grace, a rounded size that fits both, the time of the version before',
      listed: { size: 50, sizeSlack: 60, modifiedAt: now - 5000 },
      previous: before,
      bits: Outdated,
    },
    {
      title: 'in grace, found wrong',
      listed: { size: 90, modifiedAt: now - 5000 },
      previous: before,
      foundWrong: true,
      bits: WrongSize,
    },
  ];
  for (const {
    title,
    source,
    listed,
    previous,
    compare = 'Auto',
    times = 'Kept',
    foundWrong = false,
    unreadable = [],
    had,
    bits,
  } of rows) {
    test(title, async () => {
      const path = 'some/folder/file';
      const table = await sampleTable([...witnesses, sampleFile({ path, ...source })]);
      const number = table.find(path);
      const entries =
        listed === undefined ? witnessed(times) : [sampleListed({ path, ...listed }), ...witnessed(times)];
      const plan = await compared(
        table,
        entries,
        {
          compare: (asked) => (asked === path ? compare : 'Auto'),
          previous: (asked) => (asked === number ? previous : undefined),
          foundWrong: new Set(foundWrong ? [path] : []),
        },
        { before: columnOf(table, had === undefined ? {} : { [path]: had }), unreadable },
      );
      assert.equal(plan.times.keepsTimes, times === 'Kept');
      assert.equal(plan.column.get(number), bits);
    });
  }
});

describe('rounded sizes and coarse times', () => {
  const size = 1_234_567;
  const modifiedAt = Date.UTC(2026, 1, 3, 4, 5, 6) / 1000;
  const minute = Date.UTC(2026, 1, 3, 4, 5) / 1000;
  const day = Date.UTC(2026, 1, 3) / 1000;
  const rows: readonly (readonly [string, Partial<ListedFile>, Availability])[] = [
    ['1.2M', { size: 1_153_434, sizeSlack: 209_715 }, Current],
    ['1.3M', { size: 1_310_720, sizeSlack: 104_857 }, WrongSize],
    ['1.1M', { size: 1_101_005, sizeSlack: 104_857 }, WrongSize],
    ['the same minute', { modifiedAt: minute, timeSlack: 59 }, Current],
    ['the minute before, within the tolerance of its end', { modifiedAt: minute - 55, timeSlack: 59 }, Current],
    ['the minute before', { modifiedAt: minute - 60, timeSlack: 59 }, Outdated],
    ['the minute after', { modifiedAt: minute + 60, timeSlack: 59 }, Outdated],
    ['the same day', { modifiedAt: day, timeSlack: 86_399 }, Current],
    ['the day before', { modifiedAt: day - 86_400, timeSlack: 86_399 }, Outdated],
    ['the day after', { modifiedAt: day + 86_400, timeSlack: 86_399 }, Outdated],
  ];
  for (const [title, shown, bits] of rows) {
    test(`${title}: ${bits === Current ? 'can be the file' : 'cannot be the file'}`, async () => {
      const table = await sampleTable([sampleFile({ path: 'a', size, modifiedAt })]);
      const listed = sampleListed({ path: 'a', size, modifiedAt, ...shown });
      const plan = await compared(table, [listed], { compare: () => 'SizeAndTime' });
      assert.equal(plan.column.get(0), bits);
    });
  }

  test('of a source are compared like those of a mirror', async () => {
    const table = await sampleTable([sampleFile({ path: 'a', modifiedAt: minute, timeSlack: 59 })]);
    for (const [shown, bits] of [
      [{ modifiedAt: minute + 59 }, Current],
      [{ modifiedAt: minute + 63 }, Outdated],
      [{ modifiedAt: minute - 3 }, Outdated],
      [{ modifiedAt: day, timeSlack: 86_399 }, Current],
    ] as const) {
      const plan = await compared(table, [sampleListed({ path: 'a', ...shown })], { compare: () => 'SizeAndTime' });
      assert.equal(plan.column.get(0), bits, JSON.stringify(shown));
    }
  });

  test('whatever a listing rounds, the file itself is always found current', async () => {
    const slacks = fc.constantFrom(0, 1, 59, 3599, 86_399);
    await fc.assert(
      fc.asyncProperty(
        fc.record({ size: fc.nat(2 ** 40), time: fc.integer({ min: 10 ** 6, max: 2 ** 31 }) }),
        fc.record({ sizeSlack: fc.nat(10 ** 6), timeSlack: slacks, sourceSlack: slacks }),
        fc.record({
          size: fc.double({ min: 0, max: 1, noNaN: true }),
          time: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
        async (real, { sizeSlack, timeSlack, sourceSlack }, at) => {
          const table = await sampleTable([
            sampleFile({
              path: 'a',
              size: real.size,
              modifiedAt: real.time - Math.floor(at.size * sourceSlack),
              timeSlack: sourceSlack,
            }),
          ]);
          const listed = sampleListed({
            path: 'a',
            size: real.size - Math.floor(at.size * sizeSlack),
            sizeSlack,
            modifiedAt: real.time - Math.floor(at.time * timeSlack),
            timeSlack,
          });
          const plan = await compared(table, [listed], { compare: () => 'SizeAndTime', tolerance: 0 });
          assert.equal(plan.column.get(0), Current);
        },
      ),
    );
  });
});

describe('a mirror whose clock is in another time zone', () => {
  for (const [zone, offset] of [
    ['UTC+5:30', -19_800],
    ['UTC-3:30', 12_600],
    ['UTC+5:45', -20_700],
    ['UTC+2', -7200],
    ['UTC+14', -50_400],
    ['UTC-12', 43_200],
  ] as const) {
    test(`${zone} is found out, and only files that are otherwise off are outdated`, async () => {
      const table = await sampleTable([...witnesses, sampleFile({ path: 'old' })]);
      const old = sampleListed({ path: 'old', modifiedAt: now - offset - 600 });
      const plan = await compared(table, [...witnessed('Kept', offset), old]);
      assert.deepEqual(plan.times, { offsetSeconds: offset, keepsTimes: true });
      assert.deepEqual([plan.counts.current, plan.counts.outdated], [20, 1]);
      assert.deepEqual(plan.exceptions, [
        { path: 'old', size: 100, sizeSlack: 0, modifiedAt: now - 600, timeSlack: 0 },
      ]);
    });
  }

  test('in minutes is found out too', async () => {
    const table = await sampleTable(witnesses);
    const listed = witnessed('Kept', -19_800).map(({ path, modifiedAt = 0 }) =>
      sampleListed({ path, modifiedAt: Math.floor(modifiedAt / 60) * 60, timeSlack: 59 }),
    );
    const plan = await compared(table, listed);
    assert.deepEqual(plan.times, { offsetSeconds: -19_800, keepsTimes: true });
    assert.equal(plan.counts.current, 20);
  });

  test('180 seconds off is in none: its times count for nothing, and nothing is outdated', async () => {
    const table = await sampleTable(witnesses);
    const plan = await compared(table, witnessed('Kept', 180));
    assert.deepEqual(plan.times, { offsetSeconds: 0, keepsTimes: false });
    assert.equal(plan.counts.current, 20);
  });

  test('four common files do not show a time zone', async () => {
    const table = await sampleTable(witnesses.slice(0, 4));
    const plan = await compared(table, witnessed('Kept', 7200).slice(0, 4));
    assert.deepEqual(plan.times, { offsetSeconds: 0, keepsTimes: false });
  });

  test('two in ten files that are off make its times worth nothing; one in ten does not', async () => {
    const table = await sampleTable(witnesses);
    const off = (count: number): ListedFile[] =>
      witnessed('Kept', 3600).map((file, index) =>
        index < count ? sampleListed({ path: file.path, modifiedAt: now - 77 }) : file,
      );
    assert.deepEqual((await compared(table, off(2))).times, { offsetSeconds: 3600, keepsTimes: true });
    assert.deepEqual((await compared(table, off(3))).times, { offsetSeconds: 0, keepsTimes: false });
  });

  test('files of another size do not vote', async () => {
    const table = await sampleTable(witnesses);
    const plan = await compared(
      table,
      witnessed('Kept').map((file, index) =>
        index < 12 ? sampleListed({ path: file.path, size: 1, modifiedAt: now - 99_999 }) : file,
      ),
    );
    assert.deepEqual(plan.times, { offsetSeconds: 0, keepsTimes: true });
  });
});

describe('what else a plan says', () => {
  test('counts tell the files of the source apart, and listed ones that it does not know', async () => {
    const table = await sampleTable(['a', 'b', 'c', 'd'].map((path) => sampleFile({ path })));
    const plan = await compared(
      table,
      [
        sampleListed({ path: 'a' }),
        sampleListed({ path: 'b', modifiedAt: now - 50 }),
        sampleListed({ path: 'c', size: 1 }),
        sampleListed({ path: 'unknown' }),
        { kind: 'Link', path: 'd', target: 'a' },
      ],
      { compare: () => 'SizeAndTime' },
    );
    assert.deepEqual(plan.counts, { files: 4, current: 1, outdated: 1, wrongSize: 1, missing: 1 });
  });

  test('only what the repository includes is looked at', async () => {
    const table = await sampleTable([sampleFile({ path: 'a' })]);
    const plan = await compared(table, [sampleListed({ path: 'a' }), sampleListed({ path: 'tmp/x' })], {
      included: (path) => !path.startsWith('tmp/'),
    });
    assert.deepEqual([plan.counts.files, plan.exceptions], [1, []]);
  });

  test('of a file that is listed twice the first counts', async () => {
    const table = await sampleTable([sampleFile({ path: 'a' })]);
    const plan = await compared(table, [sampleListed({ path: 'a' }), sampleListed({ path: 'a', size: 1 })]);
    assert.equal(plan.column.get(0), Current);
  });

  test('a loss is what was held and is not shown, named by the paths, whatever their order and the rest', async () => {
    const paths = ['a', 'b', 'c', 'd'];
    const one = await sampleTable(paths.map((path) => sampleFile({ path })));
    const other = await sampleTable(paths.toReversed().map((path) => sampleFile({ path })));
    const lossOf = async (table: Table, listed: readonly string[], had: Readonly<Record<string, Availability>>) =>
      (
        await compared(
          table,
          listed.map((path) => sampleListed({ path })),
          {},
          { before: columnOf(table, had) },
        )
      ).loss;
    const had = { a: Current, b: Outdated, c: WrongSize };
    const first = await lossOf(one, ['a', 'd'], had);
    assert.deepEqual([first.had, first.lost], [3, 2]);
    assert.deepEqual(await lossOf(other, ['d', 'a'], had), first);
    assert.notEqual((await lossOf(one, ['b', 'd'], had)).id, first.id);
    assert.deepEqual(await lossOf(one, ['a', 'b', 'c'], had), { had: 3, lost: 0, id: '' });
    assert.deepEqual(await lossOf(one, [], {}), { had: 0, lost: 0, id: '' });
  });

  test('files that left the source are judged, and neither missed nor lost', async () => {
    const table = await sampleTable(['a', 'left', 'gone'].map((path) => sampleFile({ path })));
    const plan = await compared(
      table,
      [sampleListed({ path: 'a' }), sampleListed({ path: 'left' })],
      { isRetained: (number) => number > 0 },
      { before: columnOf(table, { a: Current, left: Current, gone: Current }) },
    );
    assert.deepEqual(
      [1, 2].map((number) => plan.column.get(number)),
      [Current, Absent],
    );
    assert.deepEqual(plan.counts, { files: 2, current: 1, outdated: 0, wrongSize: 0, missing: 0 });
    assert.deepEqual(plan.loss, { had: 1, lost: 0, id: '' });
  });

  test('exceptions are what differs and what the source does not know, rounded as the mirror rounds', async () => {
    const minute = { modifiedAt: now - (now % 60) - 6000, timeSlack: 59 };
    const table = await sampleTable([
      ...witnesses,
      sampleFile({ path: 'a', modifiedAt: now - 30, timeSlack: 59 }),
      sampleFile({ path: 'b' }),
    ]);
    const rounded = { size: 1000, sizeSlack: 99, modifiedAt: undefined, timeSlack: 0 };
    const plan = await compared(table, [
      ...witnessed('Kept'),
      sampleListed({ path: 'a', ...minute }),
      sampleListed({ path: 'b', ...rounded }),
      sampleListed({ path: 'unknown', ...rounded, ...minute }),
    ]);
    assert.deepEqual(
      plan.exceptions.toSorted((one, other) => (one.path < other.path ? -1 : 1)),
      [
        { path: 'a', size: 100, sizeSlack: 0, ...minute },
        { path: 'b', ...rounded },
        { path: 'unknown', ...rounded, ...minute },
      ],
    );
  });

  test('of 70 000 files that the source does not know the newest 65 536 are remembered', async () => {
    const table = await sampleTable([]);
    const comparison = compareMirror(table, plainRules);
    for (let index = 0; index < 70_000; index += 1) {
      comparison.add([sampleListed({ path: `u/${index}`, modifiedAt: (index * 7919) % 70_000 })]);
    }
    const { exceptions, counts } = await comparison.finish({ before: undefined, unreadable: [] });
    assert.deepEqual([counts.files, exceptions.length], [70_000, 65_536]);
    assert.equal(Math.min(...exceptions.map(({ modifiedAt }) => modifiedAt ?? -1)), 70_000 - 65_536);
  });
});

test('a mirror that is ahead of its source is current at once when the source follows, whatever its time zone', async () => {
  const ledger = createLedger();
  const rules = {
    now: 0,
    graceMs: () => 1000,
    retainMs: 0,
    matches: (own: Parameters<typeof isVersion>[0], file: FileVersion) => isVersion(own, file, 2),
  };
  await ledger.applySource(
    { added: [...witnesses, sampleFile({ path: 'a' }), sampleFile({ path: 'b' })], changed: [], removed: [] },
    rules,
  );
  const { table } = ledger;
  const next = [
    sampleFile({ path: 'a', modifiedAt: now + 500 }),
    sampleFile({ path: 'b', size: 200, modifiedAt: now + 500 }),
    sampleFile({ path: 'new', size: 5, modifiedAt: now + 700 }),
  ];
  const offset = -19_800;
  const listed = next.map(({ path, size, modifiedAt }) =>
    sampleListed({ path, size, modifiedAt: (modifiedAt ?? 0) - offset }),
  );
  const plan = await compared(table, [...witnessed('Kept', offset), ...listed]);
  assert.deepEqual([plan.counts.outdated, plan.counts.wrongSize], [1, 1]);
  await ledger.setColumn('m', table, plan.column, plan.exceptions);
  await ledger.applySource({ added: next.slice(2), changed: next.slice(0, 2), removed: [] }, rules);
  assert.deepEqual(
    next.map(({ path }) => ledger.column('m')?.get(ledger.table.find(path))),
    [Current, Current, Current],
  );
});

describe('a version', () => {
  const own = { path: 'a', size: 100, sizeSlack: 9, modifiedAt: 1000, timeSlack: 59 };
  for (const [title, version, is] of [
    ['of a size and time in range is it', { size: 109, modifiedAt: 1059, timeSlack: 0 }, true],
    ['within the tolerance is it', { size: 100, modifiedAt: 1061, timeSlack: 0 }, true],
    ['later than that is not', { size: 100, modifiedAt: 1062, timeSlack: 0 }, false],
    ['earlier than that is not', { size: 100, modifiedAt: 997, timeSlack: 0 }, false],
    ['whose own slack reaches into the range is it', { size: 100, modifiedAt: 940, timeSlack: 59 }, true],
    ['of a larger size is not', { size: 110, modifiedAt: 1000, timeSlack: 0 }, false],
    ['of a smaller size is not', { size: 99, modifiedAt: 1000, timeSlack: 0 }, false],
    ['without size is it', { size: undefined, modifiedAt: 1000, timeSlack: 0 }, true],
    ['without time is it', { size: 100, modifiedAt: undefined, timeSlack: 0 }, true],
  ] as const) {
    test(title, () => assert.equal(isVersion(own, version, 2), is));
  }
});

test('any listing of any tree is judged as by the table of rules, file by file', async () => {
  const smallSize = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined });
  const smallTime = fc.option(fc.integer({ min: now, max: now + 6 }), { nil: undefined });
  const slack = fc.constantFrom(0, 0, 1, 59);
  const attributes = fc.record({ size: smallSize, modifiedAt: smallTime, timeSlack: slack });
  const world = fc.record({
    source: attributes,
    shown: fc.option(fc.record({ size: smallSize, sizeSlack: fc.nat(1), modifiedAt: smallTime, timeSlack: slack }), {
      nil: undefined,
    }),
    previous: fc.option(attributes, { nil: undefined }),
    compare: fc.constantFrom<Compare>('Auto', 'Size', 'SizeAndTime'),
    foundWrong: fc.boolean(),
    folder: fc.constantFrom('read', 'unread', 'unread/deeper'),
    had: fc.constantFrom<Availability>(Absent, Current, WrongSize, Outdated),
    retained: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(world, { minLength: 1, maxLength: 30 }), fc.nat(2), async (files, tolerance) => {
      const paths = files.map(({ folder }, index) => `${folder}/${index}`);
      const table = await sampleTable(files.map(({ source }, index) => sampleFile({ path: paths[index]!, ...source })));
      const listed = files.flatMap(({ shown }, index) =>
        shown === undefined ? [] : [sampleListed({ path: paths[index]!, ...shown })],
      );
      const had = createColumnBits();
      for (const [number, file] of files.entries()) had.set(number, file.had);
      const plan = await compared(
        table,
        listed,
        {
          tolerance,
          compare: (path) => files[paths.indexOf(path)]!.compare,
          previous: (number) => files[number]!.previous,
          isRetained: (number) => files[number]!.retained,
          foundWrong: new Set(paths.filter((_, index) => files[index]!.foundWrong)),
        },
        { before: had, unreadable: ['unread'] },
      );
      const expected = files.map((file) => twin(file, plan.times, tolerance));
      assert.deepEqual(
        files.map((_, number) => plan.column.get(number)),
        expected,
      );
      const counted = expected.filter((_, number) => !files[number]!.retained);
      const count = (bits: Availability): number => counted.filter((each) => each === bits).length;
      assert.deepEqual(plan.counts, {
        files: listed.length,
        current: count(Current),
        outdated: count(Outdated),
        wrongSize: count(WrongSize),
        missing: count(Absent),
      });
    }),
    { numRuns: 300 },
  );

  type Shown = Pick<ListedFile, 'size' | 'sizeSlack' | 'modifiedAt' | 'timeSlack'>;
  type Case = {
    readonly source: Attributes;
    readonly shown: Shown | undefined;
    readonly previous: Attributes | undefined;
    readonly compare: Compare;
    readonly foundWrong: boolean;
    readonly folder: string;
    readonly had: Availability;
  };

  /** The doc comment's table, word by word. */
  function twin(file: Case, times: TimeJudgement, tolerance: number): Availability {
    const { shown } = file;
    if (shown === undefined) return file.folder.startsWith('unread') ? file.had : Absent;
    if (file.foundWrong) return WrongSize;
    return twinOfShown(file, shown, times, tolerance);
  }

  function twinOfShown(file: Case, shown: Shown, times: TimeJudgement, tolerance: number): Availability {
    const { source, previous } = file;
    const sizeAgrees = sizeIs(shown, source);
    const counts = { Auto: times.keepsTimes, Size: false, SizeAndTime: true }[file.compare];
    if (sizeAgrees && (!counts || timeIs(shown, source, times, tolerance))) return Current;
    if (previous === undefined) return sizeAgrees ? Outdated : WrongSize;
    const timeIsBefore = !times.keepsTimes || timeIs(shown, previous, times, tolerance);
    return timeIsBefore && sizeIs(shown, previous) ? Outdated : WrongSize;
  }

  function sizeIs({ size, sizeSlack }: Pick<Shown, 'size' | 'sizeSlack'>, version: Attributes): boolean {
    return (
      size === undefined || version.size === undefined || (version.size >= size && version.size <= size + sizeSlack)
    );
  }

  function timeIs(
    { modifiedAt, timeSlack }: Shown,
    version: Attributes,
    { offsetSeconds }: TimeJudgement,
    tolerance: number,
  ): boolean {
    if (modifiedAt === undefined || version.modifiedAt === undefined) return true;
    const [from, to] = [modifiedAt + offsetSeconds, modifiedAt + offsetSeconds + timeSlack];
    return from <= version.modifiedAt + version.timeSlack + tolerance && version.modifiedAt <= to + tolerance;
  }
});

test('a tree of 50 000 files is judged in slices of at most 256 between turns of the event loop', async () => {
  const table = await sampleTable(Array.from({ length: 50_000 }, (_, index) => sampleFile({ path: `f/${index}` })));
  const comparison = compareMirror(table, plainRules);
  for (const number of table.live()) comparison.add([sampleListed({ path: table.path(number) })]);
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
  const plan = await comparison.finish({ before: undefined, unreadable: [] });
  counting = false;
  clock.mock.restore();
  assert.equal(plan.counts.current, 50_000);
  assert.ok(turns >= Math.floor(50_000 / 256), `${turns} turns`);
});
