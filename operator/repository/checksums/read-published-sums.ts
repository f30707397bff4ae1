import { compileGlobs } from '@geomirror/catalog/glob.ts';
import { Failure, type FailureReason } from '../../failures.ts';
import { concurrently } from '../../scan/http/concurrently.ts';
import type { Repository } from '../../resources/repository.ts';
import type { SourceDeps } from '../source.ts';
import { findDue, noSums, type SumsMemory } from './due.ts';
import { createSumsEntry, type SumsEntry, type SumsLedger } from './enter-sums.ts';
import { parseSums } from './parse-sums.ts';
import { computedOf } from '../computed-digests.ts';
import { openSumsPlace, type SumsPlace } from './sums-place.ts';

export type SumsSubject = {
  readonly repository: Repository;
  /** Name of the repository, for the log. */
  readonly slot: string;
  readonly ledger: SumsLedger;
  readonly signal: AbortSignal;
};

/** Reads what is due of one repository; to be called after each index. */
export type ReadPublishedSums = (subject: SumsSubject) => Promise<void>;

const filesAtOnce = 4;
const filesInOneGo = 500;

/** Failures that the next index may not meet again. */
const passing: ReadonlySet<FailureReason> = new Set<FailureReason>([
  'AddressRefused',
  'Cancelled',
  'CertificateInvalid',
  'CredentialsMissing',
  'LoginRefused',
  'Timeout',
  'Unreachable',
  'UnresolvableHost',
]);

/**
 * Takes digests from the checksums that a project publishes within its tree: CRD field `checksums.files`. A file of checksums is read
 * when it or what it may name is new or changed. Throws Failure if the source cannot be reached; what was not read is due again then.
 */
export function createReadPublishedSums(deps: SourceDeps): ReadPublishedSums {
  let memory = noSums();
  let patterns = '';
  return async (subject) => {
    const { files } = subject.repository.spec.checksums;
    if (patterns !== JSON.stringify(files)) memory = noSums();
    patterns = JSON.stringify(files);
    if (files.length === 0) return;
    const { table } = memory;
    await findDue(memory, subject.ledger.table, compileGlobs(files));
    if (memory.due.size === 0) return;
    const entry = createSumsEntry(subject.ledger, { before: table, computed: computedOf(subject.repository) });
    const troubles: Failure[] = [];
    try {
      await readDue(deps, { subject, memory, entry, troubles });
    } finally {
      await report(deps, subject, { entry, troubles });
    }
  };
}

type Work = {
  readonly subject: SumsSubject;
  readonly memory: SumsMemory;
  readonly entry: SumsEntry;
  readonly troubles: Failure[];
};

async function readDue(deps: SourceDeps, { subject, memory, entry, troubles }: Work): Promise<void> {
  const { repository, signal } = subject;
  const all = [...memory.due];
  for (let from = 0; from < all.length && !signal.aborted; from += filesInOneGo) {
    const paths = all.slice(from, from + filesInOneGo);
    await using place = await openSumsPlace(deps, { repository, paths, signal });
    const waiting = paths.values();
    const read = (path: string): Promise<Failure | undefined> => readSums(place, path, entry);
    const done = async (path: string): Promise<void> => {
      const trouble = await read(path);
      if (trouble !== undefined) troubles.push(trouble);
      if (trouble === undefined || !passing.has(trouble.reason)) memory.due.delete(path);
    };
    const take = (): string | undefined => (signal.aborted ? undefined : waiting.next().value);
    for await (const _done of concurrently(take, done, { limit: filesAtOnce, signal }));
    if (troubles.filter(({ reason }) => passing.has(reason)).length > filesAtOnce) return;
  }
}

async function readSums(place: SumsPlace, path: string, entry: SumsEntry): Promise<Failure | undefined> {
  try {
    for await (const sums of parseSums(path, await place.open(path))) await entry.add(sums);
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

type Outcome = { readonly entry: SumsEntry; readonly troubles: readonly Failure[] };

async function report({ log }: SourceDeps, { slot, signal }: SumsSubject, { entry, troubles }: Outcome): Promise<void> {
  const { files, corrected, contradicted, example } = await entry.finish();
  if (files > 0) log.info({ repository: slot, files }, 'published checksums entered');
  if (corrected > 0) log.info({ repository: slot, files: corrected }, 'published checksums corrected');
  if (contradicted > 0) {
    log.warn(
      { repository: slot, files: contradicted, example },
      'published checksums contradict what is known; the known ones stay',
    );
  }
  const [first] = troubles;
  if (first === undefined || signal.aborted) return;
  log.warn(
    { repository: slot, files: troubles.length, reason: first.reason, example: first.message },
    'files of checksums not read',
  );
}
