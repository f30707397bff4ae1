import type { Address } from '../network/guard.ts';
import type { HTTPClient, HTTPRequest, HTTPResponse } from '../network/client.ts';
import type { Answer, ByteRange } from './answer.ts';

export type RedirectRule = HTTPRequest['redirects'];

/** What every request of a check has in common. */
export type Question = {
  readonly url: URL;
  readonly redirects: RedirectRule;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Connect to exactly this one. */
  readonly address?: Address | undefined;
};

/** The head of an answer; of a server with a certificate, with the Unix ms at which that expires. */
export type AnsweredHead = Answer & { readonly certificateExpiresAt?: number | undefined };

// Some servers refuse HEAD, or refuse it to programs; what counts is what a client's GET would get.
const headRefused: ReadonlySet<number> = new Set([403, 405, 501]);

/** Asks by HEAD, and where that is refused by a GET of the first byte whose body is not waited for. Throws Failure. */
export async function askHead(client: HTTPClient, question: Question): Promise<AnsweredHead> {
  const head = await askAndClose(client, question, 'HEAD');
  return headRefused.has(head.status) ? askAndClose(client, question, 'GET', { first: 0, last: 0 }) : head;
}

async function askAndClose(
  client: HTTPClient,
  question: Question,
  method: 'GET' | 'HEAD',
  range?: ByteRange,
): Promise<AnsweredHead> {
  const { response, answer } = await ask(client, question, method, range);
  await response.close();
  return answer;
}

/** Asks once; the caller reads or closes the response. Throws Failure. */
export async function ask(
  client: HTTPClient,
  question: Question,
  method: 'GET' | 'HEAD',
  range?: ByteRange,
): Promise<{ readonly response: HTTPResponse; readonly answer: AnsweredHead }> {
  const { url, redirects, timeoutMs, signal, address } = question;
  const response = await client.request({
    method,
    url,
    redirects,
    timeoutMs,
    signal,
    ...(range && { headers: { range: `bytes=${range.first}-${range.last}` } }),
    ...(address && { address }),
  });
  const { status, headers, certificateExpiresAt } = response;
  return { response, answer: { method, range, status, headers, url: response.url, certificateExpiresAt } };
}
