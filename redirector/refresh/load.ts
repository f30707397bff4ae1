import type { Health } from '@geomirror/catalog/health.ts';
import type { Slot } from '@geomirror/catalog/manifest.ts';
import type { CatalogReader } from '@geomirror/catalog/store/store.ts';
import { loadView, MissingPages, type CatalogView } from '@geomirror/catalog/view.ts';
import { serveRepository, withHealth, type ServedRepository } from '../view/repository.ts';

const manifestReadings = 3;

/**
 * One slot as the store has it now: `before` itself if nothing changed, undefined if nothing is published. Only what
 * `before` lacks is fetched. Throws what stood in the way; `before` stays good.
 */
export async function loadRepository(
  store: CatalogReader,
  slot: Slot,
  before: ServedRepository | undefined,
): Promise<ServedRepository | undefined> {
  const health = await store.health(slot);
  if (before !== undefined && (await store.revision(slot)) === before.catalog.manifest.revision)
    return isNews(health, before) ? withHealth(before, health) : before;
  const catalog = await loadCatalog(store, slot, before?.catalog);
  if (catalog === undefined) return before;
  return serveRepository(slot, catalog, health?.uid === catalog.manifest.uid ? health : before?.health);
}

function isNews(health: Health | undefined, before: ServedRepository): health is Health {
  return health !== undefined && health.writtenAt !== before.health?.writtenAt;
}

/** The newest catalog that is whole. Pages that its manifest names and nobody has are reported, to be written again. */
async function loadCatalog(
  store: CatalogReader,
  slot: Slot,
  previous: CatalogView | undefined,
): Promise<CatalogView | undefined> {
  const fetchPages = store.pages.bind(store, slot);
  let lost: MissingPages | undefined;
  let revision: number | undefined;
  for (let reading = 0; reading < manifestReadings; reading++) {
    const manifest = await store.manifest(slot);
    if (manifest === undefined) return undefined;
    // Pages are cleaned up behind a newer manifest; the same one again means that they are gone.
    if (manifest.revision === revision) break;
    ({ revision } = manifest);
    const found = await loadView({ fetchPages }, manifest, previous).catch(onlyMissing);
    if (!(found instanceof MissingPages)) return found;
    lost = found;
  }
  await store.reportMissing(slot, lost?.names ?? []);
  throw lost ?? new Error('No manifest was read');
}

function onlyMissing(error: unknown): MissingPages {
  if (error instanceof MissingPages) return error;
  throw error;
}
