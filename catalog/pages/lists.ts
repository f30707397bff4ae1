import type { PageName } from '../page-name.ts';
import {
  bitAt,
  countBits,
  demandLength,
  headerBytes,
  MalformedPage,
  newPage,
  pageKind,
  readCount,
  readU32,
  setBit,
  writeU32,
} from './page.ts';

const nameBytes = 16;
/** More than any repository has, and small enough that a garbled count cannot exhaust memory. */
const mostEntries = 2 ** 22;

/**
 * Names by place: those of full pages in order, then those of finished segments. After the header (count: places in all) the number of full
 * pages as u32, a bitmap of the places that have a name, and those names of 16 bytes each. A place without name: nothing there.
 */
export type PageList = {
  readonly full: readonly (PageName | null)[];
  readonly segments: readonly (PageName | null)[];
};

/** A table's list has four names per page, in the order of SegmentPages; a column's has one. */
export type ListKind = 'Table' | 'Column';

const kinds = { Table: pageKind.TableList, Column: pageKind.ColumnList } as const;

export function encodeList(kind: ListKind, { full, segments }: PageList): Uint8Array {
  const names = [...full, ...segments];
  const bitmapBytes = Math.ceil(names.length / 8);
  const present = names.filter((name) => name !== null);
  const bytes = newPage(kinds[kind], names.length, 4 + bitmapBytes + present.length * nameBytes);
  writeU32(bytes, headerBytes, full.length);
  const bitmap = bytes.subarray(headerBytes + 4);
  names.forEach((name, place) => name !== null && setBit(bitmap, place));
  const target = Buffer.from(bytes.buffer);
  present.forEach((name, place) => target.write(name, headerBytes + 4 + bitmapBytes + place * nameBytes, 'base64url'));
  return bytes;
}

/** Throws MalformedPage. */
export function decodeList(kind: ListKind, bytes: Uint8Array): PageList {
  const count = readCount(bytes, kinds[kind]);
  const fullCount = readU32(bytes, headerBytes);
  const bitmapBytes = Math.ceil(count / 8);
  if (count > mostEntries || fullCount > count) throw new MalformedPage('List of pages has an impossible count');
  if (bytes.length < headerBytes + 4 + bitmapBytes) throw new MalformedPage('List of pages is cut off');
  const bitmap = bytes.subarray(headerBytes + 4, headerBytes + 4 + bitmapBytes);
  demandLength(bytes, 4 + bitmapBytes + countBits(bitmap, count) * nameBytes);
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = headerBytes + 4 + bitmapBytes;
  const names = Array.from({ length: count }, (_, place) => {
    if (!bitAt(bitmap, place)) return null;
    at += nameBytes;
    return source.toString('base64url', at - nameBytes, at);
  });
  return { full: names.slice(0, fullCount), segments: names.slice(fullCount) };
}
