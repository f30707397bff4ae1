import type { DigestAlgorithm, Digests } from '@geomirror/catalog/file.ts';

import { Failure, printableURL } from '../failures.ts';
import type { HTTPClient } from '../network/client.ts';
import { claimedSize, complainOf, type Answer, type ByteRange, type Complaint } from './answer.ts';
import { ask, askHead, type Question, type RedirectRule } from './ask.ts';
import type { ProbeFile } from './choose-files.ts';
import { fileURL } from './probe-target.ts';
import { readBody, type Pace, type ReadBody } from './read-body.ts';
import type { Closeness, ContentReason } from './rolling-window.ts';
import { strongest } from './source-digest.ts';

export type FileCheck = {
  readonly endpoint: URL;
  readonly file: ProbeFile;
  readonly closeness: Closeness;
  readonly redirects: RedirectRule;
  /** For the answer's headers. */
  readonly timeoutMs: number;
  readonly pace: Pace;
  /** A body of unknown size is read no further. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
};

/** What one look has shown: how closely it came to look, and how many bytes of bodies it received. */
export type FileFinding = {
  readonly closeness: Closeness;
  readonly bytes: number;
  /** Of a whole body of the right size, by the algorithm of the source's strongest digest: where Wrong, nothing else is wrong. */
  readonly digest?: string | undefined;
} & (
  | { readonly kind: 'Clean' }
  | { readonly kind: 'Wrong'; readonly reason: ContentReason; readonly detail: string }
  /** The network or the server failed, which is for probes to judge; `refusedWith`: the status, where that is about the asker. */
  | { readonly kind: 'Inconclusive'; readonly detail: string; readonly refusedWith?: number | undefined }
);

/** Bytes that a look at a range costs. */
export const rangeBytes = 4096;

/** Looks at one file of a mirror as a client would. Throws only when the signal aborts. */
export async function verifyFile(client: HTTPClient, check: FileCheck): Promise<FileFinding> {
  const first = await look(client, check);
  if (!deservesSecondLook(first)) return asSeenBy(client, check, first);
  if (first.refused !== undefined && !(await isFineByHead(client, check))) return first.finding;
  const second = await look(client, check);
  const bytes = first.finding.bytes + second.finding.bytes;
  return { ...(await asSeenBy(client, check, second)), bytes };
}

// A connection can break by accident, and a server be short of something for a moment; twice in a row is what clients get.
const deservesSecondLook = ({ brokenOff, refused }: Look): boolean => brokenOff === true || refused !== undefined;

// Probes ask by HEAD: they judge a server that fails altogether. What HEAD does not show only a body can show, and acquit of.
async function asSeenBy(client: HTTPClient, check: FileCheck, { finding, refused }: Look): Promise<FileFinding> {
  if (check.closeness === 'Head' || finding.closeness !== 'Head' || finding.kind === 'Clean') return finding;
  const reason = finding.kind === 'Wrong' ? finding.reason : refused;
  if (reason === undefined || !(await isFineByHead(client, check))) return finding;
  const detail = `${finding.detail}, although HEAD is answered well`;
  return { kind: 'Wrong', reason, detail, closeness: check.closeness, bytes: finding.bytes };
}

async function isFineByHead(client: HTTPClient, check: FileCheck): Promise<boolean> {
  const { finding } = await look(client, { ...check, closeness: 'Head' });
  return finding.kind === 'Clean';
}

type Look =
  | { readonly finding: FileFinding; readonly brokenOff?: true; readonly refused?: undefined }
  /** No body came: what that means if only bodies do not. */
  | { readonly finding: Inconclusive; readonly refused: ContentReason; readonly brokenOff?: undefined };

type Inconclusive = Extract<FileFinding, { kind: 'Inconclusive' }>;

async function look(client: HTTPClient, check: FileCheck): Promise<Look> {
  try {
    if (check.closeness !== 'Head') return await lookAtBody(client, check);
    const answer = await askHead(client, question(check));
    return { finding: findingOf(complainOf(answer, check.file), answer.status) };
  } catch (error) {
    check.signal.throwIfAborted();
    if (!(error instanceof Failure)) throw error;
    const { reason, message: detail } = error;
    const seen = { detail, closeness: 'Head', bytes: 0 } as const;
    if (reason === 'RedirectRefused') return { finding: { kind: 'Wrong', reason: 'ContentWrong', ...seen } };
    const finding = { kind: 'Inconclusive', ...seen } as const;
    if (check.closeness === 'Head') return { finding };
    return { finding, refused: reason === 'Timeout' ? 'TooSlow' : 'ContentMissing' };
  }
}

async function lookAtBody(client: HTTPClient, check: FileCheck): Promise<Look> {
  const { file, pace, signal } = check;
  const range = check.closeness === 'Range' ? middleOf(file.size ?? rangeBytes) : undefined;
  const { response, answer } = await ask(client, question(check), 'GET', range);
  const complained = complainOf(answer, file);
  if (complained !== undefined || isTooMuch(check, answer)) {
    await response.close();
    return lookOfHead(complained, answer.status);
  }
  const digest = range === undefined ? strongest(file.digests)?.algorithm : undefined;
  const size = range === undefined ? file.size : range.last - range.first + 1;
  const body = await readBody(response, { maxBytes: size ?? check.maxBytes, pace, digest, signal });
  const finding = judgeBody(check, body, { size, digest });
  return body.kind === 'BrokenOff' ? { finding, brokenOff: true } : { finding };
}

function lookOfHead(complained: Complaint | undefined, status: number): Look {
  const finding = findingOf(complained, status);
  const isRefusal = finding.kind === 'Inconclusive' && !aboutTheAsker.has(status);
  return isRefusal ? { finding, refused: 'ContentMissing' } : { finding };
}

// A server may ignore Range (RFC 9110 14.2), and a file whose size nobody told may be beyond the budget.
function isTooMuch(check: FileCheck, answer: Answer): boolean {
  if (answer.range !== undefined) return answer.status !== 206;
  return check.file.size === undefined && (claimedSize(answer) ?? 0) > check.maxBytes;
}

type Expected = { readonly size: number | undefined; readonly digest: DigestAlgorithm | undefined };

function judgeBody(check: FileCheck, body: ReadBody, expected: Expected): FileFinding {
  const seen = { closeness: check.closeness, bytes: body.bytes };
  const wrong = (what: string, reason: ContentReason = 'ContentWrong'): FileFinding => {
    return { kind: 'Wrong', reason, detail: `GET ${shownURL(check)} ${what}`, ...seen };
  };
  switch (body.kind) {
    case 'BrokenOff':
      return wrong(`broke off after ${body.bytes} bytes`);
    case 'Unfinished':
      return { kind: 'Inconclusive', detail: `GET ${shownURL(check)} was not read to its end`, ...seen };
    case 'TooSlow':
      return wrong(`brought only ${body.bytes} bytes in ${(body.tookMs / 1000).toFixed(1)} s`, 'TooSlow');
    case 'TooLong':
      if (expected.size === undefined) return { kind: 'Clean', bytes: body.bytes, closeness: 'Head' };
      return wrong(`brought more than ${expected.size} bytes`);
    case 'Complete': {
      const { digest } = body;
      if (expected.size !== undefined && body.bytes !== expected.size)
        return wrong(`brought ${body.bytes} bytes instead of ${expected.size}`);
      const mismatch = mismatchOf(digest, expected, check.file.digests);
      return mismatch === undefined ? { kind: 'Clean', digest, ...seen } : { ...wrong(mismatch), digest };
    }
  }
}

function mismatchOf(found: string | undefined, { digest }: Expected, digests: Digests): string | undefined {
  if (digest === undefined || found === digests[digest]) return undefined;
  return `brought bytes whose ${digest} is ${found}, not ${digests[digest]}`;
}

function middleOf(size: number): ByteRange {
  const first = Math.max(0, Math.floor((size - rangeBytes) / 2));
  return { first, last: Math.min(size, first + rangeBytes) - 1 };
}

// Too early and too often are about the asker; any other refusal is what every client would get.
const aboutTheAsker: ReadonlySet<number> = new Set([408, 425, 429]);

function findingOf(complained: Complaint | undefined, status: number): FileFinding {
  const seen = { closeness: 'Head', bytes: 0 } as const;
  if (complained === undefined) return { kind: 'Clean', ...seen };
  const { reason, detail } = complained;
  switch (reason) {
    case 'ContentMissing':
    case 'ContentWrong':
      return { kind: 'Wrong', reason, detail, ...seen };
    case 'RedirectRefused':
      return { kind: 'Wrong', reason: 'ContentWrong', detail, ...seen };
    case 'UnexpectedStatus':
      if (aboutTheAsker.has(status)) return { kind: 'Inconclusive', detail, refusedWith: status, ...seen };
      if (status >= 500) return { kind: 'Inconclusive', detail, ...seen };
      return { kind: 'Wrong', reason: 'ContentMissing', detail, ...seen };
  }
}

function question({ endpoint, file, redirects, timeoutMs, signal }: FileCheck): Question {
  return { url: fileURL(endpoint, file.path), redirects, timeoutMs, signal };
}

function shownURL(check: FileCheck): string {
  return printableURL(fileURL(check.endpoint, check.file.path));
}
