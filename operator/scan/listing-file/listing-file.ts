import { paced } from '@geomirror/catalog/pace.ts';
import { Failure, printableURL } from '../../failures.ts';
import { printable } from '../../network/explain.ts';
import type { RedirectPolicy } from '../../network/redirect.ts';
import type { Outside } from '../../ports.ts';
import { splitLines } from '../decode-lines.ts';
import { createBatch, createRefusals, type Batch } from '../entries.ts';
import { getFile } from '../http/get-file.ts';
import type { Listing, ListingEnd, ListingRequest } from '../listing.ts';
import { decompress } from './decompress.ts';
import { createFullFileTimeListParser } from './full-file-time-list.ts';
import type { LineParser } from './line-parser.ts';
import { createLsLRParser } from './ls-lr.ts';
import { createRsyncListParser } from './rsync-list.ts';
import { createSumsParser } from './sha256-sums.ts';

export type ListingFormat = 'LsLR' | 'FullFileTimeList' | 'Sha256Sums' | 'RsyncList';

export type ListingFileRequest = ListingRequest & {
  readonly format: ListingFormat;
  readonly redirects: RedirectPolicy;
};

/** Each is given the Unix ms when the listing was made. */
const parsers = {
  LsLR: createLsLRParser,
  FullFileTimeList: createFullFileTimeListParser,
  Sha256Sums: createSumsParser,
  RsyncList: createRsyncListParser,
} as const satisfies Record<ListingFormat, (madeAt: number) => LineParser>;

/** The list of Fedora's 12 million files has one gigabyte. */
const maxBytes = 2 ** 33;
const maxLineBytes = 64 * 1024;
const maxEntries = 20_000_000;
/** So many lines that are not understood, and more than are: this is another kind of file. */
const maxStrange = 10_000;

/**
 * Lists a tree from a file that its project publishes by http or https, packed with gzip, xz or zstd or not at all. Failure
 * ProtocolError for a file that holds no line of that format, that is mostly something else, or that was cut off.
 */
export async function* listListingFile(deps: Outside, request: ListingFileRequest): Listing {
  const doing = `listing ${printableURL(request.url)}`;
  try {
    return yield* list(deps, request, doing);
  } catch (error) {
    if (!request.signal.aborted) throw error;
    throw new Failure('Cancelled', `${doing}: cancelled`, { cause: error });
  }
}

async function* list(deps: Outside, request: ListingFileRequest, doing: string): Listing {
  const file = await getFile(deps, { ...request, maxBytes });
  const reader = createReader(request, doing, file.modifiedAtMs ?? deps.now());
  const plain = decompress(file.chunks, { doing, maxBytes });
  for await (const lines of splitLines(plain, maxLineBytes)) {
    await reader.take(lines);
    request.signal.throwIfAborted();
    yield* reader.batch.full();
  }
  const { strange, example, ...end } = reader.end();
  if (strange > 0) deps.log.debug({ listing: doing, strange, example }, 'lines of a listing were not understood');
  yield* reader.batch.rest();
  return end;
}

type Reader = {
  readonly batch: Batch;
  /** Throws Failure as soon as it shows that this is no such listing. */
  readonly take: (lines: readonly string[]) => Promise<void>;
  readonly end: () => ListingEnd & Pick<Tally, 'strange' | 'example'>;
};

function createReader({ format, skipFolder }: ListingFileRequest, doing: string, madeAt: number): Reader {
  const parser = parsers[format](madeAt);
  const refusals = createRefusals();
  const batch = createBatch();
  const tally: Tally = { entries: 0, strange: 0, example: '' };
  const pace = paced();

  const takeLine = (line: string): void => {
    const meaning = parser.read(line);
    if (meaning === 'Understood') return;
    if (meaning === 'NotUnderstood') return noteStrange(tally, line);
    tally.entries += 1;
    if (refusals.accepts(meaning.path)) batch.add(meaning);
  };

  return {
    batch,
    async take(lines) {
      for (const line of lines) {
        takeLine(line);
        if (pace.due()) await pace.rest();
      }
      judge(tally, { doing, format });
    },
    end() {
      if (tally.entries === 0) throw notThisFormat(tally, { doing, format });
      const { unreadable, partlyUnseen } = parser.end();
      const missing = unreadable.filter((folder) => skipFolder?.(folder) !== true);
      const { strange, example } = tally;
      return { unreadable: missing, partlyUnseen, refused: refusals.result(), strange, example };
    },
  };
}

/** `strange` lines were not understood. */
type Tally = { entries: number; strange: number; example: string };

type Told = { readonly doing: string; readonly format: ListingFormat };

function noteStrange(tally: Tally, line: string): void {
  tally.strange += 1;
  if (tally.example === '') tally.example = printable(line, 100);
}

function judge(tally: Tally, told: Told): void {
  if (tally.strange > maxStrange && tally.strange > tally.entries) throw notThisFormat(tally, told);
  if (tally.entries > maxEntries) throw new Failure('TooLarge', `${told.doing}: over ${maxEntries} entries`);
}

function notThisFormat({ entries, strange, example }: Tally, { doing, format }: Told): Failure {
  const found =
    strange === 0 ? 'it is empty' : `of ${entries + strange} lines ${strange} are something else, such as "${example}"`;
  return new Failure('ProtocolError', `${doing}: this is not in the format ${format}: ${found}`);
}
