import { demandLength, headerBytes, MalformedPage, newPage, pageKind, readCount } from './page.ts';

/** A column page: after the header two bits a file, lowest bits first, of `count` files. Undefined where all are Absent. */
export function encodeColumnPage(bits: Uint8Array): Uint8Array | undefined {
  if (bits.every((byte) => byte === 0)) return undefined;
  const bytes = newPage(pageKind.Column, bits.length * 4, bits.length);
  bytes.set(bits, headerBytes);
  return bytes;
}

/** The raw bits, a view into the page; throws MalformedPage unless it has those of exactly `count` files. */
export function decodeColumnPage(bytes: Uint8Array, count: number): Uint8Array {
  if (readCount(bytes, pageKind.Column) !== count) throw new MalformedPage(`Column page is not one of ${count} files`);
  demandLength(bytes, Math.ceil(count / 4));
  return bytes.subarray(headerBytes);
}
