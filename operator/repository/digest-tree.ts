import { realpath } from 'node:fs/promises';
import type { DigestAlgorithm, FileVersion } from '@geomirror/catalog/file.ts';
import { paced } from '@geomirror/catalog/pace.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import type { Logger } from 'pino';
import type { Ledger } from '../publish/ledger.ts';
import { concurrently } from '../scan/http/concurrently.ts';
import { hashFile } from './hash-file.ts';

export type DigestDeps = {
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly now: () => number;
  /** Called after each batch of digests has been entered. */
  readonly onProgress: () => void;
};

export type DigestPlan = {
  /** Absolute path of the tree, which may be a link. */
  readonly root: string;
  readonly algorithms: readonly DigestAlgorithm[];
  /** Name of the repository, for the log. */
  readonly slot: string;
  readonly ledger: Pick<Ledger, 'table' | 'isRetained' | 'setDigests'>;
  /** Ends the work; what has been read is kept. */
  readonly signal: AbortSignal;
};

const filesAtOnce = 4;
const progressMs = 10_000;

/** The first digests are out soon; a run of hours does not make everyone load a new catalog every other second. */
const batchMs = (elapsedMs: number): number => Math.min(2000 + elapsedMs / 10, 30_000);

/**
 * Reads the bytes of every file of a directory source that lacks one of the digests asked for, several files at once. Digests live
 * with the file's version: what did not change by size and time is never read again.
 */
export async function digestTree(deps: DigestDeps, plan: DigestPlan): Promise<void> {
  const { ledger, signal, slot } = plan;
  const root = await realpath(plan.root).catch(() => undefined);
  if (root === undefined || plan.algorithms.length === 0) return;
  const table = ledger.table;
  const numbers = lacking(table, plan.algorithms, (number) => ledger.isRetained(number));
  const take = async (): Promise<number | undefined> => {
    const next = signal.aborted ? undefined : await numbers.next();
    return next?.value ?? undefined;
  };
  const read = (number: number, stop: AbortSignal): Promise<Read> =>
    readFile(table, number, { ...plan, root, signal: stop });
  const progress = createProgress(deps, ledger);
  try {
    for await (const file of concurrently(take, read, { limit: filesAtOnce, signal })) {
      await progress.add(file);
      if (progress.isDue()) deps.log.info({ repository: slot, ...progress.tell() }, 'hashing the source');
    }
  } finally {
    await progress.enter();
  }
  const { files, ...told } = progress.tell();
  if (files > 0) deps.log.info({ repository: slot, files, ...told }, 'source hashed');
}

/** The version with what was found out about it; `isHashed`: digests were found. */
type Read = { readonly version: FileVersion; readonly isHashed: boolean };

async function readFile(table: Table, number: number, plan: DigestPlan): Promise<Read> {
  const [path, size, modifiedAt] = [table.path(number), table.size(number), table.modifiedAt(number)];
  const known = table.digests(number);
  const algorithms = plan.algorithms.filter((algorithm) => known[algorithm] === undefined);
  const digests = await hashFile({ ...plan, path, algorithms, size, modifiedAt });
  const version = { path, size, modifiedAt, timeSlack: table.timeSlack(number), digests: digests ?? {} };
  return { version, isHashed: digests !== undefined };
}

/** Live numbers that lack a digest, in slices that leave the event loop free. */
async function* lacking(
  table: Table,
  algorithms: readonly DigestAlgorithm[],
  isRetained: (number: number) => boolean,
): AsyncGenerator<number, void, void> {
  const pace = paced();
  for (const number of table.live()) {
    if (pace.due()) await pace.rest();
    if (isRetained(number)) continue;
    const known = table.digests(number);
    if (algorithms.some((algorithm) => known[algorithm] === undefined)) yield number;
  }
}

type Progress = {
  readonly add: (file: Read) => Promise<void>;
  readonly enter: () => Promise<void>;
  /** Whether it is time to tell again. */
  readonly isDue: () => boolean;
  readonly tell: () => {
    readonly files: number;
    readonly bytes: number;
    readonly skipped: number;
    readonly durationMs: number;
  };
};

function createProgress({ now, onProgress }: DigestDeps, ledger: Pick<Ledger, 'setDigests'>): Progress {
  const started = now();
  let [files, bytes, skipped, enteredAt, toldAt] = [0, 0, 0, started, started];
  let batch: FileVersion[] = [];

  const enter = async (): Promise<void> => {
    const entered = batch;
    batch = [];
    if (entered.length > 0) {
      await ledger.setDigests(entered);
      onProgress();
    }
    enteredAt = now();
  };

  return {
    enter,
    async add({ version, isHashed }) {
      files += 1;
      bytes += isHashed ? (version.size ?? 0) : 0;
      skipped += isHashed ? 0 : 1;
      if (isHashed) batch.push(version);
      if (now() - enteredAt >= batchMs(now() - started)) await enter();
    },
    isDue: () => now() - toldAt >= progressMs,
    tell() {
      toldAt = now();
      return { files, bytes, skipped, durationMs: toldAt - started };
    },
  };
}
