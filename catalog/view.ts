import { isDeepStrictEqual } from 'node:util';
import { fetchAll, type FetchPages, pageOf } from './fetch.ts';
import { createLinks, type Links } from './links.ts';
import { type LoadedColumn, loadColumns } from './load-columns.ts';
import { loadTable } from './load-table.ts';
import type { Manifest } from './manifest.ts';
import { untilOf } from './number-ranges.ts';
import { paced } from './pace.ts';
import { decodeLinks } from './pages/links.ts';
import type { Table } from './table.ts';

export { MissingPages } from './fetch.ts';

/** One published state of one repository, loaded: answers without I/O and never changes. */
export type CatalogView = {
  readonly manifest: Manifest;
  readonly table: Table;
  readonly links: Links;
  /** Parallel to `manifest.mirrors`. */
  readonly columns: readonly LoadedColumn[];
  /** Whether Outdated counts as eligible for this number at `now` (Unix ms). */
  inGrace(number: number, now: number): boolean;
  /** Unix ms until which a file that left the source stays reachable; undefined for files of the source. */
  retainedUntil(number: number): number | undefined;
};

export type LoadDeps = {
  /** As CatalogReader.pages: those of the names that exist, their bytes verified against the name. */
  readonly fetchPages: FetchPages;
  /** Awaited between slices of about 4 ms; by default the next turn of the event loop. */
  readonly pause?: () => Promise<void>;
};

/**
 * Loads what a manifest names, fetching only what `previous` lacks. Throws MissingPages where pages are gone and
 * MalformedPage where they cannot be what they are named for; `previous` stays good either way.
 */
export async function loadView(deps: LoadDeps, manifest: Manifest, previous?: CatalogView): Promise<CatalogView> {
  const loading = { fetchPages: deps.fetchPages, pace: paced(deps.pause) };
  const sameTable = isDeepStrictEqual(manifest.table, previous?.manifest.table) ? previous?.table : undefined;
  const table = sameTable ?? (await loadTable(loading, manifest.table, previous?.table));
  const columns = await loadColumns(loading, manifest.mirrors, manifest.table.end, previous?.columns ?? []);
  const links = await loadLinks(deps.fetchPages, manifest, previous);
  return {
    manifest,
    table,
    links,
    columns,
    inGrace: (number, now) => now < (untilOf(manifest.grace, number) ?? -Infinity),
    retainedUntil: (number) => untilOf(manifest.retained, number),
  };
}

async function loadLinks(
  fetchPages: FetchPages,
  { links: name }: Manifest,
  previous: CatalogView | undefined,
): Promise<Links> {
  if (name === null) return createLinks([]);
  if (previous?.manifest.links === name) return previous.links;
  return createLinks(decodeLinks(pageOf(await fetchAll(fetchPages, [name]), name)));
}
