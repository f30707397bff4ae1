import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createColumnBits } from '@geomirror/catalog/column.ts';
import { availability, type Availability, type FileVersion } from '@geomirror/catalog/file.ts';
import type { OwnVersion } from '@geomirror/catalog/pages/exceptions.ts';
import { createLedger, type Ledger } from './ledger.ts';

const { Absent, Current, WrongSize, Outdated } = availability;
const day = 86_400_000;
const file = (path: string, version = 1): FileVersion => ({
  path,
  size: 100 + version,
  modifiedAt: version,
  timeSlack: 0,
  digests: {},
});
const own = (path: string, version: number): OwnVersion => ({
  path,
  size: 100 + version,
  sizeSlack: 0,
  modifiedAt: version,
  timeSlack: 0,
});
const matches = (a: OwnVersion, b: FileVersion) => a.size === b.size && a.modifiedAt === b.modifiedAt;
const rules = { now: 0, graceMs: () => 1000, retainMs: 0, matches };
const change = (parts: { added?: FileVersion[]; changed?: FileVersion[]; removed?: number[] }) => ({
  added: [],
  changed: [],
  removed: [],
  ...parts,
});

async function ledgerOf(paths: readonly string[]): Promise<Ledger> {
  const ledger = createLedger();
  await ledger.applySource(change({ added: paths.map((path) => file(path)) }), rules);
  return ledger;
}

/** Enters a scan that found these bits by path. */
async function scan(
  ledger: Ledger,
  uid: string,
  found: Record<string, Availability>,
  exceptions: readonly OwnVersion[] = [],
) {
  const column = createColumnBits();
  for (const [path, value] of Object.entries(found)) column.set(ledger.table.find(path), value);
  await ledger.setColumn(uid, ledger.table, column, exceptions);
}

const bits = (ledger: Ledger, uid: string, path: string) => ledger.column(uid)?.get(ledger.table.find(path));

describe('a changed file', () => {
  for (const [before, after] of [
    [Absent, Absent],
    [Current, Outdated],
    [WrongSize, WrongSize],
    [Outdated, WrongSize],
  ] as const) {
    it(`turns ${before} into ${after} on the new number, and leaves the old number's bits`, async () => {
      const ledger = await ledgerOf(['a', 'b']);
      await scan(ledger, 'm', { a: before, b: Current });
      const old = ledger.table.find('a');
      await ledger.applySource(change({ changed: [file('a', 2)] }), rules);
      assert.equal(ledger.table.isLive(old), false);
      assert.equal(ledger.column('m')?.get(old), before);
      assert.equal(bits(ledger, 'm', 'a'), after);
      assert.equal(bits(ledger, 'm', 'b'), Current);
    });
  }

  it('is in grace until its time, with the version before on record', async () => {
    const ledger = await ledgerOf(['a', 'b']);
    await ledger.applySource(change({ changed: [file('a', 2)] }), { ...rules, now: 5000 });
    const number = ledger.table.find('a');
    assert.deepEqual([ledger.inGrace(number, 5999), ledger.inGrace(number, 6000)], [true, false]);
    assert.deepEqual(ledger.previous(number), { size: 101, modifiedAt: 1, timeSlack: 0 });
    assert.deepEqual(
      [await ledger.expire(5999), await ledger.expire(6000), await ledger.expire(9e9)],
      [false, true, false],
    );
    assert.equal(ledger.previous(number), undefined);
    assert.equal(bits(ledger, 'm', 'a'), undefined);
  });

  it('is not in grace where its rule gives none', async () => {
    const ledger = await ledgerOf(['a', 'b']);
    await ledger.applySource(change({ changed: [file('a', 2), file('b', 2)] }), {
      ...rules,
      graceMs: (path) => (path === 'a' ? 0 : 1),
    });
    assert.deepEqual(
      [ledger.inGrace(ledger.table.find('a'), 0), ledger.inGrace(ledger.table.find('b'), 0)],
      [false, true],
    );
  });

  it('that changes again within its grace makes holders of the first version WrongSize, of the second Outdated', async () => {
    const ledger = await ledgerOf(['a']);
    await scan(ledger, 'first', { a: Current });
    await ledger.applySource(change({ changed: [file('a', 2)] }), rules);
    await scan(ledger, 'second', { a: Current });
    await ledger.applySource(change({ changed: [file('a', 3)] }), { ...rules, now: 500 });
    assert.deepEqual([bits(ledger, 'first', 'a'), bits(ledger, 'second', 'a')], [WrongSize, Outdated]);
    assert.deepEqual(ledger.previous(ledger.table.find('a'))?.modifiedAt, 2);
  });

  it('is Current at once on a mirror whose last scan saw the new version', async () => {
    const ledger = await ledgerOf(['a']);
    await scan(ledger, 'ahead', { a: Outdated }, [own('a', 2)]);
    await scan(ledger, 'behind', { a: Outdated }, [own('a', 0)]);
    await ledger.applySource(change({ changed: [file('a', 2)] }), rules);
    assert.deepEqual([bits(ledger, 'ahead', 'a'), bits(ledger, 'behind', 'a')], [Current, WrongSize]);
  });

  it('that is listed again as it is changes nothing', async () => {
    const ledger = await ledgerOf(['a']);
    const { table } = ledger;
    await ledger.applySource(change({ added: [file('a')], changed: [file('a')] }), rules);
    assert.equal(ledger.table.end, table.end);
  });
});

describe('an added file', () => {
  it('is Current at once where the last scan saw that very version, before the source knew it', async () => {
    const ledger = await ledgerOf(['a']);
    await scan(ledger, 'ahead', {}, [own('new', 1)]);
    await scan(ledger, 'other', {}, [own('new', 7)]);
    await scan(ledger, 'without', {});
    await ledger.applySource(change({ added: [file('new')] }), rules);
    assert.deepEqual(
      ['ahead', 'other', 'without'].map((uid) => bits(ledger, uid, 'new')),
      [Current, WrongSize, Absent],
    );
    assert.equal(ledger.ownVersion('other', 'new')?.modifiedAt, 7);
  });

  it('that is named twice counts once, as it was named last', async () => {
    const ledger = await ledgerOf([]);
    await ledger.applySource(change({ added: [file('a', 1), file('b'), file('a', 2)] }), rules);
    assert.deepEqual([ledger.table.liveFiles, ledger.table.modifiedAt(ledger.table.find('a'))], [2, 2]);
  });

  it('is stored as the table will give it back, so that the next comparison finds no difference', async () => {
    const ledger = await ledgerOf([]);
    const odd = { ...file('a'), modifiedAt: -5, timeSlack: 60, digests: { sha1: 'not a digest' } };
    await ledger.applySource(change({ added: [odd] }), rules);
    assert.deepEqual(ledger.table.file(0), { ...odd, modifiedAt: undefined, timeSlack: 3599, digests: {} });
    await ledger.applySource(change({ changed: [odd] }), rules);
    assert.equal(ledger.table.end, 1);
  });
});

describe('a removed file', () => {
  it('dies at once where nothing is retained', async () => {
    const ledger = await ledgerOf(['a', 'b']);
    await ledger.applySource(change({ removed: [ledger.table.find('a')] }), rules);
    assert.deepEqual([ledger.table.find('a'), ledger.table.liveFiles], [-1, 1]);
  });

  it('stays reachable on the mirrors that hold it until its time, however often it is missed', async () => {
    const ledger = await ledgerOf(['a', 'b']);
    await scan(ledger, 'm', { a: Current });
    const number = ledger.table.find('a');
    await ledger.applySource(change({ removed: [number] }), { ...rules, retainMs: day });
    await ledger.applySource(change({ removed: [number] }), { ...rules, now: 5, retainMs: day });
    assert.deepEqual(
      [ledger.table.find('a'), ledger.isRetained(number), bits(ledger, 'm', 'a')],
      [number, true, Current],
    );
    assert.equal(await ledger.expire(day - 1), false);
    assert.equal(await ledger.expire(day), true);
    assert.deepEqual([ledger.table.find('a'), ledger.isRetained(number)], [-1, false]);
  });

  it('that comes back identical is current again under its old number', async () => {
    const ledger = await ledgerOf(['a', 'b']);
    await scan(ledger, 'm', { a: Current });
    const number = ledger.table.find('a');
    await ledger.applySource(change({ removed: [number] }), { ...rules, retainMs: day });
    await ledger.applySource(change({ changed: [file('a')] }), rules);
    assert.deepEqual(
      [ledger.table.find('a'), ledger.isRetained(number), bits(ledger, 'm', 'a')],
      [number, false, Current],
    );
    assert.equal(await ledger.expire(9 * day), false);
  });

  it('that comes back different is a changed file', async () => {
    const ledger = await ledgerOf(['a', 'b']);
    await scan(ledger, 'm', { a: Current });
    await ledger.applySource(change({ removed: [ledger.table.find('a')] }), { ...rules, retainMs: day });
    await ledger.applySource(change({ added: [file('a', 2)] }), rules);
    const number = ledger.table.find('a');
    assert.deepEqual(
      [bits(ledger, 'm', 'a'), ledger.inGrace(number, 0), ledger.isRetained(number)],
      [Outdated, true, false],
    );
  });
});

describe('a scan that ends after its table has changed', () => {
  it('is carried over by path, and what died keeps the bits it had', async () => {
    const ledger = await ledgerOf(['a', 'b', 'c', 'd']);
    const { table } = ledger;
    const column = createColumnBits();
    for (const number of table.live()) column.set(number, Current);
    await ledger.applySource(
      change({ changed: [file('b', 2), file('c', 2)], removed: [table.find('d')], added: [file('e'), file('f')] }),
      rules,
    );
    await ledger.setColumn('m', table, column, [own('c', 2), own('e', 1)]);
    assert.deepEqual(
      ['a', 'b', 'c', 'e', 'f'].map((path) => bits(ledger, 'm', path)),
      [Current, Outdated, Current, Current, Absent],
    );
    assert.deepEqual(
      [table.find('b'), table.find('d')].map((number) => ledger.column('m')?.get(number)),
      [Absent, Absent],
    );
  });

  it('makes WrongSize of what has changed twice since', async () => {
    const ledger = await ledgerOf(['a']);
    const { table } = ledger;
    const column = createColumnBits();
    column.set(0, Current);
    await ledger.applySource(change({ changed: [file('a', 2)] }), rules);
    await ledger.applySource(change({ changed: [file('a', 3)] }), rules);
    await ledger.setColumn('m', table, column, []);
    assert.equal(bits(ledger, 'm', 'a'), WrongSize);
  });

  it('leaves a column alone where nothing differs, so that its pages keep their names', async () => {
    const ledger = await ledgerOf(['a', 'b']);
    await scan(ledger, 'm', { a: Current, b: Current });
    await ledger.applySource(change({ removed: [ledger.table.find('a')] }), rules);
    const before = (await ledger.edition()).columns.get('m');
    await scan(ledger, 'm', { b: Current });
    assert.deepEqual((await ledger.edition()).columns.get('m'), before);
  });
});

describe('single verdicts', () => {
  it('hold for the version they were made for', async () => {
    const ledger = await ledgerOf(['a', 'b']);
    await scan(ledger, 'm', { a: Current, b: Current });
    const verdicts = ['a', 'b'].map((path) => [ledger.table.find(path), WrongSize] as const);
    const applied = ledger.applySource(change({ changed: [file('b', 2)] }), rules);
    const entered = ledger.setBits('m', verdicts);
    await Promise.all([applied, entered]);
    assert.deepEqual([bits(ledger, 'm', 'a'), bits(ledger, 'm', 'b')], [WrongSize, Outdated]);
  });

  it('are forgotten with their mirror', async () => {
    const ledger = await ledgerOf(['a']);
    await ledger.setBits('m', [[0, Current]]);
    await ledger.forget('m');
    assert.equal(ledger.column('m'), undefined);
  });
});

describe('digests that arrive later', () => {
  it('join those that are known, for the very same version', async () => {
    const ledger = await ledgerOf(['a', 'b']);
    const md5 = 'ab'.repeat(16);
    const sha1 = 'cd'.repeat(20);
    await ledger.setDigests([
      { ...file('a'), digests: { md5 } },
      { ...file('b', 2), digests: { md5 } },
      { ...file('c'), digests: { md5 } },
    ]);
    await ledger.setDigests([{ ...file('a'), digests: { sha1 } }]);
    assert.deepEqual(ledger.table.digests(ledger.table.find('a')), { md5, sha1 });
    assert.deepEqual(ledger.table.digests(ledger.table.find('b')), {});
  });

  it('make another version of a file whose digest was another', async () => {
    const ledger = await ledgerOf(['a']);
    await ledger.setDigests([{ ...file('a'), digests: { md5: 'ab'.repeat(16) } }]);
    await ledger.applySource(change({ changed: [{ ...file('a'), digests: { md5: 'cd'.repeat(16) } }] }), rules);
    assert.equal(ledger.table.find('a'), 1);
  });
});

describe('compaction', () => {
  it('moves the live files of a page that is over half dead, with bits, grace and retention, and drops the page', async () => {
    const paths = Array.from({ length: 16_384 }, (_, index) => `f/${String(index).padStart(5, '0')}`);
    const ledger = await ledgerOf(paths);
    await scan(ledger, 'm', Object.fromEntries(paths.map((path) => [path, Current])));
    assert.equal(await ledger.compact(), false);
    const kept = paths.slice(0, 8000);
    await ledger.applySource(change({ removed: paths.slice(8000).map((path) => ledger.table.find(path)) }), rules);
    await ledger.applySource(change({ changed: [file('f/00001', 2)], removed: [2] }), { ...rules, retainMs: day });
    assert.equal(await ledger.compact(), true);
    assert.equal(await ledger.compact(), false);
    const { table } = ledger;
    assert.deepEqual([table.full[0], table.liveFiles, table.find('f/00000') >= 16_384], [undefined, 8000, true]);
    assert.deepEqual(ledger.column('m')?.pages[0], undefined);
    for (const path of kept) assert.equal(bits(ledger, 'm', path), path === 'f/00001' ? Outdated : Current);
    assert.deepEqual(
      [ledger.inGrace(table.find('f/00001'), 0), ledger.isRetained(table.find('f/00002'))],
      [true, true],
    );
    assert.deepEqual(ledger.table.file(table.find('f/00003')), file('f/00003'));
  });
});

describe('an edition', () => {
  it('stays as it is while the ledger goes on', async () => {
    const paths = Array.from({ length: 17_000 }, (_, index) => `f/${index}`);
    const ledger = await ledgerOf(paths);
    await scan(ledger, 'm', Object.fromEntries(paths.map((path) => [path, Current])));
    const edition = await ledger.edition();
    const pages = () => [...edition.pageNames].map((name) => [name, Buffer.from(edition.bytes(name)!).toString('hex')]);
    const before = pages();
    await ledger.setBits('m', [
      [5, WrongSize],
      [16_500, Absent],
    ]);
    await ledger.applySource(change({ changed: [file('f/7', 2)] }), rules);
    await ledger.edition();
    assert.deepEqual(pages(), before);
    assert.equal(edition.bytes('nobody'), undefined);
  });

  it('names equal columns once and leaves out what is all Absent', async () => {
    const paths = Array.from({ length: 16_384 + 300 }, (_, index) => `f/${index}`);
    const ledger = await ledgerOf(paths);
    const found = Object.fromEntries(paths.map((path) => [path, Current]));
    for (const uid of ['m1', 'm2']) await scan(ledger, uid, found);
    await scan(ledger, 'none', {});
    const { columns, lists, pageNames } = await ledger.edition();
    assert.deepEqual(columns.get('m1'), columns.get('m2'));
    assert.deepEqual(columns.get('none'), { column: null, growing: '', exceptions: null });
    // The table's list and the one that both columns share; a full page, a segment and the growing one of paths and attributes; two column pages.
    assert.deepEqual([lists.size, pageNames.size], [2, 8]);
    assert.equal(ledger.column('m1')?.pages[0], ledger.column('m2')?.pages[0]);
  });
});

it('a large change leaves the event loop free in between', async () => {
  let pauses = 0;
  const ledger = createLedger({
    pause: async () => {
      pauses++;
    },
  });
  const added = Array.from({ length: 200_000 }, (_, index) => file(`pool/${(index * 7919) % 200_000}`));
  await ledger.applySource(change({ added }), rules);
  assert.equal(ledger.table.liveFiles, 200_000);
  assert.ok(pauses > 10);
});
