import { encodePath } from '@geomirror/catalog/path.ts';

import { Failure, printableURL } from '../../failures.ts';
import type { HTTPRequest } from '../../network/client.ts';
import type { ListingRequest } from '../listing.ts';
import type { PageEntry } from './page-entries.ts';
import { requestPatiently, type PatienceDeps } from './patient-request.ts';
import { readPage, type Reading } from './read-page.ts';
import { createRequestRate } from './request-rate.ts';
import { statusFailure } from './status-failure.ts';

export type CrawlRequest = ListingRequest & { readonly redirects: HTTPRequest['redirects'] };

/** Reads the page of the folder with this path. `SeenBefore`: a redirect led to a page that has been read already. */
export type OpenFolder = (
  path: string,
  reading: Pick<Reading, 'refuse' | 'pace'>,
  signal: AbortSignal,
) => Promise<readonly PageEntry[] | 'SeenBefore'>;

// Caddy and others choose the form by Accept; JSON has exact sizes and times with a zone.
const accept = 'application/json, text/html;q=0.9, application/xhtml+xml;q=0.8, */*;q=0.1';

/** Opens folders below the request's URL. Throws Failure for everything that is not a listing. */
export function createOpenFolder(deps: PatienceDeps, request: CrawlRequest): OpenFolder {
  const root = rootOf(request.url);
  const rate = createRequestRate(deps, Infinity);
  const seen = new Set<string>();
  const { credentials, timeoutMs, redirects } = request;
  const headers = { accept, 'accept-encoding': 'identity' };

  return async (path, reading, signal) => {
    // Always from the root, so that the client alone decides about redirects and where credentials may go.
    const url = path === '' ? root : new URL(`${encodePath(path)}/`, root);
    const answer = await requestPatiently(deps, rate, {
      method: 'GET',
      url,
      headers,
      timeoutMs,
      signal,
      redirects,
      credentials,
    });
    try {
      if (answer.status !== 200) throw statusFailure(url, answer.status, credentials !== undefined);
      const place = printableURL(answer.url);
      if (seen.has(place)) return 'SeenBefore';
      seen.add(place);
      const page = await readPage(deps, { ...reading, answer, timeoutMs });
      if (page.kind === 'Listing') return page.entries;
      throw new Failure(
        'NoListing',
        `${place} ${page.why}, not a listing of the folder; list it by rsync or FTP, or use method Sample`,
      );
    } finally {
      await answer.close();
    }
  };
}

function rootOf(url: URL): URL {
  const root = new URL(printableURL(url));
  if (!root.pathname.endsWith('/')) root.pathname += '/';
  return root;
}
