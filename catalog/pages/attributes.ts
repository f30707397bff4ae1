import { demandLength, headerBytes, newPage, pageKind, readCount, writeU16, writeU32 } from './page.ts';

/** What a listing says of a file besides its path; units as in FileVersion. */
export type Attributes = {
  readonly size: number | undefined;
  readonly modifiedAt: number | undefined;
  readonly timeSlack: number;
};

/**
 * Sizes and times by index: after the header the sizes' low 32 bits (u32 each), their high 16 bits (u16 each; all ones in
 * both: unknown), times (u32 Unix seconds each; all ones: unknown), and one byte each for the class of time slack.
 */
export type AttributesPage = {
  readonly bytes: Uint8Array;
  readonly count: number;
  size(index: number): number | undefined;
  modifiedAt(index: number): number | undefined;
  timeSlack(index: number): number;
};

/** Seconds of slack that a page can express: second, two seconds, minute, hour, day, week, month, year. */
const timeSlackClasses = [0, 1, 59, 3599, 86_399, 604_799, 2_678_399, 31_622_399] as const;

const bytesPerFile = 11;
const unknown32 = 0xffff_ffff;
const unknown16 = 0xffff;
const unknownSize = 2 ** 48 - 1;

/** The same attributes as a page will give them back: what cannot be expressed becomes unknown, slack the next larger class. */
export function storableAttributes({ size, modifiedAt, timeSlack }: Attributes): Attributes {
  return {
    size: expressible(size, unknownSize) ? size : undefined,
    modifiedAt: expressible(modifiedAt, unknown32) ? modifiedAt : undefined,
    timeSlack: timeSlackClasses[slackClass(timeSlack)] ?? 0,
  };
}

function expressible(value: number | undefined, limit: number): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 && value < limit;
}

function slackClass(seconds: number): number {
  const found = timeSlackClasses.findIndex((most) => seconds <= most);
  return found === -1 ? timeSlackClasses.length - 1 : found;
}

export function encodeAttributes(files: readonly Attributes[]): Uint8Array {
  const count = files.length;
  const bytes = newPage(pageKind.Attributes, count, count * bytesPerFile);
  for (const [index, file] of files.entries()) {
    const { size, modifiedAt } = file;
    const known = expressible(size, unknownSize) ? size : unknownSize;
    writeU32(bytes, headerBytes + 4 * index, known % 2 ** 32);
    writeU16(bytes, headerBytes + 4 * count + 2 * index, Math.floor(known / 2 ** 32));
    writeU32(bytes, headerBytes + 6 * count + 4 * index, expressible(modifiedAt, unknown32) ? modifiedAt : unknown32);
    bytes[headerBytes + 10 * count + index] = slackClass(file.timeSlack);
  }
  return bytes;
}

/** Throws MalformedPage. */
export function decodeAttributes(bytes: Uint8Array): AttributesPage {
  const count = readCount(bytes, pageKind.Attributes);
  demandLength(bytes, count * bytesPerFile);
  // One load for each number; bytes put together are four.
  const content = new DataView(bytes.buffer, bytes.byteOffset + headerBytes, count * bytesPerFile);
  const inside = (index: number) => index >= 0 && index < count;
  return {
    bytes,
    count,
    size(index) {
      if (!inside(index)) return undefined;
      const low = content.getUint32(4 * index, true);
      const high = content.getUint16(4 * count + 2 * index, true);
      return low === unknown32 && high === unknown16 ? undefined : high * 2 ** 32 + low;
    },
    modifiedAt(index) {
      if (!inside(index)) return undefined;
      const time = content.getUint32(6 * count + 4 * index, true);
      return time === unknown32 ? undefined : time;
    },
    timeSlack: (index) =>
      inside(index) ? (timeSlackClasses[bytes[headerBytes + 10 * count + index] ?? 0] ?? 31_622_399) : 0,
  };
}
