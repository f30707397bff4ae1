import { createHTMLReader } from './html-page.ts';
import { createJSONReader } from './json-page.ts';
import type { PageReader, RefuseName } from './page-entries.ts';

/**
 * The reader for a page of `folder` (the final URL, its path ending with a slash) with this Content-Type; a page that is
 * neither HTML nor JSON is no listing.
 */
export function createPageReader(folder: URL, contentType: string | undefined, refuse: RefuseName): PageReader {
  const type = (contentType ?? 'text/html').split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/json' || type === 'text/json') return createJSONReader(refuse);
  if (type === 'text/html' || type === 'application/xhtml+xml') return createHTMLReader(folder, refuse);
  return { write: () => {}, end: () => ({ kind: 'NoListing', why: 'is neither HTML nor JSON' }) };
}
