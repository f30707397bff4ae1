import { headerBytes, MalformedPage, newPage, type PageKind, readU32, writeU32 } from './page.ts';

/** A page made of parts: after the header the length of each part (u32), then the parts. */
export function encodeParts(kind: PageKind, count: number, parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + 4 + part.length, 0);
  const bytes = newPage(kind, count, length);
  let at = headerBytes + 4 * parts.length;
  for (const [index, part] of parts.entries()) {
    writeU32(bytes, headerBytes + 4 * index, part.length);
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The parts of a page that must have exactly `count` of them and nothing else; throws MalformedPage. */
export function decodeParts(bytes: Uint8Array, count: number): readonly Uint8Array[] {
  let at = headerBytes + 4 * count;
  const parts: Uint8Array[] = [];
  for (let index = 0; index < count; index++) {
    const length = readU32(bytes, headerBytes + 4 * index);
    if (at + length > bytes.length) throw new MalformedPage('Page is shorter than its parts');
    parts.push(bytes.subarray(at, at + length));
    at += length;
  }
  if (at !== bytes.length) throw new MalformedPage('Page has bytes left over behind its parts');
  return parts;
}
