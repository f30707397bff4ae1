import type { Manifest, Slot } from '@geomirror/catalog/manifest.ts';
import type { CatalogStore } from '@geomirror/catalog/store/store.ts';
import { MalformedPage } from '@geomirror/catalog/pages/page.ts';
import { loadView, MissingPages, type CatalogView } from '@geomirror/catalog/view.ts';
import type { Logger } from 'pino';
import { noAttempts } from '../attempts.ts';
import { createLedger, type Ledger } from '../publish/ledger.ts';
import { createPublisher } from '../publish/publisher.ts';
import { operatorPages } from '../publish/restore.ts';
import type { Repository } from '../resources/repository.ts';
import { keyOf } from '../world.ts';
import { compileFreshness, compileScope } from './freshness.ts';
import { restoredMirrors } from './restored.ts';
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
        restored: view === undefined ? new Map() : await restoredMirrors(view, ledger),
        scope: compileScope(repository.spec.source.include, repository.spec.source.exclude),
        freshness: compileFreshness(repository.spec.freshness),
        generation,
        indexes: noAttempts,
        indexedAt: undefined,
        held: undefined,
        usedAcceptance: undefined,
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
    if (!(error instanceof MissingPages || error instanceof MalformedPage)) throw error;
    log.warn({ repository: slot, message: error.message }, 'the stored catalog is not whole; starting from nothing');
    return undefined;
  }
}

type Restored = { readonly slot: Slot; readonly view: CatalogView };

async function restore({ store }: AdoptionDeps, ledger: Ledger, { slot, view }: Restored): Promise<void> {
  await ledger.restore(view, await store.pages(slot, operatorPages(view.manifest)));
}
