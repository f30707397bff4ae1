import { createHash } from 'node:crypto';

import type { Pace } from '@geomirror/catalog/pace.ts';

import type { PageEntry } from './page-entries.ts';

/** A folder on the way down from the root; '' is the path of the root. */
export type Folder = {
  readonly path: string;
  readonly depth: number;
  readonly parent: Folder | undefined;
  /** Of its page, once it has been read; undefined for a page without subfolders, which leads nowhere. */
  fingerprint?: string | undefined;
};

/** Something that tells pages with different entries apart; undefined where there is no folder to follow. */
export async function fingerprintOf(entries: readonly PageEntry[], pace: Pace): Promise<string | undefined> {
  if (!entries.some((entry) => entry.isFolder)) return undefined;
  const hash = createHash('sha256');
  for (const { name, isFolder, size, modifiedAt } of entries) {
    hash.update(`${name}/${isFolder}/${size}/${modifiedAt}\n`);
    if (pace.due()) await pace.rest();
  }
  return hash.digest('base64');
}

/**
 * Whether this page is one of its ancestors' again: a symbolic link to a folder above, which would go round for ever. Pages of folders
 * only are alike sooner (`a/a/`, made in the same minute), so they must recur more often.
 */
export function goesRound(folder: Folder, entries: readonly PageEntry[]): boolean {
  if (folder.fingerprint === undefined) return false;
  const allowed = entries.some((entry) => !entry.isFolder) ? 0 : 2;
  let same = 0;
  for (let above = folder.parent; above !== undefined; above = above.parent) {
    if (above.fingerprint === folder.fingerprint) same += 1;
  }
  return same > allowed;
}
