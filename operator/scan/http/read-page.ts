import type { Pace } from '@geomirror/catalog/pace.ts';

import { Failure, printableURL } from '../../failures.ts';
import type { HTTPResponse } from '../../network/client.ts';
import type { Page, RefuseName } from './page-entries.ts';
import { createPageReader } from './page.ts';

const maxPageBytes = 32 * 1024 * 1024;

// The HTML parser takes about a millisecond for a piece of this length.
const pieceBytes = 16 * 1024;

// Silence is the client's to end; a page that trickles would never be silent.
const slowestBytesPerSecond = 1024;

export type Reading = {
  readonly answer: HTTPResponse;
  readonly refuse: RefuseName;
  readonly pace: Pace;
  /** A page that takes longer than this must bring a kibibyte a second. */
  readonly timeoutMs: number;
};

/**
 * Reads an answer of status 200 as a directory page, without blocking the event loop. Throws Failure TooLarge, Timeout when
 * the page trickles, and what the body throws.
 */
export async function readPage(deps: { readonly now: () => number }, reading: Reading): Promise<Page> {
  const { answer, refuse, pace, timeoutMs } = reading;
  const reader = createPageReader(answer.url, answer.headers['content-type'], refuse);
  const decoder = new TextDecoder();
  const startedAt = deps.now();
  let bytes = 0;
  for await (const chunk of answer.body) {
    bytes += chunk.length;
    if (bytes > maxPageBytes) throw tooLarge(answer.url);
    const elapsedMs = deps.now() - startedAt;
    if (elapsedMs > timeoutMs && bytes * 1000 < elapsedMs * slowestBytesPerSecond) throw tooSlow(answer.url);
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      reader.write(decoder.decode(chunk.subarray(at, at + pieceBytes), { stream: true }));
      if (pace.due()) await pace.rest();
    }
  }
  return reader.end();
}

function tooLarge(url: URL): Failure {
  return new Failure('TooLarge', `the page ${printableURL(url)} is longer than ${maxPageBytes / 1024 / 1024} MiB`);
}

function tooSlow(url: URL): Failure {
  return new Failure('Timeout', `the page ${printableURL(url)} comes more slowly than a kibibyte a second`);
}
