import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { availability } from './file.ts';
import { encodeTableList } from './load-table.ts';
import type { Manifest, MirrorRecord } from './manifest.ts';
import { paced } from './pace.ts';
import { type PageName, pageName } from './page-name.ts';
import { pagesOf } from './block.ts';
import { encodeColumnPage } from './pages/columns.ts';
import { encodeLinks } from './pages/links.ts';
import { encodeList } from './pages/lists.ts';
import { MalformedPage } from './pages/page.ts';
import { editTable, emptyTable } from './table-edit.ts';
import type { Table } from './table.ts';
import { loadView, MissingPages } from './view.ts';

const files = 16_384 + 2 * 256 + 40;

/** A catalog of one full page, two segments and a growing one, on two mirrors with equal columns and one that has nothing. */
async function world() {
  const pages = new Map<PageName, Uint8Array>();
  const put = (bytes: Uint8Array): PageName => {
    const name = pageName(bytes);
    pages.set(name, bytes);
    return name;
  };
  const edit = editTable(emptyTable());
  for (let number = 0; number < files; number++) {
    edit.add({
      path: `pool/${number}`,
      size: number,
      modifiedAt: number,
      timeSlack: 0,
      digests: { md5: number.toString(16).padStart(32, '0') },
    });
  }
  edit.kill(3);
  const table = await edit.finish(paced());
  for (const block of [...table.full, ...table.tail])
    if (block) for (const [name, bytes] of pagesOf(block)) pages.set(name, bytes);
  const full = put(encodeColumnPage(new Uint8Array(4096).fill(0b01_01_01_01))!);
  const segment = put(encodeColumnPage(new Uint8Array(64).fill(0b11_10_01_00))!);
  const column = put(encodeList('Column', { full: [full], segments: [null, segment] }));
  const has = (uid: string, record: Partial<MirrorRecord>) =>
    ({ uid, name: uid, column: null, growing: '', exceptions: null, ...record }) as MirrorRecord;
  const growing = Buffer.from([0b10_01_00_11]).toString('base64');
  const manifest = {
    schema: 1,
    uid: 'u',
    revision: 1,
    table: tableRecord(table, put),
    links: put(encodeLinks([{ path: 'latest', target: 'pool' }])),
    grace: [[5, 2, 1000]],
    retained: [[9, 1, 2000]],
    previous: null,
    mirrors: [has('a', { column, growing }), has('b', { column, growing }), has('c', {})],
  } as unknown as Manifest;
  const fetched: PageName[] = [];
  const fetchPages = async (names: readonly PageName[]) => {
    fetched.push(...names);
    return new Map(names.filter((name) => pages.has(name)).map((name) => [name, pages.get(name)!]));
  };
  return { pages, put, manifest, table, fetched, deps: { fetchPages } };
}

function tableRecord(table: Table, put: (bytes: Uint8Array) => PageName): Manifest['table'] {
  return { list: put(encodeTableList(table)!), growing: table.tail.at(-1)!.names, end: table.end };
}

describe('a view', () => {
  it('answers as the manifest and its pages say', async () => {
    const { manifest, deps } = await world();
    const view = await loadView(deps, manifest);
    assert.equal(view.table.liveFiles, files - 1);
    assert.deepEqual(
      [view.table.find('pool/3'), view.table.find('pool/16700'), view.table.size(16_700)],
      [-1, 16_700, 16_700],
    );
    assert.equal(view.links.resolve('latest/7'), 'pool/7');
    const [a, b, c] = view.columns;
    assert.equal(a, b);
    assert.equal(c?.get(0), availability.Absent);
    const at = 16_384 + 512;
    const bits = [
      0,
      16_383,
      16_384,
      16_384 + 255,
      16_384 + 256,
      16_384 + 257,
      16_384 + 258,
      16_384 + 259,
      at,
      at + 1,
      at + 2,
      at + 3,
      at + 4,
      files,
      files + 1e6,
    ];
    assert.deepEqual(
      bits.map((number) => a?.get(number)),
      [1, 1, 0, 0, 0, 1, 2, 3, 3, 0, 1, 2, 0, 0, 0],
    );
  });

  it('counts Outdated as eligible for numbers in grace until their time, and knows what is retained', async () => {
    const { manifest, deps } = await world();
    const view = await loadView(deps, manifest);
    assert.deepEqual(
      [4, 5, 6, 7].map((number) => view.inGrace(number, 999)),
      [false, true, true, false],
    );
    assert.equal(view.inGrace(5, 1000), false);
    assert.deepEqual([view.retainedUntil(9), view.retainedUntil(10)], [2000, undefined]);
  });

  it('fetches nothing again that the previous view has, and only what changed otherwise', async () => {
    const { manifest, deps, fetched, table, put, pages } = await world();
    const first = await loadView(deps, manifest);
    fetched.length = 0;
    const same = await loadView(deps, { ...manifest, revision: 2 }, first);
    assert.deepEqual(fetched, []);
    assert.equal(same.table, first.table);
    assert.equal(same.columns[0], first.columns[0]);

    const edit = editTable(table);
    edit.kill(100);
    edit.add({ path: 'new', size: 1, modifiedAt: 1, timeSlack: 0, digests: {} });
    const next = await edit.finish(paced());
    for (const block of [next.full[0]!, next.tail.at(-1)!])
      for (const [name, bytes] of pagesOf(block)) pages.set(name, bytes);
    fetched.length = 0;
    const second = await loadView(deps, { ...manifest, table: tableRecord(next, put) }, same);
    const growing = next.tail.at(-1)!.names;
    const names = [
      second.manifest.table.list,
      next.full[0]!.names.dead,
      growing.paths,
      growing.attributes,
      growing.digests,
    ];
    assert.deepEqual(new Set(fetched), new Set(names));
    assert.deepEqual(
      [second.table.find('new'), second.table.find('pool/100'), first.table.find('pool/100')],
      [files, -1, 100],
    );
  });

  it('forgets the bits of a growing segment that a later manifest does not have', async () => {
    const { manifest, deps } = await world();
    const first = await loadView(deps, manifest);
    const mirrors = manifest.mirrors.map((mirror) => ({ ...mirror, growing: '' }));
    const second = await loadView(deps, { ...manifest, mirrors }, first);
    assert.deepEqual(
      [0, 1, 2, 3].map((at) => second.columns[0]?.get(16_384 + 512 + at)),
      [0, 0, 0, 0],
    );
  });

  it('names every page that is missing', async () => {
    const { manifest, deps, pages, table } = await world();
    const gone = [table.full[0]!.names.digests!, table.tail[1]!.names.paths];
    for (const name of gone) pages.delete(name);
    await assert.rejects(loadView(deps, manifest), (error) => {
      assert.ok(error instanceof MissingPages);
      assert.deepEqual(new Set(error.names), new Set(gone));
      return true;
    });
  });

  it('finds files under their new paths when the same numbers come back as another catalog', async () => {
    const { manifest, deps, put, pages, table } = await world();
    const first = await loadView(deps, manifest);
    const edit = editTable(emptyTable());
    for (const number of Array(table.end).keys())
      edit.add({ path: `other/${number}`, size: 1, modifiedAt: 1, timeSlack: 0, digests: {} });
    const other = await edit.finish(paced());
    for (const block of [...other.full, ...other.tail])
      if (block) for (const [name, bytes] of pagesOf(block)) pages.set(name, bytes);
    const view = await loadView(deps, { ...manifest, table: tableRecord(other, put) }, first);
    assert.deepEqual(
      [view.table.find('other/3'), view.table.find('other/16800'), view.table.find('pool/5')],
      [3, 16_800, -1],
    );
  });

  it('holds memory of its own where a page is a small part of a large buffer', async () => {
    const { manifest, deps } = await world();
    const fetchPages = async (names: readonly PageName[]) => {
      const found = await deps.fetchPages(names);
      return new Map(
        [...found].map(([name, bytes]) => [
          name,
          Buffer.concat([bytes, Buffer.alloc(100_000)]).subarray(0, bytes.length),
        ]),
      );
    };
    const view = await loadView({ fetchPages }, manifest);
    assert.ok((view.columns[0]?.pages[0]?.buffer.byteLength ?? Infinity) < 10_000);
  });

  for (const [title, change] of [
    ['an end that is no number', (manifest: Manifest) => ({ table: { ...manifest.table, end: Number.NaN } })],
    ['an end beyond all numbers', (manifest: Manifest) => ({ table: { ...manifest.table, end: 2 ** 40 } })],
    [
      'an end that the list does not reach',
      (manifest: Manifest) => ({ table: { ...manifest.table, end: files + 16_384 } }),
    ],
    [
      'an end with another number of files in the growing segment',
      (manifest: Manifest) => ({ table: { ...manifest.table, end: files + 1 } }),
    ],
    [
      'no growing segment where there must be one',
      (manifest: Manifest) => ({ table: { ...manifest.table, growing: null } }),
    ],
    ['no list', (manifest: Manifest) => ({ table: { ...manifest.table, list: null } })],
    [
      "a column's list as the table's",
      (manifest: Manifest) => ({ table: { ...manifest.table, list: manifest.mirrors[0]!.column } }),
    ],
    [
      "the table's list as a column",
      (manifest: Manifest) => ({ mirrors: [{ ...manifest.mirrors[0]!, column: manifest.table.list }] }),
    ],
    [
      'too many growing bits',
      (manifest: Manifest) => ({
        mirrors: [{ ...manifest.mirrors[0]!, growing: Buffer.alloc(65, 1).toString('base64') }],
      }),
    ],
    ['links that are something else', (manifest: Manifest) => ({ links: manifest.table.list })],
  ] as const) {
    it(`is refused, and the previous one stays good, for ${title}`, async () => {
      const { manifest, deps } = await world();
      const first = await loadView(deps, manifest);
      const garbled = { ...manifest, ...change(manifest) } as Manifest;
      await assert.rejects(loadView(deps, garbled), MalformedPage);
      await assert.rejects(loadView(deps, garbled, first), MalformedPage);
      assert.equal(first.table.find('pool/16700'), 16_700);
    });
  }

  it('is refused, never crashed, by pages that take the place of others', async () => {
    const { manifest, deps, pages } = await world();
    const names = [...pages.keys()];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.constantFrom(...names), async (name, other) => {
        const fetchPages = async (wanted: readonly PageName[]) => {
          const found = new Map(await deps.fetchPages(wanted));
          if (found.has(name)) found.set(name, pages.get(other)!);
          return found;
        };
        await loadView({ fetchPages }, manifest).catch((error: unknown) => {
          assert.ok(error instanceof MalformedPage || error instanceof MissingPages, String(error));
        });
      }),
      { numRuns: 60 },
    );
  });
});
