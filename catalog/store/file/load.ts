import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeHealth } from '../../health-codec.ts';
import { decodeManifest } from '../../manifest-codec.ts';
import type { Slot } from '../../manifest.ts';
import { isPageName, type PageName } from '../../page-name.ts';
import { StoreFailure, type ReportFailure } from '../failure.ts';
import { nextTurn, paced } from '../../pace.ts';
import { sliceMs } from '../limits.ts';
import type { CatalogStore } from '../store.ts';
import { unpackPage } from '../stored-page.ts';
import { isErrno, namesIn, slotPaths, slotsIn, tokenPath } from './paths.ts';

/** A store to fill, the folder to fill it from, and whom to tell of what is damaged there. */
export type Loading = { readonly memory: CatalogStore; readonly folder: string; readonly report: ReportFailure };

/**
 * Fills an empty store from a folder and resolves with the highest token seen. What is damaged is reported and left out:
 * a page that is not what its name says, a manifest or health record that cannot be read. Nothing else is lost by it.
 */
export async function loadFolder(loading: Loading): Promise<number> {
  const { memory, folder } = loading;
  const token = (await readWhole(loading, tokenPath(folder), parseToken)) ?? 0;
  for (const slot of await slotsIn(folder)) await loadSlot(loading, slot, token);
  await memory.claim(token, []);
  return token;
}

async function loadSlot(loading: Loading, slot: Slot, token: number): Promise<void> {
  const { memory, folder } = loading;
  const paths = slotPaths(folder, slot);
  await memory.putPages(slot, token, await loadPages(loading, paths.pages));
  const manifest = await readWhole(loading, paths.manifest, decodeManifest);
  // Pages that a manifest needs and that are damaged are missing to its readers, who report them.
  if (manifest !== undefined) await memory.publish(slot, token, manifest, []);
  const health = await readWhole(loading, paths.health, decodeHealth);
  if (health !== undefined) await memory.writeHealth(slot, token, health);
}

async function loadPages({ report }: Loading, folder: string): Promise<Map<PageName, Uint8Array>> {
  const pages = new Map<PageName, Uint8Array>();
  const pace = paced(nextTurn, sliceMs);
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    const bytes = isPageName(name) ? await unpackPage(name, await readOrNothing(path)) : undefined;
    if (bytes === undefined) {
      // Also what was half written when the program ended: without the right name it is of no use to anyone.
      report(new StoreFailure('Malformed', `${path} was not the page that its name says and was deleted`));
      await rm(path, { recursive: true, force: true });
    } else pages.set(name, bytes);
    if (pace.due()) await pace.rest();
  }
  return pages;
}

async function readOrNothing(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch {
    return new Uint8Array();
  }
}

async function readWhole<T>(
  { report }: Loading,
  path: string,
  decode: (bytes: Uint8Array) => T,
): Promise<T | undefined> {
  try {
    return decode(await readFile(path));
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    if (!(error instanceof StoreFailure)) throw error;
    report(new StoreFailure(error.reason, `${path} is ignored: ${error.message}`));
    return undefined;
  }
}

function parseToken(bytes: Uint8Array): number {
  const digits = Buffer.from(bytes).toString('latin1').trim();
  const token = /^\d{1,16}$/.test(digits) ? Number(digits) : Number.NaN;
  if (!Number.isSafeInteger(token)) throw new StoreFailure('Malformed', 'token is not a whole number');
  return token;
}
