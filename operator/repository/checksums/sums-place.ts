import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePath } from '@geomirror/catalog/path.ts';
import { Failure } from '../../failures.ts';
import type { Repository } from '../../resources/repository.ts';
import { getFile } from '../../scan/http/get-file.ts';
import { openInside } from '../../scan/open-inside.ts';
import type { RemoteRequest } from '../../scan/open.ts';
import { fetchByRsync } from '../../scan/rsync-fetch.ts';
import { sourceRequest, type SourceDeps } from '../source.ts';
import { maxSumsBytes } from './parse-sums.ts';

/** Where files of a source can be read. */
export type SumsPlace = AsyncDisposable & {
  /** The bytes of one of the files. Throws Failure, also while it is read. */
  readonly open: (path: string) => Promise<AsyncIterable<Uint8Array>>;
};

export type SumsRequest = {
  readonly repository: Repository;
  /** What will be read. */
  readonly paths: readonly string[];
  readonly signal: AbortSignal;
};

/** Opens the repository's source, of whatever kind: below its URL, or beside a published listing. Throws Failure. */
export async function openSumsPlace(deps: SourceDeps, request: SumsRequest): Promise<SumsPlace> {
  const { directory, rsync } = request.repository.spec.source;
  if (directory !== undefined) return folderPlace(directory.path);
  const remote = await sourceRequest(deps, request.repository, request.signal);
  return rsync === undefined ? webPlace(deps, request.repository, remote) : rsyncPlace(deps, remote, request.paths);
}

const nothing = (): Promise<void> => Promise.resolve();

async function folderPlace(folder: string): Promise<SumsPlace> {
  const root = await realpath(folder).catch(() => folder);
  return { open: (path) => openFile(root, path), [Symbol.asyncDispose]: nothing };
}

async function openFile(root: string, path: string): Promise<AsyncIterable<Uint8Array>> {
  const handle = await openInside(root, path);
  if (handle === undefined) throw new Failure('NotFound', `${path} is not there or cannot be read`);
  return handle.createReadStream() as AsyncIterable<Buffer>;
}

function webPlace(deps: SourceDeps, { spec }: Repository, remote: RemoteRequest): SumsPlace {
  const base = new URL(remote.url);
  // Paths of a listing are relative to the folder in which it lies.
  if (spec.source.listing === undefined && !base.pathname.endsWith('/')) base.pathname += '/';
  return {
    async open(path) {
      const url = new URL(encodePath(path), base);
      return (await getFile(deps, { ...remote, url, maxBytes: maxSumsBytes })).chunks;
    },
    [Symbol.asyncDispose]: nothing,
  };
}

/** All at once, since every rsync is a program of its own. */
async function rsyncPlace(deps: SourceDeps, remote: RemoteRequest, paths: readonly string[]): Promise<SumsPlace> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'geomirror-sums-')));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const root = await fetchByRsync(deps, remote, { paths, maxFileBytes: maxSumsBytes, folder });
    return { open: (path) => openFile(root, path), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
