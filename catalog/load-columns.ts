import { clearFrom, type Column, columnOf, columnPageBytes, pageFiles, segmentFiles } from './column.ts';
import { fetchAll, type FetchPages, pageOf } from './fetch.ts';
import { type Layout, layoutOf } from './layout.ts';
import type { MirrorRecord } from './manifest.ts';
import type { Pace } from './pace.ts';
import type { PageName } from './page-name.ts';
import { decodeColumnPage } from './pages/columns.ts';
import { decodeList, type PageList } from './pages/lists.ts';
import { MalformedPage } from './pages/page.ts';
import type { Pages } from './store/store.ts';

const segmentBytes = segmentFiles / 4;

/** A column with the names it was loaded under. */
export type LoadedColumn = Column & {
  readonly list: PageName | null;
  readonly names: PageList;
  /** Equal for equal bits of the same table: such columns are one object. */
  readonly key: string;
};

type Record = Pick<MirrorRecord, 'column' | 'growing'>;

/** Loads the columns of all mirrors; what mirrors or `previous` have in common is fetched and held once. Throws MissingPages and MalformedPage. */
export async function loadColumns(
  deps: { readonly fetchPages: FetchPages; readonly pace: Pace },
  records: readonly Record[],
  end: number,
  previous: readonly LoadedColumn[],
): Promise<readonly LoadedColumn[]> {
  const layout = layoutOf(end);
  const byKey = new Map(previous.map((column) => [column.key, column]));
  const byList = new Map(previous.map((column) => [column.list, column]));
  const bases = await loadBases(
    deps,
    records.map(({ column }) => column).filter((name) => name !== null && !byList.has(name)),
    previous,
  );
  const columns: LoadedColumn[] = [];
  for (const record of records) {
    const key = `${record.column} ${record.growing} ${layout.growingFirst}`;
    const base = bases.get(record.column) ?? byList.get(record.column) ?? noPages;
    demandWithin(base.names, layout);
    const column =
      byKey.get(key) ?? withGrowing({ ...listedPart(base), list: record.column, key }, record.growing, layout);
    byKey.set(key, column);
    columns.push(column);
    if (deps.pace.due()) await deps.pace.rest();
  }
  return columns;
}

type Base = Pick<LoadedColumn, 'names' | 'pages'>;

const noPages: Base = { names: { full: [], segments: [] }, pages: [] };

function demandWithin({ full, segments }: PageList, { growingFirst }: Layout): void {
  if (full.length * pageFiles + segments.length * segmentFiles > growingFirst) {
    throw new MalformedPage("A column's list goes beyond the table's end");
  }
}

/** Columns by the name of their list, without the bits of a growing segment. */
async function loadBases(
  { fetchPages, pace }: { readonly fetchPages: FetchPages; readonly pace: Pace },
  lists: readonly (PageName | null)[],
  previous: readonly LoadedColumn[],
): Promise<Map<PageName | null, Base>> {
  const bases = new Map<PageName | null, Base>();
  if (lists.length === 0) return bases;
  const listPages = await fetchAll(
    fetchPages,
    lists.filter((name) => name !== null),
  );
  const decoded = [...listPages].map(([name, bytes]) => ({ name, names: decodeList('Column', bytes) }));
  const held = await heldBits(previous, pace);
  const wanted = decoded.flatMap(({ names }) => [...names.full, ...names.segments]).filter((name) => name !== null);
  const fetched = await fetchAll(
    fetchPages,
    wanted.filter((name) => !held.has(name)),
  );
  for (const { name, names } of decoded) {
    const bitsFor = (files: number) => (page: PageName) => bitsOfPage(page, files, { held, fetched });
    const pages = names.full.map((page) => (page === null ? undefined : bitsFor(pageFiles)(page)));
    const tail = tailOf(names.segments, bitsFor(segmentFiles));
    bases.set(name, { names, pages: tail === undefined ? pages : [...pages, tail] });
    if (pace.due()) await pace.rest();
  }
  return bases;
}

/** Raw bits of the pages that are in memory already. */
async function heldBits(previous: readonly LoadedColumn[], pace: Pace): Promise<Map<PageName, Uint8Array>> {
  const held = new Map<PageName, Uint8Array>();
  for (const { names, pages } of new Set(previous)) {
    const hold = (name: PageName | null | undefined, bits: Uint8Array | undefined) => {
      if (typeof name === 'string' && bits !== undefined) held.set(name, bits);
    };
    names.full.forEach((name, ordinal) => hold(name, pages[ordinal]));
    const tail = pages[names.full.length];
    names.segments.forEach((name, place) =>
      hold(name, tail?.subarray(place * segmentBytes, (place + 1) * segmentBytes)),
    );
    if (pace.due()) await pace.rest();
  }
  return held;
}

/** The raw bits of the page that must be one of `files` files. */
function bitsOfPage(
  name: PageName,
  files: number,
  { held, fetched }: { held: Map<PageName, Uint8Array>; fetched: Pages },
): Uint8Array {
  const bits = held.get(name) ?? decodeColumnPage(pageOf(fetched, name), files);
  if (bits.length * 4 !== files)
    throw new MalformedPage(`A column names a page of ${bits.length * 4} files where ${files} are due`);
  held.set(name, bits);
  return bits;
}

function tailOf(
  segments: readonly (PageName | null)[],
  bitsOf: (name: PageName) => Uint8Array,
): Uint8Array | undefined {
  if (segments.length * segmentFiles >= pageFiles) throw new MalformedPage('A column has more segments than a page');
  let tail: Uint8Array | undefined;
  for (const [place, name] of segments.entries()) {
    if (name === null) continue;
    tail ??= new Uint8Array(columnPageBytes);
    tail.set(bitsOf(name), place * segmentBytes);
  }
  return tail;
}

/** A loaded column without the bits of the growing segment it was loaded with. */
function listedPart({ names, pages }: Base): Base {
  const listed = pages.slice(0, names.full.length);
  const tail = pages[names.full.length];
  if (tail === undefined || names.segments.length === 0) return { names, pages: listed };
  const copy = Uint8Array.from(tail);
  clearFrom(copy, names.segments.length * segmentFiles);
  return { names, pages: [...listed, copy] };
}

function withGrowing(base: Omit<LoadedColumn, 'get'>, growing: string, { end, growingFirst }: Layout): LoadedColumn {
  const bits = Buffer.from(growing, 'base64');
  if (bits.length > segmentBytes) throw new MalformedPage('A column has too many bits in the growing segment');
  const pages = [...base.pages];
  const ordinal = Math.floor(growingFirst / pageFiles);
  if (bits.length > 0) {
    const tail = pages[ordinal] ?? new Uint8Array(columnPageBytes);
    tail.set(bits, (growingFirst % pageFiles) / 4);
    clearFrom(tail, end % pageFiles);
    while (pages.length < ordinal) pages.push(undefined);
    pages[ordinal] = tail;
  }
  return { ...columnOf(pages), list: base.list, names: base.names, key: base.key };
}
