import { digestAlgorithms } from '@geomirror/catalog/file.ts';
import type { Logger } from 'pino';
import type { Repository } from '../resources/repository.ts';
import type { Wake } from '../wake.ts';
import { digestTree } from './digest-tree.ts';
import type { RepositoryState } from './state.ts';

export type DigestSourceDeps = { readonly log: Logger; readonly now: () => number; readonly wake: Wake };

/** Finds out digests after an index: what the project publishes, then what reading the bytes of a directory source gives. */
export function digestSource(
  deps: DigestSourceDeps,
): (repository: Repository, state: RepositoryState) => Promise<void> {
  const busy = new Set<string>();
  return async (repository, state) => {
    // A long run meanwhile sees what it started with; the next index brings the rest.
    if (busy.has(state.uid)) return;
    busy.add(state.uid);
    const onProgress = (): void => deps.wake.publication(state.uid);
    try {
      const { source, checksums } = repository.spec;
      const algorithms = digestAlgorithms.filter((algorithm) =>
        checksums.compute.some((wanted) => wanted.toLowerCase() === algorithm),
      );
      if (source.directory !== undefined) {
        const plan = {
          root: source.directory.path,
          algorithms,
          slot: state.slot,
          ledger: state.ledger,
          signal: state.stop.signal,
        };
        await digestTree({ ...deps, onProgress }, plan);
      }
    } finally {
      busy.delete(state.uid);
    }
  };
}
