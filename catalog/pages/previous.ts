import { type Attributes, decodeAttributes, encodeAttributes } from './attributes.ts';
import { MalformedPage, pageKind, readCount, readU32, writeU32 } from './page.ts';
import { decodeParts, encodeParts } from './parts.ts';

/** The versions before those in grace, by file number: the numbers (u32 each), then a page of attributes. For the operator only. */
export function encodePrevious(previous: ReadonlyMap<number, Attributes>): Uint8Array | undefined {
  if (previous.size === 0) return undefined;
  const sorted = Float64Array.from(previous.keys()).sort();
  const numbers = new Uint8Array(4 * sorted.length);
  const versions: Attributes[] = [];
  for (const [index, number] of sorted.entries()) {
    writeU32(numbers, 4 * index, number);
    versions.push(previous.get(number) ?? { size: undefined, modifiedAt: undefined, timeSlack: 0 });
  }
  return encodeParts(pageKind.Previous, sorted.length, [numbers, encodeAttributes(versions)]);
}

/** Throws MalformedPage. */
export function decodePrevious(bytes: Uint8Array): ReadonlyMap<number, Attributes> {
  const count = readCount(bytes, pageKind.Previous);
  const [numbers = bytes, attributesPart = bytes] = decodeParts(bytes, 2);
  const page = decodeAttributes(attributesPart);
  if (page.count !== count || numbers.length !== 4 * count) {
    throw new MalformedPage('Page of previous versions has parts of unequal length');
  }
  const previous = new Map<number, Attributes>();
  for (let index = 0; index < count; index++) {
    previous.set(readU32(numbers, 4 * index), {
      size: page.size(index),
      modifiedAt: page.modifiedAt(index),
      timeSlack: page.timeSlack(index),
    });
  }
  return previous;
}
