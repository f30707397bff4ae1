import { constants } from 'node:fs';
import { lstat, open, realpath, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Opens a file of a tree for reading. Undefined if it is not there, is no regular file, or if any part of its path is a link, which
 * could lead out of the tree. `root` must be a real path.
 */
export async function openInside(root: string, path: string): Promise<FileHandle | undefined> {
  const place = join(root, path);
  // A pipe must not be waited for.
  const handle = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  );
  if (handle === undefined) return undefined;
  if (await isInside(handle, place).catch(() => false)) return handle;
  await handle.close();
  return undefined;
}

/** What was opened is compared with what lies there now, on a path without links: a link that was there for a moment does not pass. */
async function isInside(handle: FileHandle, place: string): Promise<boolean> {
  if ((await realpath(dirname(place))) !== dirname(place)) return false;
  const [opened, there] = await Promise.all([handle.stat(), lstat(place)]);
  return opened.isFile() && opened.dev === there.dev && opened.ino === there.ino;
}
