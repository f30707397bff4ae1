import type { ListingEntry } from '../listing.ts';

/** What a line of a published listing means. `Understood`: nothing to list, such as a heading. */
export type LineMeaning = ListingEntry | 'Understood' | 'NotUnderstood';

/** What a listing left out, as far as it shows: see ListingEnd. */
export type LineParserEnd = { readonly unreadable: readonly string[]; readonly partlyUnseen: boolean };

/** Reads one listing line by line; lines are latin1 text, one character per byte, without line end. */
export type LineParser = {
  readonly read: (line: string) => LineMeaning;
  readonly end: () => LineParserEnd;
};

/** The end of a format that does not tell what it leaves out. */
export const complete: LineParserEnd = { unreadable: [], partlyUnseen: false };
