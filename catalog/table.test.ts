import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { FileVersion } from './file.ts';
import { paced } from './pace.ts';
import { editTable, emptyTable } from './table-edit.ts';
import { pageFiles, segmentFiles, type Table } from './table.ts';

const file = (path: string, size = 1): FileVersion => ({ path, size, modifiedAt: 7, timeSlack: 0, digests: {} });
const sha1 = 'ab'.repeat(20);

async function grown(table: Table, count: number, prefix = 'f'): Promise<Table> {
  const edit = editTable(table);
  for (let index = 0; index < count; index++) edit.add(file(`${prefix}/${table.end + index}`));
  return edit.finish(paced());
}

async function without(table: Table, numbers: Iterable<number>): Promise<Table> {
  const edit = editTable(table);
  for (const number of numbers) edit.kill(number);
  return edit.finish(paced());
}

describe('a table', () => {
  it('finds every live path and no other', async () => {
    const table = await grown(emptyTable(), 3000);
    for (let number = 0; number < 3000; number++) assert.equal(table.find(table.path(number)), number);
    for (const path of ['', 'f', 'f/', 'f/3000', 'f/00', 'ä', 'x'.repeat(5000), 'ü'.repeat(3000), '\ud800']) {
      assert.equal(table.find(path), -1, path);
    }
  });

  it('finds names beyond ASCII', async () => {
    const edit = editTable(emptyTable());
    const paths = ['ü', 'u\u0308', '日本/語', '😀', 'a+b c%20'];
    for (const path of paths) edit.add(file(path));
    const table = await edit.finish(paced());
    assert.deepEqual(
      paths.map((path) => table.find(path)),
      [0, 1, 2, 3, 4],
    );
  });

  it('knows nothing of numbers it does not have', async () => {
    const table = await grown(emptyTable(), 10);
    for (const number of [-1, 10, 2 ** 31, 2 ** 32 - 1]) {
      assert.equal(table.isLive(number), false);
      assert.equal(table.path(number), '');
      assert.equal(table.size(number), undefined);
      assert.deepEqual(table.digests(number), {});
      assert.equal(table.file(number), undefined);
    }
  });

  it('cuts its tail into segments and merges sixty-four of them into a page', async () => {
    let table = await grown(emptyTable(), segmentFiles + 1);
    assert.deepEqual(
      table.tail.map(({ count }) => count),
      [segmentFiles, 1],
    );
    table = await grown(table, pageFiles - segmentFiles - 2);
    assert.deepEqual([table.full.length, table.tail.length, table.tail.at(-1)?.count], [0, 64, 255]);
    table = await grown(table, 1);
    assert.deepEqual([table.full.length, table.tail.length, table.end], [1, 0, pageFiles]);
    assert.equal(table.find('f/300'), 300);
  });

  it('has the same pages whether it grew file by file or at once', async () => {
    const atOnce = await grown(emptyTable(), pageFiles + 300);
    let slowly = await grown(emptyTable(), 100);
    for (const count of [200, pageFiles - 310, 8, 5, 297]) slowly = await grown(slowly, count);
    assert.deepEqual(
      slowly.full.map((block) => block?.names),
      atOnce.full.map((block) => block?.names),
    );
    assert.deepEqual(
      slowly.tail.map((block) => block.names),
      atOnce.tail.map((block) => block.names),
    );
  });

  it('keeps the path of a dead number while its page exists, and drops a full page without live files', async () => {
    const table = await grown(emptyTable(), pageFiles + 10);
    const fewer = await without(table, [5, pageFiles + 3]);
    assert.deepEqual([fewer.isLive(5), fewer.path(5), fewer.find('f/5')], [false, 'f/5', -1]);
    assert.deepEqual([fewer.liveFiles, fewer.liveBytes], [pageFiles + 8, pageFiles + 8]);
    const none = await without(fewer, Array(pageFiles).keys());
    assert.deepEqual([none.full[0], none.path(5), none.liveFiles], [undefined, '', 9]);
  });

  it('stays as it is while its successors change', async () => {
    const table = await grown(emptyTable(), 300);
    const edit = editTable(table);
    edit.kill(7);
    const again = edit.add(file('f/7', 2));
    edit.setDigests(8, { sha1 });
    const next = await edit.finish(paced());
    assert.deepEqual([table.find('f/7'), table.size(7), table.digests(8)], [7, 1, {}]);
    assert.deepEqual([next.find('f/7'), next.size(again), next.digests(8)], [again, 2, { sha1 }]);
    assert.equal(next.index, table.index);
  });

  it('finds the right file after another successor of the same table was dropped', async () => {
    const table = await grown(emptyTable(), 100);
    await grown(table, 50, 'dropped');
    const kept = await grown(table, 50, 'kept');
    assert.deepEqual([kept.find('kept/120'), kept.find('dropped/120'), table.find('kept/120')], [120, -1, -1]);
  });

  it('rebuilds its index when half of it is garbage', async () => {
    let table = await grown(emptyTable(), 1000);
    const first = table.index;
    for (let round = 0; round < 12; round++) {
      const { end } = table;
      table = await without(
        await grown(table, 200),
        Array.from({ length: 200 }, (_, index) => end + index),
      );
    }
    assert.notEqual(table.index, first);
    assert.ok(table.index.used < 2 * table.liveFiles + pageFiles);
    assert.equal(table.find('f/999'), 999);
  });

  it('behaves as a map from paths to numbers under any edits', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.tuple(fc.nat(30), fc.boolean()), { maxLength: 20 }), { maxLength: 8 }),
        async (edits) => {
          const model = new Map<string, number>();
          let table = emptyTable();
          for (const changes of edits) {
            const edit = editTable(table);
            for (const [name, stays] of changes) {
              const path = `p/${name}`;
              const known = model.get(path);
              if (known !== undefined) edit.kill(known);
              model.delete(path);
              if (stays) model.set(path, edit.add(file(path)));
            }
            table = await edit.finish(paced());
            for (let name = 0; name <= 30; name++) assert.equal(table.find(`p/${name}`), model.get(`p/${name}`) ?? -1);
            assert.deepEqual(
              [...table.live()],
              [...model.values()].toSorted((a, b) => a - b),
            );
            assert.equal(table.liveFiles, model.size);
          }
        },
      ),
    );
  });
});
