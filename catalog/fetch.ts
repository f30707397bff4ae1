import type { PageName } from './page-name.ts';
import { MalformedPage } from './pages/page.ts';
import type { Pages } from './store/store.ts';

/** Pages that a manifest needs are not in the store: read the manifest again, and report the names. */
export class MissingPages extends Error {
  readonly names: readonly PageName[];

  constructor(names: readonly PageName[]) {
    super(`${names.length} pages of the catalog are missing, ${names[0] ?? ''} among them`);
    this.name = 'MissingPages';
    this.names = names;
  }
}

export type FetchPages = (names: readonly PageName[]) => Promise<Pages>;

const namesPerFetch = 64;

/** All the named pages, each fetched once, in slices; throws MissingPages with every name that was not there. */
export async function fetchAll(fetchPages: FetchPages, names: Iterable<PageName>): Promise<Map<PageName, Uint8Array>> {
  const wanted = [...new Set(names)];
  const pages = new Map<PageName, Uint8Array>();
  const missing: PageName[] = [];
  for (let at = 0; at < wanted.length; at += namesPerFetch) {
    const slice = wanted.slice(at, at + namesPerFetch);
    const fetched = await fetchPages(slice);
    for (const name of slice) {
      const bytes = fetched.get(name);
      if (bytes === undefined) missing.push(name);
      else pages.set(name, ownMemory(bytes));
    }
  }
  if (missing.length > 0) throw new MissingPages(missing);
  return pages;
}

/** Decompressors hand out small parts of large buffers, and a kept part would keep all of it: such a page is copied. */
function ownMemory(bytes: Uint8Array): Uint8Array {
  return bytes.buffer.byteLength > bytes.length + 1024 ? Uint8Array.from(bytes) : bytes;
}

/** The page of that name among those fetched; throws MalformedPage where the caller did not ask for it. */
export function pageOf(pages: Pages, name: PageName): Uint8Array {
  const bytes = pages.get(name);
  if (bytes === undefined) throw new MalformedPage(`Page ${name} was not fetched`);
  return bytes;
}
