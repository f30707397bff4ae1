import { watch, type FSWatcher } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Validate } from './definitions.ts';
import { combine, describeError, loadFolder, type LoadedFolder } from './folder.ts';
import { fileProblem } from './parse.ts';
import type { Problem } from './problem.ts';
import { createRegistry, type Registry, type Resources } from './registry.ts';

/** The folder of manifests cannot be read at the start; the message names the cure. */
export class ManifestsUnreadable extends Error {
  override readonly name = 'ManifestsUnreadable';
}

/** Everything that a folder of manifests says, and what is wrong with it. */
export type ManifestSet = Resources & { readonly problems: readonly Problem[] };

export type WatchDeps = { readonly validate: Validate; readonly now: () => number };

export type WatchOptions = {
  readonly signal: AbortSignal;
  /** Called with the whole set once at the beginning, and again after each change of it. */
  readonly onChange: (set: ManifestSet) => void;
  /** Changes that follow each other this closely are taken together; milliseconds. */
  readonly settleMs?: number;
  /** The folder is looked at this often even if the system reports nothing, as on network file systems; milliseconds. */
  readonly pollMs?: number;
};

/** `ended` resolves when the signal has stopped the watching. */
export type ManifestWatch = { readonly ended: Promise<void> };

/**
 * Loads a folder of manifests and keeps watching it. Resolves after the first `onChange`; rejects if the folder cannot be read
 * then. Later a broken document, file or folder is a problem in the set, and what it gave before stays.
 */
export async function watchManifests(deps: WatchDeps, folder: string, options: WatchOptions): Promise<ManifestWatch> {
  const reader = createReader(deps, folder);
  const bell = createBell(folder);
  let last: ManifestSet;
  try {
    last = await reader();
  } catch (error) {
    bell.close();
    throw new ManifestsUnreadable(
      `The folder of manifests ${folder} cannot be read (${describeError(error)}): create it, or name another one`,
      { cause: error },
    );
  }
  options.onChange(last);
  return { ended: keepReading(reader, bell, options, last).finally(bell.close) };
}

type Reader = () => Promise<ManifestSet>;

async function keepReading(read: Reader, bell: Bell, options: WatchOptions, first: ManifestSet): Promise<void> {
  const { signal, onChange, settleMs = 200, pollMs = 30_000 } = options;
  let last = first;
  while (!signal.aborted) {
    if (await bell.rings(pollMs, signal)) await pause(settleMs, signal);
    if (signal.aborted) return;
    const next = await read().catch((error: unknown) => withFolderProblem(last, error));
    if (signal.aborted || isSame(last, next)) continue;
    last = next;
    onChange(next);
  }
}

function createReader(deps: WatchDeps, folder: string): Reader {
  const registry: Registry = createRegistry();
  let loaded: LoadedFolder = new Map();
  return async () => {
    loaded = await loadFolder({ ...deps, previous: registry.get }, folder, loaded);
    const { given, kept, problems } = combine(loaded);
    return { ...registry.update(given, kept), problems };
  };
}

function withFolderProblem(set: ManifestSet, error: unknown): ManifestSet {
  const message = `the folder of manifests cannot be read (${describeError(error)}); what it said last holds on`;
  return { ...set, problems: [fileProblem('.', message)] };
}

function isSame(a: ManifestSet, b: ManifestSet): boolean {
  const isSameList = (one: readonly unknown[], other: readonly unknown[]) =>
    one.length === other.length && one.every((resource, i) => resource === other[i]);
  return (
    isSameList(a.repositories, b.repositories) &&
    isSameList(a.mirrors, b.mirrors) &&
    isSameList(a.secrets, b.secrets) &&
    isDeepStrictEqual(a.problems, b.problems)
  );
}

type Bell = {
  /** True: something happened in the folder; false: nothing did for so long, or the signal stopped the waiting. */
  readonly rings: (waitMs: number, signal: AbortSignal) => Promise<boolean>;
  readonly close: () => void;
};

/** Remembers a change that comes while nobody listens. Without the system's help (too many watches), nothing ever rings. */
function createBell(folder: string): Bell {
  let rung = Promise.withResolvers<true>();
  const watcher = startWatcher(folder, () => rung.resolve(true));
  return {
    rings: async (waitMs, signal) => {
      const waiting = new AbortController();
      const result = await Promise.race([rung.promise, pause(waitMs, AbortSignal.any([signal, waiting.signal]))]);
      waiting.abort();
      if (result !== true) return false;
      rung = Promise.withResolvers();
      return true;
    },
    close: () => watcher?.close(),
  };
}

function startWatcher(folder: string, onEvent: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, onEvent);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

/** Ends early, without an error, when the signal aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
