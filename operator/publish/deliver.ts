import type { Manifest, Slot } from '@geomirror/catalog/manifest.ts';
import type { PageName } from '@geomirror/catalog/page-name.ts';
import type { CatalogWriter, ListPage, WriteOutcome } from '@geomirror/catalog/store/store.ts';
import type { Edition } from './edition.ts';

/** Where editions go, and what is known to be there. */
export type Delivery = {
  readonly writer: CatalogWriter;
  readonly slot: Slot;
  readonly token: number;
  /** Pages and lists that were seen or put there and not deleted since. */
  readonly stored: Set<PageName>;
};

const namesPerCall = 1_000;
const keptNamesChecked = 8;
const bytesPerPut = 8 * 1024 * 1024;
/** A store that loses pages as fast as they are written is broken; the next publication tries again. */
const attempts = 4;

/** The store did not keep what was put into it. */
export class PagesLost extends Error {
  constructor(slot: Slot) {
    super(`The store keeps losing pages of ${slot}; see whether it evicts keys (maxmemory-policy must be noeviction)`);
    this.name = 'PagesLost';
  }
}

/** Writes the pages that are missing, then lists, then the manifest. After a loss everything is checked and put again. Throws PagesLost. */
export async function deliver(delivery: Delivery, edition: Edition, manifest: Manifest): Promise<WriteOutcome> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const outcome = await tryDeliver(delivery, edition, manifest);
    if (outcome !== 'Lost') return outcome;
    delivery.stored.clear();
  }
  throw new PagesLost(delivery.slot);
}

async function tryDeliver(delivery: Delivery, edition: Edition, manifest: Manifest): Promise<WriteOutcome | 'Lost'> {
  const unknown = [...edition.pageNames].filter((name) => !delivery.stored.has(name));
  const pages = await putMissing(delivery, edition, unknown);
  if (pages !== 'Done') return pages;
  const fresh = new Set(unknown);
  for (const list of edition.lists.values()) {
    if (delivery.stored.has(list.name)) continue;
    const outcome = await putList(delivery, list, fresh);
    if (outcome !== 'Done') return outcome;
  }
  const { writer, slot, token, stored } = delivery;
  const outcome = await writer.publish(slot, token, manifest, namedByManifest(manifest));
  if (outcome === 'Fenced') return outcome;
  if (outcome !== 'Done') return 'Lost';
  const named = new Set([...edition.pageNames, ...edition.lists.keys()]);
  for (const name of stored) if (!named.has(name)) stored.delete(name);
  return 'Done';
}

/** What the manifest itself names: its presence tells a store that kept its pages from one that lost them. */
function namedByManifest({ table, links, previous, mirrors }: Manifest): readonly PageName[] {
  const { paths = null, attributes = null, digests = null, dead = null } = table.growing ?? {};
  const ofMirrors = [...mirrors.map(({ column }) => column), ...mirrors.map(({ exceptions }) => exceptions)];
  const names = [table.list, paths, attributes, digests, dead, links, previous, ...ofMirrors];
  return [...new Set(names)].filter((name) => name !== null).slice(0, namesPerCall);
}

/** Puts those of the names that the store does not hold yet. */
async function putMissing(delivery: Delivery, edition: Edition, names: readonly PageName[]): Promise<WriteOutcome> {
  for (const slice of slices(names)) {
    const missing = await delivery.writer.missing(delivery.slot, slice);
    const outcome = await putPages(delivery, edition, missing);
    if (outcome === 'Fenced') return outcome;
    for (const name of slice) delivery.stored.add(name);
  }
  return 'Done';
}

/** Puts pages of the edition, some megabytes at a time. */
export async function putPages(
  { writer, slot, token, stored }: Delivery,
  edition: Edition,
  names: readonly PageName[],
): Promise<WriteOutcome> {
  let batch = new Map<PageName, Uint8Array>();
  let size = 0;
  for (const [index, name] of names.entries()) {
    const bytes = edition.bytes(name);
    if (bytes !== undefined) batch.set(name, bytes);
    size += bytes?.length ?? 0;
    if (size < bytesPerPut && batch.size < namesPerCall && index < names.length - 1) continue;
    if ((await writer.putPages(slot, token, batch)) === 'Fenced') return 'Fenced';
    for (const put of batch.keys()) stored.add(put);
    batch = new Map();
    size = 0;
  }
  return 'Done';
}

async function putList(
  { writer, slot, token, stored }: Delivery,
  list: ListPage,
  fresh: ReadonlySet<PageName>,
): Promise<WriteOutcome | 'Lost'> {
  const { true: added = [], false: kept = [] } = Object.groupBy(list.names, (name) => `${fresh.has(name)}`);
  // Of the pages that were there before a few will do: a store loses all or nothing.
  const names = [...kept.slice(0, keptNamesChecked), ...added].slice(0, namesPerCall);
  const outcome = await writer.putList(slot, token, { ...list, names });
  if (outcome === 'Fenced') return outcome;
  if (outcome !== 'Done') return 'Lost';
  stored.add(list.name);
  return 'Done';
}

export function* slices<Item>(items: readonly Item[], length = namesPerCall): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += length) yield items.slice(at, at + length);
}
