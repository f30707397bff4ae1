import { type Block, pagesOf } from '@geomirror/catalog/block.ts';
import { type Layout, layoutOf } from '@geomirror/catalog/layout.ts';
import { encodeTableList } from '@geomirror/catalog/load-table.ts';
import type { Manifest, MirrorRecord } from '@geomirror/catalog/manifest.ts';
import { toRanges } from '@geomirror/catalog/number-ranges.ts';
import type { Pace } from '@geomirror/catalog/pace.ts';
import { type PageName, pageName } from '@geomirror/catalog/page-name.ts';
import { encodeColumnPage } from '@geomirror/catalog/pages/columns.ts';
import type { Attributes } from '@geomirror/catalog/pages/attributes.ts';
import { encodePrevious } from '@geomirror/catalog/pages/previous.ts';
import type { ListPage } from '@geomirror/catalog/store/store.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import type { GraceRecord, LedgerState } from './ledger-state.ts';

/** The parts of a manifest that a ledger is responsible for. */
export type CatalogRecord = Pick<Manifest, 'files' | 'bytes' | 'table' | 'links' | 'grace' | 'retained' | 'previous'>;
export type ColumnRecord = Pick<MirrorRecord, 'column' | 'growing' | 'exceptions'>;

/** What is to be published now; stays as it is while the ledger goes on. */
export type Edition = {
  readonly record: CatalogRecord;
  /** By UID of the Mirror; mirrors never scanned are not in it. */
  readonly columns: ReadonlyMap<string, ColumnRecord>;
  readonly lists: ReadonlyMap<PageName, ListPage>;
  /** Every other page that a list or the manifest names. */
  readonly pageNames: Iterable<PageName> & { readonly size: number };
  /** The bytes of such a page; undefined for other names. */
  bytes(name: PageName): Uint8Array | undefined;
};

type Gathered = {
  readonly lists: Map<PageName, ListPage>;
  /** Whole pages, and raw bits of column pages: those are encoded only when they are asked for. */
  readonly pages: Map<PageName, Uint8Array>;
  readonly bits: Map<PageName, Uint8Array>;
};

export async function createEdition(state: LedgerState, pace: Pace): Promise<Edition> {
  const gathered: Gathered = { lists: new Map(), pages: new Map(), bits: new Map() };
  const layout = layoutOf(state.table.end);
  const record = gatherRecord(state, gathered);
  const columns = new Map<string, ColumnRecord>();
  for (const uid of state.mirrors.keys()) {
    columns.set(uid, gatherColumn(state, uid, { gathered, layout }));
    if (pace.due()) await pace.rest();
  }
  const { lists, pages, bits } = gathered;
  return {
    record,
    columns,
    lists,
    pageNames: {
      size: pages.size + bits.size,
      *[Symbol.iterator]() {
        yield* pages.keys();
        yield* bits.keys();
      },
    },
    bytes(name) {
      const raw = bits.get(name);
      return raw === undefined ? pages.get(name) : encodeColumnPage(raw);
    },
  };
}

function gatherRecord(state: LedgerState, { lists, pages }: Gathered): CatalogRecord {
  const { table, linksPage, retained } = state;
  state.graceRecord ??= recordGrace(state.grace);
  const { ranges, previous } = state.graceRecord;
  const list = gatherTable(table, { lists, pages });
  for (const page of [linksPage, previous]) if (page !== undefined) pages.set(page.name, page.bytes);
  return {
    files: table.liveFiles,
    bytes: table.liveBytes,
    table: { list, growing: growingOf(table)?.names ?? null, end: table.end },
    links: linksPage?.name ?? null,
    grace: ranges,
    retained: toRanges(retained),
    previous: previous?.name ?? null,
  };
}

function recordGrace(grace: LedgerState['grace']): GraceRecord {
  const until = new Map<number, number>();
  const versions = new Map<number, Attributes>();
  for (const [number, { until: end, previous }] of grace) {
    until.set(number, end);
    if (previous !== undefined) versions.set(number, previous);
  }
  const bytes = encodePrevious(versions);
  return { ranges: toRanges(until), previous: bytes && { name: pageName(bytes), bytes } };
}

function growingOf(table: Table): Block | undefined {
  return layoutOf(table.end).growing > 0 ? table.tail.at(-1) : undefined;
}

function gatherTable(table: Table, { lists, pages }: Pick<Gathered, 'lists' | 'pages'>): PageName | null {
  const bytes = encodeTableList(table);
  const names: PageName[] = [];
  const growing = growingOf(table);
  for (const block of [...table.full, ...table.tail]) {
    for (const [name, page] of block === undefined ? [] : pagesOf(block)) {
      pages.set(name, page);
      if (block !== growing) names.push(name);
    }
  }
  if (bytes === undefined) return null;
  const name = pageName(bytes);
  lists.set(name, { name, bytes, names });
  return name;
}

function gatherColumn(
  { mirrors }: LedgerState,
  uid: string,
  { gathered, layout }: { gathered: Gathered; layout: Layout },
): ColumnRecord {
  const mirror = mirrors.get(uid);
  if (mirror === undefined) return { column: null, growing: '', exceptions: null };
  const { list, growing } = mirror.column.named(layout, gathered.bits);
  if (list !== undefined) gathered.lists.set(list.name, list);
  if (mirror.own !== undefined) gathered.pages.set(mirror.own.name, mirror.own.page.bytes);
  return { column: list?.name ?? null, growing, exceptions: mirror.own?.name ?? null };
}
