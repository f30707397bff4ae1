import type { FileVersion } from '@geomirror/catalog/file.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import type { Ledger } from '../../publish/ledger.ts';
import { isSameVersion } from '../../publish/ledger-state.ts';
import { contradicts, tellsMore } from '../told-digests.ts';
import type { PublishedSum } from './parse-sums.ts';

export type SumsLedger = Pick<Ledger, 'table' | 'isRetained' | 'setDigests'>;

/** Enters published checksums for live files, in batches. */
export type SumsEntry = {
  readonly add: (sums: readonly PublishedSum[]) => Promise<void>;
  readonly finish: () => Promise<SumsEntered>;
};

export type SumsEntered = {
  /** Files that got a digest. */
  readonly files: number;
  /** Files whose known digest is another: it stays. The first is an example. */
  readonly contradicted: number;
  readonly example: string | undefined;
};

const batchFiles = 2000;

/**
 * `before` is the table in which the files of checksums were looked for the time before: a checksum that was right for the version
 * before a file's new one is old news, and is not entered.
 */
export function createSumsEntry(ledger: SumsLedger, before: Table | undefined): SumsEntry {
  let batch = new Map<string, FileVersion>();
  let [files, contradicted] = [0, 0];
  let example: string | undefined;

  const enter = async (): Promise<void> => {
    const entered = batch;
    batch = new Map();
    files += entered.size;
    if (entered.size > 0) await ledger.setDigests([...entered.values()]);
  };

  const addSum = (sum: PublishedSum): void => {
    const { path, algorithm, digest } = sum;
    const file = batch.get(path) ?? liveFile(ledger, path);
    if (file === undefined || isOld(ledger, before, { file, sum })) return;
    const told = { [algorithm]: digest };
    if (contradicts(file.digests, told)) {
      contradicted += 1;
      example ??= path;
    } else if (tellsMore(file.digests, told)) batch.set(path, { ...file, digests: { ...file.digests, ...told } });
  };

  return {
    async add(sums) {
      for (const sum of sums) addSum(sum);
      if (batch.size >= batchFiles) await enter();
    },
    async finish() {
      await enter();
      return { files, contradicted, example };
    },
  };
}

function liveFile(ledger: SumsLedger, path: string): FileVersion | undefined {
  const number = ledger.table.find(path);
  return number === -1 || ledger.isRetained(number) ? undefined : ledger.table.file(number);
}

function isOld(
  { table }: SumsLedger,
  before: Table | undefined,
  { file, sum }: { readonly file: FileVersion; readonly sum: PublishedSum },
): boolean {
  const number = before?.find(file.path) ?? -1;
  // The table of now also knows digests that were found out since.
  const was = table.file(number) ?? before?.file(number);
  return was?.digests[sum.algorithm] === sum.digest && !isSameVersion({ ...was, digests: {} }, file);
}
