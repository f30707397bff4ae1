import type { Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Validate } from './definitions.ts';
import {
  fileProblem,
  maxFileLength,
  parseManifests,
  tooLarge,
  type ParsedManifests,
  type ResourceKey,
} from './parse.ts';
import type { Problem } from './problem.ts';
import type { Given } from './registry.ts';

/** What one file of the folder gave when it was last read. */
export type LoadedFile = {
  /** Differs when the file may have changed. */
  readonly signature: string;
  /** Unix ms. */
  readonly bornAt: number;
  readonly resources: ParsedManifests['resources'];
  /** Resources of which this file holds a broken version: as they were is better than not at all. */
  readonly kept: readonly ResourceKey[];
  readonly problems: readonly Problem[];
};

/** By the file's name, in the order in which they count. */
export type LoadedFolder = ReadonlyMap<string, LoadedFile>;

type LoadDeps = {
  readonly validate: Validate;
  readonly now: () => number;
  readonly previous: (key: ResourceKey) => unknown;
};

/**
 * Reads the `*.yaml` and `*.yml` of a folder, hidden ones aside, in the order of their names. Files that have not changed since
 * `before` are not read again. A mounted ConfigMap is such a folder: its entries are links into a hidden folder.
 */
export async function loadFolder(deps: LoadDeps, folder: string, before: LoadedFolder): Promise<LoadedFolder> {
  const names = (await readdir(folder)).filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort();
  const loaded = new Map<string, LoadedFile>();
  for (const name of names) {
    const file = await loadFile(deps, { name, path: join(folder, name) }, before.get(name));
    if (file) loaded.set(name, file);
  }
  return loaded;
}

type FilePlace = { readonly name: string; readonly path: string };

/** Undefined if it is no file, or went away meanwhile. */
async function loadFile(
  deps: LoadDeps,
  place: FilePlace,
  before: LoadedFile | undefined,
): Promise<LoadedFile | undefined> {
  try {
    const stats = await stat(place.path);
    if (!stats.isFile()) return undefined;
    const signature = [stats.dev, stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join(' ');
    if (before?.signature === signature) return before;
    const file = { signature, bornAt: before?.bornAt ?? birth(stats, deps.now()) };
    if (stats.size > maxFileLength) return unread(file, before, fileProblem(place.name, tooLarge));
    return await readManifests(deps, place, file, before);
  } catch (error) {
    if (isGone(error)) return undefined;
    const problem = fileProblem(place.name, `cannot be read: ${describeError(error)}`);
    return unread({ signature: '', bornAt: deps.now() }, before, problem);
  }
}

/** Not every file system knows when a file was born. */
function birth({ birthtimeMs }: Stats, now: number): number {
  return birthtimeMs > 0 ? Math.floor(Math.min(birthtimeMs, now)) : now;
}

type FileIdentity = Pick<LoadedFile, 'signature' | 'bornAt'>;

async function readManifests(
  deps: LoadDeps,
  { name, path }: FilePlace,
  file: FileIdentity,
  before: LoadedFile | undefined,
): Promise<LoadedFile> {
  const text = await readFile(path, 'utf8');
  // Many editors empty a file before they write it; taking that for "delete everything" would be dangerous.
  if (text === '' && before)
    return unread(file, before, fileProblem(name, 'is empty; delete the file to delete its resources'));
  const parsed = await parseManifests(deps.validate, text, name, deps.previous);
  return { ...file, ...parsed, kept: keptKeys(parsed.problems, before) };
}

function unread(file: FileIdentity, before: LoadedFile | undefined, problem: Problem): LoadedFile {
  return { ...file, resources: [], problems: [problem], kept: before ? allKeys(before) : [] };
}

/** The resources whose documents are broken; where one cannot be told, all that the file gave before. */
function keptKeys(problems: readonly Problem[], before: LoadedFile | undefined): readonly ResourceKey[] {
  const named = problems.map(({ resource }) => resource).filter((resource): resource is ResourceKey => resource !== '');
  const isAnyNameless = problems.some(({ resource }) => resource === '');
  return isAnyNameless && before ? [...named, ...allKeys(before)] : named;
}

const allKeys = ({ resources, kept }: LoadedFile) => [...resources.map(({ key }) => key), ...kept];

const isGone = (error: unknown) =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

/** The system's words without the path, which the problem names already. */
export function describeError(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

export type Combined = {
  readonly given: readonly Given[];
  readonly kept: ReadonlySet<ResourceKey>;
  readonly problems: readonly Problem[];
};

/** All files as one: of two resources with the same name the first counts and the other is a problem. */
export function combine(folder: LoadedFolder): Combined {
  const given = new Map<ResourceKey, Given>();
  const owners = new Map<ResourceKey, string>();
  const problems: Problem[] = [];
  for (const [name, file] of folder) {
    for (const { key, document, resource } of file.resources) {
      const owner = owners.get(key);
      if (owner === undefined) {
        owners.set(key, `${name}, document ${document}`);
        // Documents of one file are born in their order.
        given.set(key, { key, resource, bornAt: file.bornAt + document - 1 });
      } else {
        const message = `is also in ${owner}, which counts; delete one of them or give it another name`;
        problems.push({ file: name, document, resource: key, field: '', message });
      }
    }
    problems.push(...file.problems);
  }
  return { given: [...given.values()], kept: new Set([...folder.values()].flatMap(({ kept }) => kept)), problems };
}
