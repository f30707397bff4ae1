import { encodePath } from '@geomirror/catalog/path.ts';

import { Failure, printableURL } from '../../failures.ts';
import type { HTTPRequest, HTTPResponse } from '../../network/client.ts';
import type { Credentials } from '../listing.ts';
import { concurrently } from './concurrently.ts';
import { requestPatiently, type PatienceDeps } from './patient-request.ts';
import { createRequestRate, type RequestRate } from './request-rate.ts';

export type HeadPlan = {
  /** Ends with a slash. */
  readonly base: URL;
  readonly credentials?: Credentials | undefined;
  readonly requestsPerSecond: number;
  readonly atOnce: number;
  readonly timeoutMs: number;
  readonly redirects: HTTPRequest['redirects'];
  readonly signal: AbortSignal;
};

/** What a HEAD said of a file. */
export type HeadAnswer = PresentFile | MissingFile | UnreachableFile;

/** Bytes and Unix seconds, undefined where the server does not say; `isPage`: it is served as HTML. */
export type PresentFile = {
  readonly kind: 'Present';
  readonly path: string;
  readonly size: number | undefined;
  readonly modifiedAt: number | undefined;
  readonly isPage: boolean;
};
export type MissingFile = { readonly kind: 'Missing'; readonly path: string };
export type UnreachableFile = { readonly kind: 'Unreachable'; readonly path: string; readonly message: string };

/** A host that stopped answering is not asked for the rest. */
const maxUnreachableInARow = 8;

/**
 * Asks for the size and time of files by HEAD over kept connections, at most `requestsPerSecond`, and yields the answers as they
 * come. Throws the Failure of the last one when eight in a row are unreachable.
 */
export async function* headFiles(
  deps: PatienceDeps,
  plan: HeadPlan,
  paths: Iterable<string> | AsyncIterable<string>,
): AsyncGenerator<HeadAnswer, void, void> {
  const rate = createRequestRate(deps, plan.requestsPerSecond);
  const source = iterate(paths);
  const take = async (): Promise<string | undefined> => {
    const next = await source.next();
    return next.done === true ? undefined : next.value;
  };
  const ask = (path: string, signal: AbortSignal): Promise<HeadAnswer> => head(deps, rate, { ...plan, signal, path });
  let inARow = 0;
  try {
    for await (const answer of concurrently(take, ask, { limit: plan.atOnce, signal: plan.signal })) {
      inARow = answer.kind === 'Unreachable' ? inARow + 1 : 0;
      if (answer.kind === 'Unreachable' && inARow >= maxUnreachableInARow)
        throw new Failure('Unreachable', answer.message);
      yield answer;
    }
  } catch (error) {
    if (!plan.signal.aborted) throw error;
    throw new Failure('Cancelled', `asking ${printableURL(plan.base)} for files was cancelled`, { cause: error });
  }
}

async function* iterate<T>(items: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T, void, void> {
  yield* items;
}

async function head(deps: PatienceDeps, rate: RequestRate, plan: HeadPlan & { path: string }): Promise<HeadAnswer> {
  const { path, base, credentials, timeoutMs, signal, redirects } = plan;
  const url = new URL(encodePath(path), base);
  const headers = { 'accept-encoding': 'identity' };
  try {
    const answer = await requestPatiently(deps, rate, {
      method: 'HEAD',
      url,
      headers,
      timeoutMs,
      signal,
      redirects,
      credentials,
    });
    await answer.close();
    return judge(path, answer);
  } catch (error) {
    if (!(error instanceof Failure) || signal.aborted) throw error;
    return { kind: 'Unreachable', path, message: error.message };
  }
}

function judge(path: string, answer: HTTPResponse): HeadAnswer {
  const { status, headers, url } = answer;
  if (status === 404 || status === 410) return { kind: 'Missing', path };
  if (status !== 200) return { kind: 'Unreachable', path, message: `${printableURL(url)} answered ${status} to HEAD` };
  const isPage = /^(text\/html|application\/xhtml\+xml)\b/i.test(headers['content-type'] ?? '');
  return { kind: 'Present', path, size: contentLength(headers), modifiedAt: lastModified(headers), isPage };
}

// Encoded content has another length than the file.
function contentLength(headers: HTTPResponse['headers']): number | undefined {
  const length = headers['content-length'] ?? '';
  if ((headers['content-encoding'] ?? 'identity') !== 'identity' || !/^\d{1,15}$/.test(length)) return undefined;
  return Number(length);
}

function lastModified(headers: HTTPResponse['headers']): number | undefined {
  const milliseconds = Date.parse(headers['last-modified'] ?? '');
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}
