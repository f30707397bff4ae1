import { availability, type Availability } from './file.ts';

/** Files of a full page of the table, and of a finished segment of its tail. */
export const pageFiles = 16_384;
export const segmentFiles = 256;

/** Bytes of a full column page without its header: two bits a file. */
export const columnPageBytes = pageFiles / 4;

/** What one mirror has of the tree: two bits per file number. */
export type Column = {
  /** Absent for numbers past its end and on missing pages. */
  get(number: number): Availability;
  /** By page ordinal (number >>> 14), each of 4 096 raw bytes; undefined: all Absent. Lowest bits first. */
  readonly pages: readonly (Uint8Array | undefined)[];
};

/** A column that is being written, for a scan's outcome. */
export type ColumnBits = Column & { set(number: number, value: Availability): void };

/** The bits of `number` in pages of 4 096 raw bytes. */
export function bitsOf(pages: readonly (Uint8Array | undefined)[], number: number): Availability {
  return bitsIn(pages[number >>> 14], number);
}

/** The bits of `number` in the page of 4 096 raw bytes that it is on. */
export function bitsIn(page: Uint8Array | undefined, number: number): Availability {
  const byte = page?.[(number & 16_383) >>> 2] ?? 0;
  return ((byte >>> ((number & 3) << 1)) & 3) as Availability;
}

/** The pages of columns by ordinal, then by column: for whoever asks many columns for one file. */
export function pagesByOrdinal(columns: readonly Column[]): readonly (readonly (Uint8Array | undefined)[])[] {
  const most = columns.reduce((longest, { pages }) => Math.max(longest, pages.length), 0);
  return Array.from({ length: most }, (_, ordinal) => columns.map(({ pages }) => pages[ordinal]));
}

/** Writes the bits of `number` into a page of 4 096 raw bytes. */
export function setBits(page: Uint8Array, number: number, value: Availability): void {
  const at = (number & 16_383) >>> 2;
  const shift = (number & 3) << 1;
  page[at] = ((page[at] ?? 0) & ~(3 << shift)) | (value << shift);
}

/** Makes the files from `index` on Absent in a page of raw bytes. */
export function clearFrom(page: Uint8Array, index: number): void {
  const at = index >>> 2;
  page.fill(0, at + 1);
  page[at] = (page[at] ?? 0) & ((1 << ((index & 3) << 1)) - 1);
}

/** A column over ready pages, which must not be written to any more. */
export function columnOf(pages: readonly (Uint8Array | undefined)[]): Column {
  return { pages, get: (number) => bitsOf(pages, number) };
}

/** An empty column to be filled number by number, in any order. */
export function createColumnBits(): ColumnBits {
  const pages: (Uint8Array | undefined)[] = [];
  return {
    pages,
    get: (number) => bitsOf(pages, number),
    set(number, value) {
      const ordinal = number >>> 14;
      let page = pages[ordinal];
      if (page === undefined) {
        if (value === availability.Absent) return;
        while (pages.length < ordinal) pages.push(undefined);
        page = new Uint8Array(columnPageBytes);
        pages[ordinal] = page;
      }
      setBits(page, number, value);
    },
  };
}
