import { mkdir, rm, writeFile } from 'node:fs/promises';
import { encodeHealth } from '../health-codec.ts';
import { encodeManifest } from '../manifest-codec.ts';
import type { Slot } from '../manifest.ts';
import type { PageName } from '../page-name.ts';
import { StoreFailure, type ReportFailure } from './failure.ts';
import { createKeep, isSystemError, type Keep } from './file/keep.ts';
import { loadFolder } from './file/load.ts';
import { slotPaths, type SlotPaths } from './file/paths.ts';
import { replaceFile, replaceFileDurably } from './file/replace.ts';
import { slicesOf } from './limits.ts';
import { createMemoryStore } from './memory.ts';
import type { CatalogStore, CatalogWriter, Pages } from './store.ts';
import { packPage } from './stored-page.ts';

export type FileStoreDeps = {
  /** Told of every damaged file found at the start. */
  readonly report: ReportFailure;
};

/**
 * The memory store with a snapshot in a folder that survives a restart; one process at a time may use it. Rejects with StoreFailure
 * `Refused` if the folder cannot be used. A write is decided by the memory and resolves once it is in the folder as well.
 */
export async function createFileStore(folder: string, deps: FileStoreDeps): Promise<CatalogStore> {
  const memory = createMemoryStore();
  try {
    await mkdir(folder, { recursive: true });
    const token = await loadFolder({ memory, folder, report: deps.report });
    return { ...memory, ...createKept(memory, folder, createKeep(folder, token)) };
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new StoreFailure('Refused', `cannot use this folder, make it readable and writable: ${error.message}`);
  }
}

const filesAtOnce = 16;

type Kept = Pick<
  CatalogWriter,
  'claim' | 'putPages' | 'putList' | 'publish' | 'writeHealth' | 'remove' | 'deletePages'
>;

function createKept(memory: CatalogStore, folder: string, keep: Keep): Kept {
  return {
    claim: (token, slots) => keep({ token, decide: () => memory.claim(token, slots) }),
    putPages: (slot, token, pages) =>
      keep({
        token,
        decide: () => memory.putPages(slot, token, pages),
        save: () => savePages(folder, slot, pages),
      }),
    putList: (slot, token, list) =>
      keep({
        token,
        decide: () => memory.putList(slot, token, list),
        save: () => savePages(folder, slot, new Map([[list.name, list.bytes]])),
      }),
    async publish(slot, token, manifest, lists) {
      const stored = encodeManifest(manifest);
      const decide = (): ReturnType<Kept['publish']> => memory.publish(slot, token, manifest, lists);
      return keep({
        token,
        decide,
        save: async () => replaceFileDurably((await makeSlot(folder, slot)).manifest, stored),
      });
    },
    async writeHealth(slot, token, health) {
      const stored = encodeHealth(health);
      const decide = (): ReturnType<Kept['writeHealth']> => memory.writeHealth(slot, token, health);
      return keep({ token, decide, save: async () => replaceFile((await makeSlot(folder, slot)).health, stored) });
    },
    remove: (slot, token) =>
      keep({ token, decide: () => memory.remove(slot, token), save: () => deleteSlot(folder, slot) }),
    deletePages: (slot, token, revision, names) =>
      keep({
        token,
        decide: () => memory.deletePages(slot, token, revision, names),
        save: () => deletePages(folder, slot, names),
      }),
  };
}

async function makeSlot(folder: string, slot: Slot): Promise<SlotPaths> {
  const paths = slotPaths(folder, slot);
  await mkdir(paths.pages, { recursive: true });
  return paths;
}

async function savePages(folder: string, slot: Slot, pages: Pages): Promise<void> {
  const paths = await makeSlot(folder, slot);
  // Half written ones are found out by their names at the next start, so that they need no temporary files.
  const save = async ([name, bytes]: readonly [PageName, Uint8Array]): Promise<void> =>
    writeFile(paths.page(name), await packPage(bytes));
  for (const some of slicesOf(filesAtOnce, [...pages])) await Promise.all(some.map(save));
}

async function deletePages(folder: string, slot: Slot, names: readonly PageName[]): Promise<void> {
  const paths = slotPaths(folder, slot);
  for (const name of names) await rm(paths.page(name), { force: true });
}

async function deleteSlot(folder: string, slot: Slot): Promise<void> {
  const paths = slotPaths(folder, slot);
  // First what names the pages: a manifest without them would be found at the next start.
  await rm(paths.manifest, { force: true });
  await rm(paths.folder, { recursive: true, force: true });
}
