import { type Block, decodeBlock } from './block.ts';
import { pageFiles, segmentFiles } from './column.ts';
import { fetchAll, type FetchPages, pageOf } from './fetch.ts';
import { indexBlocks } from './index-blocks.ts';
import { type Layout, layoutOf } from './layout.ts';
import type { SegmentPages, TableRecord } from './manifest.ts';
import type { Pace } from './pace.ts';
import type { PageName } from './page-name.ts';
import { decodeList, encodeList, type PageList } from './pages/lists.ts';
import { MalformedPage } from './pages/page.ts';
import { createTable, type Table } from './table.ts';

const namesPerBlock = 4;

/** The page of a table's list: four names per full page and finished segment; undefined while there are none. */
export function encodeTableList({ full, tail, end }: Pick<Table, 'full' | 'tail' | 'end'>): Uint8Array | undefined {
  const { segments } = layoutOf(end);
  if (full.length + segments === 0) return undefined;
  return encodeList('Table', { full: full.flatMap(namesOf), segments: tail.slice(0, segments).flatMap(namesOf) });
}

function namesOf(block: Block | undefined): readonly (PageName | null)[] {
  if (block === undefined) return [null, null, null, null];
  const { paths, attributes, digests, dead } = block.names;
  return [paths, attributes, digests, dead];
}

type Spec = Pick<Block, 'first' | 'count' | 'names'>;

/** Loads the table, fetching what `previous` lacks. Throws MissingPages and MalformedPage. */
export async function loadTable(
  deps: { readonly fetchPages: FetchPages; readonly pace: Pace },
  record: TableRecord,
  previous: Table | undefined,
): Promise<Table> {
  const layout = layoutOf(record.end);
  const specs = await readSpecs(deps.fetchPages, record, layout);
  const known = ({ first, count }: Spec) => {
    const block = previous?.block(first);
    return block?.first === first && block.count === count ? block : undefined;
  };
  const pages = await fetchAll(
    deps.fetchPages,
    specs.flatMap((spec) => (spec === undefined ? [] : lacking(spec.names, known(spec)?.names))),
  );
  const blocks: (Block | undefined)[] = [];
  for (const spec of specs) {
    blocks.push(spec && decodeBlock(spec, pages, known(spec)));
    if (deps.pace.due()) await deps.pace.rest();
  }
  const full = blocks.slice(0, layout.full);
  const tail = blocks.slice(layout.full).filter((block) => block !== undefined);
  return createTable({ end: record.end, full, tail, index: await indexBlocks({ full, tail }, previous, deps.pace) });
}

function lacking(names: SegmentPages, known: SegmentPages | undefined): readonly PageName[] {
  const all = [names.paths, names.attributes, names.digests, names.dead];
  const before = new Set(known && [known.paths, known.attributes, known.digests, known.dead]);
  return all.filter((name) => name !== null).filter((name) => !before.has(name));
}

/** What the blocks are, in order; undefined for a page without live files. */
async function readSpecs(
  fetchPages: FetchPages,
  record: TableRecord,
  layout: Layout,
): Promise<readonly (Spec | undefined)[]> {
  const list = await readList(fetchPages, record.list, layout);
  const specs: (Spec | undefined)[] = [];
  for (let place = 0; place < layout.full; place++) {
    const names = segmentPages(list.full, place);
    specs.push(names && { first: place * pageFiles, count: pageFiles, names });
  }
  for (let place = 0; place < layout.segments; place++) {
    const names = segmentPages(list.segments, place);
    if (names === undefined) throw new MalformedPage('A segment of the table has no pages');
    specs.push({ first: layout.full * pageFiles + place * segmentFiles, count: segmentFiles, names });
  }
  if (layout.growing > 0 !== (record.growing !== null))
    throw new MalformedPage("The table's growing segment and end disagree");
  if (record.growing !== null) specs.push({ first: layout.growingFirst, count: layout.growing, names: record.growing });
  return specs;
}

async function readList(fetchPages: FetchPages, name: PageName | null, { full, segments }: Layout): Promise<PageList> {
  if (full + segments === 0) return { full: [], segments: [] };
  if (name === null) throw new MalformedPage('The table has no list of its pages');
  const list = decodeList('Table', pageOf(await fetchAll(fetchPages, [name]), name));
  if (list.full.length !== full * namesPerBlock || list.segments.length !== segments * namesPerBlock) {
    throw new MalformedPage("The table's list and end disagree");
  }
  return list;
}

function segmentPages(names: readonly (PageName | null)[], place: number): SegmentPages | undefined {
  const [paths = null, attributes = null, digests = null, dead = null] = names.slice(
    place * namesPerBlock,
    (place + 1) * namesPerBlock,
  );
  return paths === null || attributes === null ? undefined : { paths, attributes, digests, dead };
}
