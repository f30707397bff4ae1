import { createRefusals } from './entries.ts';
import { isRefusal } from './ftp-failure.ts';
import { createFolderReader } from './ftp-folder.ts';
import type { FTPTally, FTPWalk, Subfolder } from './ftp-state.ts';
import type { Listing, ListingEntry } from './listing.ts';

/** Links that a server shows as folders would otherwise be followed for ever. */
const maxDepth = 64;

/**
 * Lists the folder the session is in and all below, depth first. Folders that the server refuses, and those too deep, are
 * reported as unreadable; the root's refusal is thrown.
 */
export async function* walkFTP(walk: FTPWalk): Listing {
  const tally: FTPTally = { entries: 0, unreadableLines: 0, timesAsked: 0, refusals: createRefusals() };
  const unreadable: string[] = [];
  const readFolder = await createFolderReader(walk, tally);
  const folders: Subfolder[] = [{ path: '', above: [], unique: undefined }];
  const plan = (found: readonly Subfolder[]): void => {
    for (const each of found) {
      if (walk.request.skipFolder?.(each.path) === true) continue;
      if (each.above.length > maxDepth) unreadable.push(each.path);
      else folders.push(each);
    }
  };
  const read = async function* (folder: Subfolder): AsyncGenerator<readonly ListingEntry[], void, void> {
    for await (const { entries, subfolders } of readFolder(folder)) {
      plan(subfolders);
      if (entries.length > 0) yield entries;
    }
  };
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    try {
      yield* read(folder);
    } catch (error) {
      if (!isRefusal(error) || folder.path === '') throw error;
      unreadable.push(folder.path);
    }
  }
  return { unreadable, partlyUnseen: tally.unreadableLines > 0, refused: tally.refusals.result() };
}
