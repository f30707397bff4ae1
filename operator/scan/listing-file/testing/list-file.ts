import pino from 'pino';
import { createAddressGuard } from '../../../network/guard.ts';
import type { Outside } from '../../../ports.ts';
import { loopbackClient } from '../../http/testing/list.ts';
import type { ListingEnd, ListingEntry } from '../../listing.ts';
import { listListingFile, type ListingFileRequest } from '../listing-file.ts';

/** The world outside as a test has it: loopback is allowed, and logs are not kept. */
export function loopbackOutside(): Outside & AsyncDisposable {
  const client = loopbackClient();
  return {
    client,
    guard: createAddressGuard({ allow: 'Everything' }),
    log: pino({ level: 'silent' }),
    now: Date.now,
    random: Math.random,
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** Reads a whole listing with a client of its own. */
export async function listFile(
  url: string,
  format: ListingFileRequest['format'],
  request: Partial<ListingFileRequest> = {},
): Promise<{ readonly entries: ListingEntry[]; readonly end: ListingEnd }> {
  await using outside = loopbackOutside();
  const listing = listListingFile(outside, {
    url: new URL(url),
    format,
    timeoutMs: 10_000,
    signal: AbortSignal.timeout(60_000),
    redirects: 'Allow',
    ...request,
  });
  const entries: ListingEntry[] = [];
  for (;;) {
    const next = await listing.next();
    if (next.done === true) return { entries, end: next.value };
    entries.push(...next.value);
  }
}
