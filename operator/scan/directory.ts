import { lstat, opendir, readlink } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../failures.ts';
import { createBatch, createRefusals, type Refusals } from './entries.ts';
import type { Listing, ListingEntry } from './listing.ts';

export type DirectoryRequest = {
  /** Absolute path of the tree's root. */
  readonly root: string;
  readonly signal: AbortSignal;
  readonly skipFolder?: ((path: string) => boolean) | undefined;
};

const statsAtOnce = 64;

/**
 * Walks a folder. Links are listed and never followed, so nothing outside the root is seen; sockets, devices and pipes are left out.
 * Folders that cannot be read end up in `unreadable`; a root that cannot be read is a Failure.
 */
export async function* listDirectory(request: DirectoryRequest): Listing {
  const refusals = createRefusals();
  const unreadable: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const children = await readFolder(request.root, folder, unreadable);
    const batch = createBatch();
    for (let i = 0; i < children.length; i += statsAtOnce) {
      request.signal.throwIfAborted();
      const some = children.slice(i, i + statsAtOnce);
      const entries = await Promise.all(some.map((child) => describe(request.root, folder ?? '', child, refusals)));
      for (const entry of entries) {
        if (entry === undefined) continue;
        if (entry.kind !== 'Folder') batch.add(entry);
        else if (request.skipFolder?.(entry.path) !== true) folders.push(entry.path);
      }
      yield* batch.full();
    }
    yield* batch.rest();
  }
  return { unreadable, partlyUnseen: false, refused: refusals.result() };
}

type Child = Dirent<Buffer>;

async function readFolder(root: string, folder: string, unreadable: string[]): Promise<Child[]> {
  const children: Child[] = [];
  try {
    const handle = await opendir(join(root, folder), { encoding: 'buffer' as BufferEncoding });
    // With encoding "buffer" names come as bytes, which the typings do not know.
    for await (const child of handle) children.push(child as unknown as Child);
  } catch (cause) {
    if (folder === '') throw new Failure('SourceUnreadable', `cannot read the folder ${root}: ${(cause as Error).message}`, { cause });
    unreadable.push(folder);
  }
  return children;
}

async function describe(
  root: string,
  folder: string,
  child: Child,
  refusals: Refusals,
): Promise<ListingEntry | { readonly kind: 'Folder'; readonly path: string } | undefined> {
  const name = child.name.toString('utf8');
  const path = folder === '' ? name : `${folder}/${name}`;
  if (child.name.length > 0 && !refusals.accepts(path)) return undefined;
  if (child.isDirectory()) return { kind: 'Folder', path };
  try {
    if (child.isSymbolicLink()) return { kind: 'Link', path, target: await readlink(join(root, path)) };
    if (!child.isFile()) return undefined;
    const { size, mtimeMs } = await lstat(join(root, path));
    return { kind: 'File', path, size, sizeSlack: 0, modifiedAt: Math.floor(mtimeMs / 1000), timeSlack: 0 };
  } catch {
    // Gone between the listing and the look at it: as good as never there.
    return undefined;
  }
}
