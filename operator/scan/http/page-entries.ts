import type { PathRefusal } from '@geomirror/catalog/path.ts';

import { Failure } from '../../failures.ts';

/** One line of a directory page: a direct child of the listed folder. Sizes and times as in ListedFile. */
export type PageEntry = {
  readonly name: string;
  readonly isFolder: boolean;
  readonly size: number | undefined;
  readonly sizeSlack: number;
  readonly modifiedAt: number | undefined;
  readonly timeSlack: number;
};

/** Takes a name that cannot stand in the catalog, as printed. */
export type RefuseName = (name: string, reason: PathRefusal) => void;

/** A whole page: its entries, or why it is no listing, as the rest of a sentence that begins with the page. */
export type Page =
  | { readonly kind: 'Listing'; readonly entries: readonly PageEntry[] }
  | { readonly kind: 'NoListing'; readonly why: string };

/** Takes a page in pieces. Throws Failure TooLarge when it has more entries than a page may have. */
export type PageReader = { readonly write: (text: string) => void; readonly end: () => Page };

const maxPageEntries = 200_000;

/** The entries of one page by name: of two with one name the one that shows a time stays. */
export type PageEntries = { readonly add: (entry: PageEntry) => void; readonly all: () => PageEntry[] };

/** An empty collection of entries. */
export function createPageEntries(): PageEntries {
  const byName = new Map<string, PageEntry>();
  return {
    add: (entry) => {
      const known = byName.get(entry.name);
      if (known?.modifiedAt === undefined) byName.set(entry.name, entry);
      if (byName.size <= maxPageEntries) return;
      throw new Failure('TooLarge', `The page lists more than ${maxPageEntries} names.`);
    },
    all: () => [...byName.values()],
  };
}
