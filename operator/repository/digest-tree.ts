import { join } from 'node:path';
import type { DigestAlgorithm, FileVersion } from '@geomirror/catalog/file.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import type { Logger } from 'pino';
import { hashFile } from './hash-file.ts';
import type { RepositoryState } from './state.ts';

export type DigestDeps = {
  readonly log: Logger;
  readonly now: () => number;
  /** Called after each batch of digests has been entered. */
  readonly onProgress: () => void;
};

const filesAtOnce = 4;
const batchMs = 2000;
const progressMs = 10_000;

/**
 * Reads the bytes of every file of a directory source that lacks one of the digests asked for, several files at once. Digests live
 * with the file's version: what did not change by size and time is never read again.
 */
export async function digestTree(
  deps: DigestDeps,
  root: string,
  algorithms: readonly DigestAlgorithm[],
  state: RepositoryState,
): Promise<void> {
  const { ledger, slot } = state;
  const { signal } = state.stop;
  const table = ledger.table;
  const numbers = lacking(table, algorithms, (number) => ledger.isRetained(number));
  const started = deps.now();
  let batch: FileVersion[] = [];
  let [files, bytes, enteredAt, toldAt] = [0, 0, started, started];

  const enter = async (): Promise<void> => {
    const some = batch;
    batch = [];
    enteredAt = deps.now();
    if (some.length === 0) return;
    await ledger.setDigests(some);
    deps.onProgress();
  };

  const work = async (): Promise<void> => {
    for (const number of numbers) {
      if (signal.aborted) return;
      const [path, size, modifiedAt] = [table.path(number), table.size(number), table.modifiedAt(number)];
      const digests = await hashFile({ file: join(root, path), algorithms, size, modifiedAt, signal });
      if (digests !== undefined) batch.push({ path, size, modifiedAt, timeSlack: table.timeSlack(number), digests });
      files += 1;
      bytes += size ?? 0;
      if (deps.now() - enteredAt >= batchMs) await enter();
      if (deps.now() - toldAt < progressMs) continue;
      toldAt = deps.now();
      deps.log.info({ repository: slot, files, bytes, of: table.liveFiles }, 'hashing the source');
    }
  };

  await Promise.all(Array.from({ length: filesAtOnce }, work));
  await enter();
  if (files > 0) deps.log.info({ repository: slot, files, bytes, durationMs: deps.now() - started }, 'source hashed');
}

/** One generator for all workers: each takes the next number from it. */
function* lacking(
  table: Table,
  algorithms: readonly DigestAlgorithm[],
  isRetained: (number: number) => boolean,
): Generator<number, void, void> {
  for (const number of table.live()) {
    if (isRetained(number)) continue;
    const known = table.digests(number);
    if (algorithms.some((algorithm) => known[algorithm] === undefined)) yield number;
  }
}
