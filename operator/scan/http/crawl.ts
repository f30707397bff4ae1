import { paced, type Pace } from '@geomirror/catalog/pace.ts';

import { Failure, printableURL } from '../../failures.ts';
import { createBatch, createRefusals } from '../entries.ts';
import type { ListedFile, Listing, ListingEnd } from '../listing.ts';
import { concurrently } from './concurrently.ts';
import { fingerprintOf, goesRound, type Folder } from './folder.ts';
import { createOpenFolder, type CrawlRequest, type OpenFolder } from './open-folder.ts';
import type { PageEntry, RefuseName } from './page-entries.ts';
import type { PatienceDeps } from './patient-request.ts';
import { takingTurns } from './turns.ts';

export type CrawlDeps = PatienceDeps & {
  /** Pages read at the same time; 4 by default. */
  readonly requestsAtOnce?: number;
  /** Files and folders of a tree; 10 million by default, more is Failure TooLarge. */
  readonly maxEntries?: number;
};

const maxDepth = 64;

/** Failures without an answer: a host that stopped answering is not asked for each of ten thousand folders. */
const unanswered: ReadonlySet<string> = new Set([
  'Timeout',
  'Unreachable',
  'UnresolvableHost',
  'AddressRefused',
  'CertificateInvalid',
]);
const maxUnansweredInARow = 8;

/**
 * Lists the tree below an http or https URL from its directory pages, the folder found last first. Every page is read
 * once: folders that lead to a page again, by redirect or symbolic link, are left out; folders more than 64 levels down
 * are unreadable. Throws Failure if the root is no listing, if the host stops answering, or if the tree is too large.
 */
export async function* listHTTP(deps: CrawlDeps, request: CrawlRequest): Listing {
  const crawl = createCrawl(deps, request);
  const options = { limit: deps.requestsAtOnce ?? 4, signal: request.signal };
  const batch = createBatch();
  try {
    for await (const files of concurrently(crawl.next, crawl.visit, options)) {
      for (const file of files) {
        batch.add(file);
        yield* batch.full();
      }
    }
  } catch (error) {
    if (!request.signal.aborted) throw error;
    throw new Failure('Cancelled', `the listing of ${printableURL(request.url)} was cancelled`, { cause: error });
  }
  yield* batch.rest();
  return crawl.end();
}

type Crawl = {
  readonly next: () => Folder | undefined;
  readonly visit: (folder: Folder, signal: AbortSignal) => Promise<readonly ListedFile[]>;
  readonly end: () => ListingEnd;
};

function createCrawl(deps: CrawlDeps, request: CrawlRequest): Crawl {
  const read = createPatientReader(deps, request);
  const refusals = createRefusals();
  const pause = takingTurns();
  const waiting: Folder[] = [{ path: '', depth: 0, parent: undefined }];
  const unreadable: string[] = [];
  const maxEntries = deps.maxEntries ?? 10_000_000;
  let entries = 0;

  const enter = (folder: Folder): void => {
    if (request.skipFolder?.(folder.path) === true) return;
    if (folder.depth > maxDepth) unreadable.push(folder.path);
    else waiting.push(folder);
  };

  const take = async (folder: Folder, listed: readonly PageEntry[], pace: Pace): Promise<ListedFile[]> => {
    const files: ListedFile[] = [];
    for (const { name, isFolder, ...file } of listed) {
      if (pace.due()) await pace.rest();
      const path = below(folder, name);
      if (!refusals.accepts(path)) continue;
      if (isFolder) enter({ path, depth: folder.depth + 1, parent: folder });
      else files.push({ kind: 'File', path, ...file });
    }
    return files;
  };

  return {
    next: () => waiting.pop(),
    visit: async (folder, signal) => {
      const pace = paced(pause);
      const refuse: RefuseName = (name, reason) => refusals.refuse(below(folder, name), reason);
      const listed = await read(folder.path, { refuse, pace }, signal);
      if (listed === 'Unreadable') unreadable.push(folder.path);
      if (typeof listed === 'string') return [];
      folder.fingerprint = await fingerprintOf(listed, pace);
      if (goesRound(folder, listed)) return [];
      entries += listed.length;
      if (entries > maxEntries) throw tooManyEntries(request.url, maxEntries);
      return take(folder, listed, pace);
    },
    end: () => ({ unreadable, partlyUnseen: false, refused: refusals.result() }),
  };
}

type PatientReader = (...from: Parameters<OpenFolder>) => Promise<readonly PageEntry[] | 'SeenBefore' | 'Unreadable'>;

/** Takes failures of single folders as they come; throws those of the root, and when too many in a row got no answer. */
function createPatientReader(deps: CrawlDeps, request: CrawlRequest): PatientReader {
  const open = createOpenFolder(deps, request);
  let unansweredInARow = 0;
  return async (path, reading, signal) => {
    try {
      const listed = await open(path, reading, signal);
      unansweredInARow = 0;
      return listed;
    } catch (error) {
      if (!(error instanceof Failure) || path === '' || signal.aborted) throw error;
      unansweredInARow = unanswered.has(error.reason) ? unansweredInARow + 1 : 0;
      if (unansweredInARow >= maxUnansweredInARow) throw error;
      return 'Unreadable';
    }
  };
}

function below(folder: Folder, name: string): string {
  return folder.path === '' ? name : `${folder.path}/${name}`;
}

function tooManyEntries(url: URL, maxEntries: number): Failure {
  return new Failure('TooLarge', `${printableURL(url)} lists more than ${maxEntries} files and folders`);
}
