import type { DigestAlgorithm, FileVersion } from '@geomirror/catalog/file.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import type { Ledger } from '../../publish/ledger.ts';
import { isSameVersion } from '../../publish/ledger-state.ts';
import { contradicts, tellsMore } from '../told-digests.ts';
import type { PublishedSum } from './parse-sums.ts';

export type SumsLedger = Pick<Ledger, 'table' | 'isRetained' | 'setDigests' | 'correctDigests'>;

/** Enters published checksums for live files, in batches. */
export type SumsEntry = {
  readonly add: (sums: readonly PublishedSum[]) => Promise<void>;
  readonly finish: () => Promise<SumsEntered>;
};

export type SumsEntered = {
  /** Files that got a digest. */
  readonly files: number;
  /** Files whose known digest was another published one: the project has corrected itself. */
  readonly corrected: number;
  /** Files whose bytes have another digest: that one stays. The first is an example. */
  readonly contradicted: number;
  readonly example: string | undefined;
};

export type SumsRules = {
  /** The table in which the files of checksums were looked for the time before. */
  readonly before: Table | undefined;
  /** Algorithms of which digests come from reading the source's bytes: no published checksum corrects these. */
  readonly computed: ReadonlySet<DigestAlgorithm>;
};

const batchFiles = 2000;

/**
 * A checksum that was right for the version before a file's new one is old news, and is not entered. One that differs from what was
 * published before corrects it: files of checksums are only read again when something about them changed.
 */
export function createSumsEntry(ledger: SumsLedger, { before, computed }: SumsRules): SumsEntry {
  let batch = new Map<string, FileVersion>();
  let corrections = new Map<string, FileVersion>();
  let [files, corrected, contradicted] = [0, 0, 0];
  let example: string | undefined;

  const enter = async (): Promise<void> => {
    const [entered, right] = [[...batch.values()], [...corrections.values()]];
    batch = new Map();
    corrections = new Map();
    files += entered.length;
    corrected += right.length;
    if (entered.length > 0) await ledger.setDigests(entered);
    if (right.length > 0) await ledger.correctDigests(right);
  };

  const addSum = (sum: PublishedSum): void => {
    const { path, algorithm, digest } = sum;
    const file = batch.get(path) ?? liveFile(ledger, path);
    if (file === undefined || isOld(ledger, before, { file, sum })) return;
    const told = { [algorithm]: digest };
    if (contradicts(file.digests, told) && !computed.has(algorithm)) {
      corrections.set(path, { ...file, digests: { ...corrections.get(path)?.digests, ...told } });
    } else if (contradicts(file.digests, told)) {
      contradicted += 1;
      example ??= path;
    } else if (tellsMore(file.digests, told)) batch.set(path, { ...file, digests: { ...file.digests, ...told } });
  };

  return {
    async add(sums) {
      for (const sum of sums) addSum(sum);
      if (batch.size + corrections.size >= batchFiles) await enter();
    },
    async finish() {
      await enter();
      return { files, corrected, contradicted, example };
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
