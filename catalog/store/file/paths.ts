import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isSlot } from '../../keys.ts';
import { schemaVersion, type Slot } from '../../manifest.ts';
import { isPageName, type PageName } from '../../page-name.ts';

/** Where one repository's catalog lies. */
export type SlotPaths = {
  readonly folder: string;
  readonly manifest: string;
  readonly health: string;
  readonly pages: string;
  /** The file of one page; throws RangeError for what is no page's name. */
  page(name: PageName): string;
};

/** The file that holds the highest token seen. */
export function tokenPath(folder: string): string {
  return join(folder, 'token');
}

/** Throws RangeError for a name that could lead out of the folder. */
export function slotPaths(folder: string, slot: Slot): SlotPaths {
  if (!isSlot(slot)) throw new RangeError(`not namespace/name of a repository: ${JSON.stringify(slot)}`);
  const own = join(folder, 'repositories', slot);
  return {
    folder: own,
    manifest: join(own, `manifest-${schemaVersion}.zst`),
    health: join(own, `health-${schemaVersion}.json`),
    pages: join(own, 'pages'),
    page(name) {
      if (!isPageName(name)) throw new RangeError(`not the name of a page: ${JSON.stringify(name)}`);
      return join(own, 'pages', name);
    },
  };
}

/** The repositories that have a folder. */
export async function slotsIn(folder: string): Promise<readonly Slot[]> {
  const root = join(folder, 'repositories');
  const namespaces = await namesIn(root);
  const slots = await Promise.all(
    namespaces.map(async (namespace) => (await namesIn(join(root, namespace))).map((name) => `${namespace}/${name}`)),
  );
  return slots.flat().filter(isSlot);
}

/** Names in a folder, none if there is no such folder. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/** Whether an error is one of these of the operating system. */
export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => code === error.code);
}
