import { type Dirent, type Dir } from 'node:fs';
import { lstat, opendir, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failures.ts';
import { createBatch, createRefusals, type Refusals } from './entries.ts';
import type { Listing, ListingEntry } from './listing.ts';

export type DirectoryRequest = {
  /** Absolute path of the tree's root, which may itself be a link. */
  readonly root: string;
  readonly signal: AbortSignal;
  readonly skipFolder?: ((path: string) => boolean) | undefined;
};

const statsAtOnce = 64;

/**
 * Walks a folder. Links are listed and never followed, so nothing outside the root is seen; sockets, devices and pipes are left out, and
 * so is what vanishes meanwhile. Folders that cannot be read end up in `unreadable`; a root that cannot be read is a Failure.
 */
export async function* listDirectory(request: DirectoryRequest): Listing {
  // A root that is switched by a link (current -> 2026-11-23) stays the same for the whole walk.
  const walk = createWalk(await realRoot(request.root), request);
  const batch = createBatch();
  for (let folder = walk.next(); folder !== undefined; folder = walk.next()) {
    for await (const entries of walk.read(folder)) {
      for (const entry of entries) batch.add(entry);
      yield* batch.full();
    }
  }
  yield* batch.rest();
  return { unreadable: walk.unreadable(), partlyUnseen: false, refused: walk.refusals.result() };
}

async function realRoot(root: string): Promise<string> {
  try {
    return await realpath(root);
  } catch (cause) {
    throw new Failure('SourceUnreadable', `cannot read the folder ${root}: ${reasonOf(cause)}`, { cause });
  }
}

type Walk = {
  /** The folder that was found last, so that few wait at any time; undefined when all were visited. */
  readonly next: () => string | undefined;
  readonly read: (folder: string) => AsyncGenerator<readonly ListingEntry[], void, void>;
  readonly unreadable: () => string[];
  readonly refusals: Refusals;
};

function createWalk(root: string, { signal, skipFolder }: DirectoryRequest): Walk {
  const refusals = createRefusals();
  const unreadable = new Set<string>();
  const waiting = [''];

  const take = (path: string, found: Found): ListingEntry | undefined => {
    if (found === 'Unreadable') unreadable.add(parentOf(path));
    if (found === 'Folder' && skipFolder?.(path) !== true) waiting.push(path);
    return typeof found === 'string' ? undefined : found;
  };

  return {
    refusals,
    next: () => waiting.pop(),
    unreadable: () => [...unreadable],
    async *read(folder) {
      try {
        for await (const names of childrenOf(root, folder)) {
          if (signal.aborted) throw new Failure('Cancelled', `listing ${root} was cancelled`);
          const children = names.map((child) => ({ child, path: pathOf(folder, child) }));
          const accepted = children.filter(({ path }) => refusals.accepts(path));
          const found = await Promise.all(accepted.map(({ child, path }) => examine(root, path, child)));
          yield found.flatMap((each, at) => take(accepted[at]?.path ?? '', each) ?? []);
        }
      } catch (cause) {
        if (cause instanceof Failure) throw cause;
        if (folder === '')
          throw new Failure('SourceUnreadable', `cannot read the folder ${root}: ${reasonOf(cause)}`, { cause });
        if (!isGone(cause)) unreadable.add(folder);
      }
    },
  };
}

/** With encoding `buffer`, names come as bytes. */
type Child = Dirent<Buffer>;

/** The children of a folder, some at a time. */
async function* childrenOf(root: string, folder: string): AsyncGenerator<readonly Child[], void, void> {
  let children: Child[] = [];
  for await (const child of await openFolder(root, folder)) {
    children.push(child);
    if (children.length < statsAtOnce) continue;
    yield children;
    children = [];
  }
  yield children;
}

async function openFolder(root: string, folder: string): Promise<AsyncIterable<Child>> {
  const place = join(root, folder);
  const handle: Dir = await opendir(place, { encoding: 'buffer' as BufferEncoding, bufferSize: 1024 });
  // A link put in the place of a folder after it was found would lead elsewhere.
  if ((await realpath(place)) === place) return handle as unknown as AsyncIterable<Child>;
  await handle.close();
  throw Object.assign(new Error('became a link'), { code: 'ENOENT' });
}

type Found = ListingEntry | 'Folder' | 'Nothing' | 'Unreadable';

async function examine(root: string, path: string, child: Child): Promise<Found> {
  if (child.isDirectory()) return 'Folder';
  try {
    if (child.isSymbolicLink()) return { kind: 'Link', path, target: await readlink(join(root, path)) };
    if (!child.isFile()) return 'Nothing';
    const found = await lstat(join(root, path));
    if (!found.isFile()) return 'Nothing';
    const modifiedAt = Math.floor(found.mtimeMs / 1000);
    return { kind: 'File', path, size: found.size, sizeSlack: 0, modifiedAt, timeSlack: 0 };
  } catch (error) {
    // A file that was there a moment ago was as good as never there; one that may not be looked at is there still.
    return isGone(error) ? 'Nothing' : 'Unreadable';
  }
}

function pathOf(folder: string, child: Child): string {
  const name = child.name.toString('utf8');
  return folder === '' ? name : `${folder}/${name}`;
}

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown }).code;

/** EINVAL: no longer a link. */
const isGone = (error: unknown): boolean => ['ENOENT', 'ENOTDIR', 'EINVAL'].includes(String(codeOf(error)));

const reasonOf = (error: unknown): string => {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'it does not exist; mount the volume there, or correct source.directory.path';
    case 'ENOTDIR':
      return 'it is not a folder';
    case 'EACCES':
    case 'EPERM':
      return 'the operator may not read it';
    default:
      return String(codeOf(error));
  }
};
