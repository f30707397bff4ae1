import type { Column } from '@geomirror/catalog/column.ts';
import { availability } from '@geomirror/catalog/file.ts';
import type { Manifest, Slot } from '@geomirror/catalog/manifest.ts';
import type { CatalogStore } from '@geomirror/catalog/store/store.ts';
import { loadView, MissingPages, type CatalogView } from '@geomirror/catalog/view.ts';
import type { Logger } from 'pino';
import { noAttempts } from '../attempts.ts';
import type { Inventory } from '../mirror/state.ts';
import { createLedger, type Ledger } from '../publish/ledger.ts';
import { createPublisher } from '../publish/publisher.ts';
import { operatorPages } from '../publish/restore.ts';
import type { Repository } from '../resources/repository.ts';
import { keyOf } from '../world.ts';
import { compileFreshness, compileScope } from './freshness.ts';
import type { RepositoryState } from './state.ts';

/** Takes repositories over from the store, and out of it. */
export type Adoption = {
  /** Starts from what the store holds under the same UID, else from nothing. Throws StoreFailure. */
  readonly adopt: (repository: Repository) => Promise<RepositoryState>;
  /** Deletes the slot, unless another Repository of that name has it by now. */
  readonly drop: (state: RepositoryState) => Promise<void>;
};

export type AdoptionDeps = {
  readonly store: CatalogStore;
  /** The leader's. */
  readonly token: number;
  readonly now: () => number;
  readonly log: Logger;
};

export function createAdoption(deps: AdoptionDeps): Adoption {
  const { store, token, now, log } = deps;
  return {
    async adopt(repository) {
      const slot = keyOf(repository);
      const { uid, generation } = repository.metadata;
      await store.claim(token, [slot]);
      const manifest = await store.manifest(slot);
      const health = await store.health(slot);
      const ledger = createLedger();
      const view = manifest?.uid === uid ? await load(deps, slot, manifest) : undefined;
      if (view !== undefined) await restore(deps, ledger, { slot, view });
      log.info({ repository: slot, revision: manifest?.revision, restored: view !== undefined }, 'repository taken on');
      return {
        uid,
        slot,
        startedAt: now(),
        stop: new AbortController(),
        ledger,
        // A slot made anew goes on counting, or redirectors would take its first manifests for old ones.
        publisher: createPublisher({ writer: store, ledger, slot, uid, token, revision: manifest?.revision ?? 0, now }),
        restored: view === undefined ? new Map() : inventoriesOf(view),
        scope: compileScope(repository.spec.source.include, repository.spec.source.exclude),
        freshness: compileFreshness(repository.spec.freshness),
        generation,
        indexes: noAttempts,
        indexedAt: undefined,
        held: undefined,
        handledScanRequest: undefined,
        indexedPublishRequest: undefined,
        handledPublishRequest: undefined,
        scannedPublishRequest: undefined,
        publication: { kind: 'None' },
        health: health?.uid === uid ? health : undefined,
        cleanedAt: now(),
      };
    },
    async drop(state) {
      const manifest = await store.manifest(state.slot);
      if (manifest === undefined || manifest.uid === state.uid) await store.remove(state.slot, token);
    },
  };
}

async function load({ store, log }: AdoptionDeps, slot: Slot, manifest: Manifest): Promise<CatalogView | undefined> {
  try {
    return await loadView({ fetchPages: (names) => store.pages(slot, names) }, manifest);
  } catch (error) {
    if (!(error instanceof MissingPages)) throw error;
    log.warn(
      { repository: slot, missing: error.names.length },
      'the stored catalog is not whole; starting from nothing',
    );
    return undefined;
  }
}

type Restored = { readonly slot: Slot; readonly view: CatalogView };

async function restore({ store }: AdoptionDeps, ledger: Ledger, { slot, view }: Restored): Promise<void> {
  await ledger.restore(view, await store.pages(slot, operatorPages(view.manifest)));
}

/** What the last scans had found, as far as the columns still tell. */
function inventoriesOf({ manifest, columns, table }: CatalogView): ReadonlyMap<string, Inventory> {
  const inventories = new Map<string, Inventory>();
  for (const [index, { uid, scannedAt }] of manifest.mirrors.entries()) {
    const column = columns[index];
    if (scannedAt === undefined || column === undefined) continue;
    inventories.set(uid, {
      ...countColumn(column, table.live()),
      scannedAt,
      protocol: '',
      times: { offsetSeconds: 0, keepsTimes: false },
    });
  }
  return inventories;
}

function countColumn(column: Column, numbers: Iterable<number>): Omit<Inventory, 'scannedAt' | 'protocol' | 'times'> {
  const counts = { files: 0, current: 0, outdated: 0, wrongSize: 0, missing: 0 };
  for (const number of numbers) {
    switch (column.get(number)) {
      case availability.Absent:
        counts.missing += 1;
        break;
      case availability.Current:
        counts.current += 1;
        break;
      case availability.WrongSize:
        counts.wrongSize += 1;
        break;
      case availability.Outdated:
        counts.outdated += 1;
        break;
    }
  }
  return { ...counts, files: counts.current + counts.outdated + counts.wrongSize };
}
