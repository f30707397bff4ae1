import type { ListedFile, ListingEnd } from '../../listing.ts';
import { createAddressGuard } from '../../../network/guard.ts';
import { createHTTPClient, type HTTPClient } from '../../../network/client.ts';
import { listHTTP, type CrawlDeps } from '../crawl.ts';
import type { CrawlRequest } from '../open-folder.ts';

/** A client that may speak to loopback, and trusts these PEM certificates too. */
export function loopbackClient(ca: readonly string[] = []): HTTPClient {
  return createHTTPClient({ guard: createAddressGuard({ allow: 'Everything' }), userAgent: 'geomirror test', ca });
}

/** Reads a whole listing with a client of its own. */
export async function listAll(
  url: string,
  request: Partial<CrawlRequest> = {},
  deps: Partial<CrawlDeps> = {},
): Promise<{ readonly files: ListedFile[]; readonly end: ListingEnd }> {
  const client = loopbackClient();
  const files: ListedFile[] = [];
  const listing = listHTTP(
    { client, now: Date.now, random: Math.random, ...deps },
    { url: new URL(url), timeoutMs: 10_000, signal: AbortSignal.timeout(60_000), redirects: 'SameSite', ...request },
  );
  try {
    for (;;) {
      const next = await listing.next();
      if (next.done === true) return { files, end: next.value };
      files.push(...next.value.filter((entry) => entry.kind === 'File'));
    }
  } finally {
    await client.close();
  }
}
