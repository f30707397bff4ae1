import { printableURL } from '../failures.ts';
import type { ProbeFile } from './choose-files.ts';

/** Status line and headers of an answer, and what was asked for. */
export type Answer = {
  readonly method: 'GET' | 'HEAD';
  /** Set where a Range was asked for. */
  readonly range?: ByteRange | undefined;
  readonly status: number;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
};

/** First and last byte, as RFC 9110 counts them. */
export type ByteRange = { readonly first: number; readonly last: number };

/** What is wrong with an answer, in the words of reasons, and a sentence with URL and status. */
export type Complaint = {
  readonly reason: 'ContentMissing' | 'ContentWrong' | 'RedirectRefused' | 'UnexpectedStatus';
  readonly detail: string;
};

/** What status and headers say against the answer being this file; undefined if nothing does. */
export function complainOf(answer: Answer, file: Pick<ProbeFile, 'path' | 'size'>): Complaint | undefined {
  return complainOfStatus(answer, file.size) ?? complainOfContent(answer, file);
}

function complainOfStatus(answer: Answer, size: number | undefined): Complaint | undefined {
  const { status } = answer;
  if (status === 200 || isExpectedRange(answer, size)) return undefined;
  if (status === 404 || status === 410) return complaint('ContentMissing', answer);
  return complaint(status >= 300 && status < 400 ? 'RedirectRefused' : 'UnexpectedStatus', answer);
}

function isExpectedRange(answer: Answer, size: number | undefined): boolean {
  if (answer.range === undefined) return false;
  // An empty file has no first byte: RFC 9110 15.5.17.
  return answer.status === 206 || (answer.status === 416 && size === 0 && claimedSize(answer) === 0);
}

function complainOfContent(answer: Answer, file: Pick<ProbeFile, 'path' | 'size'>): Complaint | undefined {
  const claimed = claimedSize(answer);
  if (isPage(answer) && !mayBePage(file.path) && (claimed === undefined || claimed !== file.size)) {
    return complaint('ContentWrong', answer, 'with a page (text/html) instead of the file');
  }
  if (claimed !== undefined && file.size !== undefined && claimed !== file.size) {
    return complaint('ContentWrong', answer, `with ${claimed} bytes instead of ${file.size}`);
  }
  return complainOfCoding(answer, file.path) ?? complainOfRange(answer);
}

function complainOfRange(answer: Answer): Complaint | undefined {
  if (answer.status === 206 && !isAskedRange(answer)) {
    return complaint('ContentWrong', answer, 'with another range than the one asked for');
  }
  return undefined;
}

/** A complaint about this answer whose sentence ends with `what`. */
export function complaint(reason: Complaint['reason'], answer: Answer, what?: string): Complaint {
  const said = `${answer.method} ${printableURL(answer.url)} answered ${answer.status}`;
  return { reason, detail: what === undefined ? said : `${said} ${what}` };
}

const contentRange = /^bytes (?:(\d{1,16})-(\d{1,16})|\*)\/(\d{1,16}|\*)$/i;

/** The size in bytes that the answer claims for the whole file, by Content-Range or Content-Length; undefined where it does not say. */
export function claimedSize(answer: Pick<Answer, 'status' | 'headers'>): number | undefined {
  if (answer.status === 206 || answer.status === 416) {
    const total = contentRange.exec(answer.headers['content-range'] ?? '')?.[3];
    return total === undefined || total === '*' ? undefined : Number(total);
  }
  const length = answer.headers['content-length'];
  return length !== undefined && /^\d{1,16}$/.test(length) ? Number(length) : undefined;
}

function isAskedRange({ headers, range }: Answer): boolean {
  const [, first, last] = contentRange.exec(headers['content-range'] ?? '') ?? [];
  return range !== undefined && Number(first) === range.first && Number(last) === range.last;
}

// Extensions of files that are stored in a coding. Servers may label them with it (Apache's AddEncoding): clients are used to that.
const storedAs: ReadonlyMap<string, RegExp> = new Map([
  ['gzip', /\.(gz|tgz|taz|svgz|emz|wmz|gzip)$/i],
  ['compress', /\.(z|taz)$/i],
  ['br', /\.br$/i],
  ['zstd', /\.(zst|tzst|zstd)$/i],
  ['deflate', /(?!)/],
]);

function complainOfCoding(answer: Answer, path: string): Complaint | undefined {
  const coding = unpackedCoding(answer, path);
  if (coding === undefined) return undefined;
  return complaint('ContentWrong', answer, `labelled Content-Encoding: ${coding}, which clients would unpack`);
}

/** A coding that clients undo although the file is not stored in it; those they do not know (`x-bzip2`, `aws-chunked`) harm nobody. */
function unpackedCoding({ headers }: Answer, path: string): string | undefined {
  const codings = (headers['content-encoding'] ?? '').toLowerCase().split(',');
  return codings
    .map((each) => each.trim().replace(/^x-(?=gzip$|compress$)/, ''))
    .find((coding) => storedAs.get(coding)?.test(path) === false);
}

function isPage({ headers }: Answer): boolean {
  return /^\s*(text\/html|application\/xhtml\+xml)\b/i.test(headers['content-type'] ?? '');
}

// A name without an extension says nothing about its type.
function mayBePage(path: string): boolean {
  return /(\.(x?html?|shtml|php\d?|aspx?|jsp)|(^|\/)[^./]+)$/i.test(path);
}
