import { pagesOf } from '@geomirror/catalog/block.ts';
import { columnPageBytes, createColumnBits, pageFiles, segmentFiles } from '@geomirror/catalog/column.ts';
import type { Availability, FileVersion } from '@geomirror/catalog/file.ts';
import { layoutOf } from '@geomirror/catalog/layout.ts';
import { encodeTableList } from '@geomirror/catalog/load-table.ts';
import type { Manifest, MirrorRecord, Slot } from '@geomirror/catalog/manifest.ts';
import { paced } from '@geomirror/catalog/pace.ts';
import { pageName, type PageName } from '@geomirror/catalog/page-name.ts';
import { encodeColumnPage } from '@geomirror/catalog/pages/columns.ts';
import { encodeLinks, type Link } from '@geomirror/catalog/pages/links.ts';
import { encodeList } from '@geomirror/catalog/pages/lists.ts';
import { sampleManifest } from '@geomirror/catalog/store/samples.ts';
import type { CatalogWriter, ListPage } from '@geomirror/catalog/store/store.ts';
import { editTable, emptyTable } from '@geomirror/catalog/table-edit.ts';

/** A catalog to be published as a whole, numbered in the order of `files`. */
export type CatalogPlan = {
  readonly files: readonly FileVersion[];
  readonly links?: readonly Link[];
  readonly mirrors: readonly MirrorPlan[];
  /** Whatever else the manifest says. */
  readonly manifest?: Partial<Manifest>;
};

export type MirrorPlan = {
  readonly record: Omit<MirrorRecord, 'column' | 'growing' | 'exceptions'>;
  readonly has: (number: number) => Availability;
};

export type BuiltCatalog = {
  readonly manifest: Manifest;
  readonly pages: ReadonlyMap<PageName, Uint8Array>;
  readonly lists: readonly ListPage[];
};

/** Encodes a plan from scratch, as a fresh operator would. */
export async function buildCatalog(plan: CatalogPlan): Promise<BuiltCatalog> {
  const edit = editTable(emptyTable());
  for (const file of plan.files) edit.add(file);
  const table = await edit.finish(paced());
  const built = { pages: new Map<PageName, Uint8Array>(), lists: new Map<PageName, ListPage>() };
  const blocks = [...table.full, ...table.tail].filter((block) => block !== undefined);
  for (const block of blocks) for (const [name, bytes] of pagesOf(block)) built.pages.set(name, bytes);
  const listBytes = encodeTableList(table);
  const names = blocks.flatMap((block) => Object.values(block.names)).filter((name) => name !== null);
  const growing = layoutOf(table.end).growing === 0 ? null : (table.tail.at(-1)?.names ?? null);
  const mirrors = plan.mirrors.map(({ record, has }) => ({
    ...record,
    ...buildColumn(table.end, has, built),
    exceptions: null,
  }));
  const manifest = sampleManifest({
    files: table.liveFiles,
    bytes: table.liveBytes,
    table: { list: listBytes === undefined ? null : addList(built.lists, listBytes, names), growing, end: table.end },
    links: plan.links === undefined ? null : addPage(built.pages, encodeLinks(plan.links)),
    mirrors,
    ...plan.manifest,
  });
  return { manifest, pages: built.pages, lists: [...built.lists.values()] };
}

type Built = { readonly pages: Map<PageName, Uint8Array>; readonly lists: Map<PageName, ListPage> };

function buildColumn(
  end: number,
  has: MirrorPlan['has'],
  { pages, lists }: Built,
): Pick<MirrorRecord, 'column' | 'growing'> {
  const bits = createColumnBits();
  for (let number = 0; number < end; number++) bits.set(number, has(number));
  const { full, segments, growing, growingFirst } = layoutOf(end);
  const raw = (from: number, count: number): Uint8Array => {
    const page = bits.pages[from >>> 14] ?? new Uint8Array(columnPageBytes);
    return page.slice((from % pageFiles) / 4, (from % pageFiles) / 4 + Math.ceil(count / 4));
  };
  const named = (from: number, count: number): PageName | null => {
    const page = encodeColumnPage(raw(from, count));
    return page === undefined ? null : addPage(pages, page);
  };
  const list = {
    full: Array.from({ length: full }, (_, at) => named(at * pageFiles, pageFiles)),
    segments: Array.from({ length: segments }, (_, at) => named(full * pageFiles + at * segmentFiles, segmentFiles)),
  };
  const names = [...list.full, ...list.segments].filter((name) => name !== null);
  return {
    column: names.length === 0 ? null : addList(lists, encodeList('Column', list), names),
    growing: growing === 0 ? '' : Buffer.from(raw(growingFirst, growing)).toString('base64'),
  };
}

function addPage(pages: Map<PageName, Uint8Array>, bytes: Uint8Array): PageName {
  const name = pageName(bytes);
  pages.set(name, bytes);
  return name;
}

function addList(lists: Map<PageName, ListPage>, bytes: Uint8Array, names: readonly PageName[]): PageName {
  const name = pageName(bytes);
  lists.set(name, { name, bytes, names });
  return name;
}

/** Publishes it under a token; throws if the store does not take it. */
export async function publishCatalog(
  writer: CatalogWriter,
  slot: Slot,
  token: number,
  catalog: BuiltCatalog,
): Promise<void> {
  await writer.claim(token, [slot]);
  await writer.putPages(slot, token, catalog.pages);
  for (const list of catalog.lists) await writer.putList(slot, token, list);
  const lists = catalog.lists.map(({ name }) => name);
  const outcome = await writer.publish(slot, token, catalog.manifest, lists);
  if (outcome !== 'Done') throw new Error(`The store did not take the catalog: ${JSON.stringify(outcome)}`);
}
