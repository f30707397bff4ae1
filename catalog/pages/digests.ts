import { digestAlgorithms, type DigestAlgorithm, type Digests } from '../file.ts';
import {
  bitAt,
  countBits,
  demandLength,
  headerBytes,
  MalformedPage,
  newPage,
  pageKind,
  readCount,
  setBit,
} from './page.ts';

/** Bytes of a digest; the order is the algorithms' number in a page and never changes. */
const digestBytes = { md5: 16, sha1: 20, sha256: 32, sha512: 64 } as const satisfies Record<DigestAlgorithm, number>;

/**
 * Digests by index: after the header one byte with a bit per algorithm present (md5 lowest), then for each of them a bitmap
 * of the files that have it, then for each of them those files' digests in order.
 */
export type DigestsPage = {
  readonly bytes: Uint8Array;
  readonly count: number;
  digests(index: number): Digests;
};

/** Whether the text is a lower-case hexadecimal digest of that algorithm. */
export function isDigest(algorithm: DigestAlgorithm, text: string): boolean {
  return text.length === 2 * digestBytes[algorithm] && /^[0-9a-f]+$/.test(text);
}

/** Undefined where no file has a digest. Throws RangeError for anything that is not a digest of its algorithm. */
export function encodeDigests(files: readonly Digests[]): Uint8Array | undefined {
  const columns = digestAlgorithms.map((algorithm) => packDigests(files, algorithm));
  const present = columns.filter((column) => column !== undefined);
  if (present.length === 0) return undefined;
  const bitmapBytes = Math.ceil(files.length / 8);
  const digestsLength = present.reduce((sum, column) => sum + column.packed.length, 0);
  const bytes = newPage(pageKind.Digests, files.length, 1 + present.length * bitmapBytes + digestsLength);
  columns.forEach((column, algorithm) => column && setBit(bytes.subarray(headerBytes), algorithm));
  let at = headerBytes + 1;
  for (const part of [...present.map(({ bitmap }) => bitmap), ...present.map(({ packed }) => packed)]) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function packDigests(
  files: readonly Digests[],
  algorithm: DigestAlgorithm,
): { bitmap: Uint8Array; packed: Uint8Array } | undefined {
  const bitmap = new Uint8Array(Math.ceil(files.length / 8));
  const packed = Buffer.alloc(files.length * digestBytes[algorithm]);
  let at = 0;
  for (const [index, digests] of files.entries()) {
    const digest = digests[algorithm];
    if (digest === undefined) continue;
    if (!isDigest(algorithm, digest)) throw new RangeError(`Not a ${algorithm} digest: ${JSON.stringify(digest)}`);
    setBit(bitmap, index);
    at += packed.write(digest, at, 'hex');
  }
  return at === 0 ? undefined : { bitmap, packed: packed.subarray(0, at) };
}

type Section = {
  readonly algorithm: DigestAlgorithm;
  readonly width: number;
  readonly bitmap: Uint8Array;
  readonly digests: Buffer;
  /** Digests before each run of 64 files: what makes a look-up cost eight bytes at most. */
  readonly before: Uint32Array;
};

/** Throws MalformedPage. */
export function decodeDigests(bytes: Uint8Array): DigestsPage {
  const count = readCount(bytes, pageKind.Digests);
  const flags = bytes[headerBytes] ?? 0;
  if (flags >= 1 << digestAlgorithms.length) throw new MalformedPage('Page holds digests of an unknown algorithm');
  const sections = readSections(bytes, count, flags);
  return {
    bytes,
    count,
    digests(index) {
      const found: Partial<Record<DigestAlgorithm, string>> = {};
      if (index < 0 || index >= count) return found;
      for (const section of sections) {
        if (bitAt(section.bitmap, index)) found[section.algorithm] = digestAt(section, index);
      }
      return found;
    },
  };
}

function readSections(bytes: Uint8Array, count: number, flags: number): readonly Section[] {
  const algorithms = digestAlgorithms.filter((_, number) => (flags >>> number) & 1);
  const bitmapBytes = Math.ceil(count / 8);
  if (bytes.length < headerBytes + 1 + algorithms.length * bitmapBytes)
    throw new MalformedPage('Page of digests is cut off');
  const bitmaps = algorithms.map((_, position) => {
    const from = headerBytes + 1 + position * bitmapBytes;
    return bytes.subarray(from, from + bitmapBytes);
  });
  const lengths = algorithms.map(
    (algorithm, position) => countBits(bitmaps[position] ?? bytes, count) * digestBytes[algorithm],
  );
  let at = headerBytes + 1 + algorithms.length * bitmapBytes;
  demandLength(
    bytes,
    lengths.reduce((sum, length) => sum + length, at - headerBytes),
  );
  return algorithms.map((algorithm, position) => {
    const bitmap = bitmaps[position] ?? bytes;
    const length = lengths[position] ?? 0;
    const digests = Buffer.from(bytes.buffer, bytes.byteOffset + at, length);
    at += length;
    return { algorithm, width: digestBytes[algorithm], bitmap, digests, before: ranks(bitmap, count) };
  });
}

function ranks(bitmap: Uint8Array, count: number): Uint32Array {
  const before = new Uint32Array(Math.ceil(count / 64));
  let ones = 0;
  for (let run = 0; run < before.length; run++) {
    before[run] = ones;
    ones += countBits(bitmap.subarray(run * 8), Math.min(64, count - run * 64));
  }
  return before;
}

function digestAt({ before, bitmap, digests, width }: Section, index: number): string {
  const run = index >>> 6;
  const position = (before[run] ?? 0) + countBits(bitmap.subarray(run * 8), index & 63);
  return digests.toString('hex', position * width, (position + 1) * width);
}
