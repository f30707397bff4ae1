import { once } from 'node:events';
import type { Health } from '../health.ts';
import type { Manifest, Slot } from '../manifest.ts';
import type { PageName } from '../page-name.ts';
import { requireAtMost, maxNames, maxReports, slicesOf } from './limits.ts';
import type { CatalogReader, CatalogStore, CatalogWriter, StoreChange } from './store.ts';

type Fence = { token: number };

type Contents = Fence & {
  manifest: Manifest | undefined;
  health: Health | undefined;
  readonly pages: Map<PageName, Uint8Array>;
  readonly missing: Set<PageName>;
};

type State = {
  readonly index: Fence;
  readonly slots: Map<Slot, Contents>;
  readonly watchers: Set<(change?: StoreChange) => void>;
};

type Cleaning = Pick<CatalogWriter, 'missing' | 'stored' | 'deletePages' | 'takeMissingReports'>;
type Publishing = Omit<CatalogWriter, keyof Cleaning>;

/** The reference: the catalog in this process, for standalone use and for tests. Never fails. */
export function createMemoryStore(): CatalogStore {
  const state: State = { index: { token: 0 }, slots: new Map(), watchers: new Set() };
  return {
    ...createReader(state),
    ...createPublishing(state),
    ...createCleaning(state),
    async [Symbol.asyncDispose]() {
      state.watchers.clear();
    },
  };
}

function createReader(state: State): CatalogReader {
  return {
    async slots() {
      return [...state.slots].filter(([, { manifest }]) => manifest !== undefined).map(([slot]) => slot);
    },
    async revision(slot) {
      return state.slots.get(slot)?.manifest?.revision;
    },
    async manifest(slot) {
      return state.slots.get(slot)?.manifest;
    },
    async health(slot) {
      return state.slots.get(slot)?.health;
    },
    async pages(slot, names) {
      const held = state.slots.get(slot)?.pages;
      const found = new Map<PageName, Uint8Array>();
      for (const name of names) {
        const bytes = held?.get(name);
        if (bytes !== undefined) found.set(name, bytes);
      }
      return found;
    },
    async reportMissing(slot, names) {
      const { missing } = contentsOf(state, slot);
      for (const name of names) if (missing.size < maxReports) missing.add(name);
    },
    async watch(onChange, signal) {
      if (signal.aborted) return;
      // Its own function, so that one callback given twice is two watchers.
      const watcher = (change?: StoreChange): void => onChange(change);
      state.watchers.add(watcher);
      queueMicrotask(watcher);
      await once(signal, 'abort');
      state.watchers.delete(watcher);
    },
  };
}

function createPublishing(state: State): Publishing {
  return {
    async claim(token, slots) {
      if (fenced(state.index, token)) return 'Fenced';
      for (const slot of slots) contentsOf(state, slot);
      return [...state.slots.values()].some((contents) => fenced(contents, token)) ? 'Fenced' : 'Done';
    },
    async putPages(slot, token, pages) {
      const contents = contentsOf(state, slot);
      if (fenced(contents, token)) return 'Fenced';
      for (const [name, bytes] of pages) contents.pages.set(name, bytes);
      return 'Done';
    },
    async putList(slot, token, list) {
      requireAtMost(maxNames, list.names);
      const contents = contentsOf(state, slot);
      if (fenced(contents, token)) return 'Fenced';
      const missing = lacking(contents, list.names);
      if (missing.length > 0) return { missing };
      contents.pages.set(list.name, list.bytes);
      return 'Done';
    },
    async publish(slot, token, manifest, lists) {
      const contents = contentsOf(state, slot);
      if (fenced(state.index, token) || fenced(contents, token)) return 'Fenced';
      const missing = lacking(contents, lists);
      if (missing.length > 0) return { missing };
      contents.manifest = manifest;
      notify(state, { slot, kind: 'Manifest' });
      return 'Done';
    },
    async writeHealth(slot, token, health) {
      const contents = contentsOf(state, slot);
      if (fenced(contents, token)) return 'Fenced';
      contents.health = health;
      notify(state, { slot, kind: 'Health' });
      return 'Done';
    },
    async remove(slot, token) {
      const contents = contentsOf(state, slot);
      if (fenced(state.index, token) || fenced(contents, token)) return 'Fenced';
      state.slots.set(slot, emptyContents(token));
      notify(state, { slot, kind: 'Removed' });
      return 'Done';
    },
  };
}

function createCleaning(state: State): Cleaning {
  return {
    async missing(slot, names) {
      return lacking(contentsOf(state, slot), names);
    },
    async *stored(slot) {
      yield* slicesOf(maxNames, [...contentsOf(state, slot).pages.keys()]);
    },
    async deletePages(slot, token, revision, names) {
      requireAtMost(maxNames, names);
      const contents = contentsOf(state, slot);
      if (fenced(contents, token)) return 'Fenced';
      if (contents.manifest?.revision !== revision) return 'Outrun';
      for (const name of names) contents.pages.delete(name);
      return 'Done';
    },
    async takeMissingReports(slot) {
      const { missing } = contentsOf(state, slot);
      const taken = [...missing];
      missing.clear();
      return taken;
    },
  };
}

function contentsOf(state: State, slot: Slot): Contents {
  const known = state.slots.get(slot);
  if (known !== undefined) return known;
  const contents = emptyContents(0);
  state.slots.set(slot, contents);
  return contents;
}

function emptyContents(token: number): Contents {
  return { token, manifest: undefined, health: undefined, pages: new Map(), missing: new Set() };
}

/** Whether a higher token has been seen here; if not, this one has been from now on. */
function fenced(fence: Fence, token: number): boolean {
  if (token < fence.token) return true;
  fence.token = token;
  return false;
}

function lacking(contents: Contents, names: readonly PageName[]): readonly PageName[] {
  return names.filter((name) => !contents.pages.has(name));
}

function notify(state: State, change: StoreChange): void {
  for (const watcher of state.watchers) queueMicrotask(() => watcher(change));
}
