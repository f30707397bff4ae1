import { Failure } from '../failures.ts';
import type { Jobs } from '../jobs.ts';
import type { Repository } from '../resources/repository.ts';
import type { Wake } from '../wake.ts';
import { createReadPublishedSums, type ReadPublishedSums } from './checksums/read-published-sums.ts';
import { computedOf } from './computed-digests.ts';
import { digestTree } from './digest-tree.ts';
import { sourceHost, type SourceDeps } from './source.ts';
import type { RepositoryState } from './state.ts';

export type DigestSourceDeps = SourceDeps & { readonly jobs: Jobs; readonly wake: Pick<Wake, 'publication'> };

/** Finds out digests after an index: what the project publishes, then what reading the bytes of a directory source gives. */
export function digestSource(
  deps: DigestSourceDeps,
): (repository: Repository, state: RepositoryState) => Promise<void> {
  const busy = new Set<string>();
  // By state, so that what is remembered goes with the repository.
  const readers = new WeakMap<RepositoryState, ReadPublishedSums>();
  return async (repository, state) => {
    // A long run meanwhile sees what it started with; the next index brings the rest.
    if (busy.has(state.uid)) return;
    busy.add(state.uid);
    const readSums = readers.get(state) ?? createReadPublishedSums(deps);
    readers.set(state, readSums);
    try {
      await readPublished(deps, readSums, { repository, state });
      await compute(deps, repository, state);
    } finally {
      busy.delete(state.uid);
    }
  };
}

type Subject = { readonly repository: Repository; readonly state: RepositoryState };

async function readPublished(
  { jobs, log, wake }: DigestSourceDeps,
  readSums: ReadPublishedSums,
  { repository, state }: Subject,
): Promise<void> {
  if (repository.spec.checksums.files.length === 0) return;
  const { slot, ledger } = state;
  const { signal } = state.stop;
  const { table } = ledger;
  try {
    await jobs.run(sourceHost(repository), signal, () => readSums({ repository, slot, ledger, signal }));
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof Failure)) throw error;
    log.warn({ repository: slot, reason: error.reason, message: error.message }, 'published checksums cannot be had');
  }
  if (ledger.table !== table) wake.publication(state.uid);
}

async function compute(deps: DigestSourceDeps, repository: Repository, state: RepositoryState): Promise<void> {
  const { directory } = repository.spec.source;
  if (directory === undefined) return;
  const { slot, ledger, stop, uid } = state;
  const algorithms = [...computedOf(repository)];
  const onProgress = (): void => deps.wake.publication(uid);
  await digestTree({ ...deps, onProgress }, { root: directory.path, algorithms, slot, ledger, signal: stop.signal });
}
