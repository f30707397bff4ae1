/** First byte of every page: what it holds. Never renumbered, never reused. */
export const pageKind = {
  Paths: 1,
  Attributes: 2,
  Digests: 3,
  Links: 4,
  Column: 5,
  Dead: 6,
  Exceptions: 7,
  Previous: 8,
  TableList: 9,
  ColumnList: 10,
} as const;
export type PageKind = (typeof pageKind)[keyof typeof pageKind];

/** Second byte of every page. */
const formatVersion = 1;

/** Bytes before a page's content: kind, format version, and the number of entries as u32, little-endian. */
export const headerBytes = 6;

/** A page's bytes are not what its kind and place demand: written by something else, or damaged before it was named. */
export class MalformedPage extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedPage';
  }
}

/** A zeroed page of `contentBytes` behind its header. */
export function newPage(kind: PageKind, count: number, contentBytes: number): Uint8Array {
  const bytes = new Uint8Array(headerBytes + contentBytes);
  bytes[0] = kind;
  bytes[1] = formatVersion;
  writeU32(bytes, 2, count);
  return bytes;
}

/** The number of entries that the header states; throws MalformedPage for another kind or version. */
export function readCount(bytes: Uint8Array, kind: PageKind): number {
  if (bytes.length < headerBytes) throw new MalformedPage(`Page of ${bytes.length} bytes has no header`);
  if (bytes[0] !== kind) throw new MalformedPage(`Page of kind ${bytes[0]} where kind ${kind} is due`);
  if (bytes[1] !== formatVersion)
    throw new MalformedPage(`Page of format version ${bytes[1]}, known is ${formatVersion}`);
  return readU32(bytes, 2);
}

/** Throws MalformedPage unless the page has exactly this content behind its header. */
export function demandLength(bytes: Uint8Array, contentBytes: number): void {
  const expected = headerBytes + contentBytes;
  if (bytes.length !== expected) throw new MalformedPage(`Page of ${bytes.length} bytes where ${expected} are due`);
}

// Reads past the end give 0: every decoder checks lengths before anything is read by number.
export function readU32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0
  );
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}

/** Whether bit `index` of a bitmap is set; lowest bit of a byte first. */
export function bitAt(bitmap: Uint8Array, index: number): boolean {
  return (((bitmap[index >>> 3] ?? 0) >>> (index & 7)) & 1) === 1;
}

export function setBit(bitmap: Uint8Array, index: number): void {
  bitmap[index >>> 3] = (bitmap[index >>> 3] ?? 0) | (1 << (index & 7));
}

const onesOfByte = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

/** How many of the first `length` bits are set. */
export function countBits(bitmap: Uint8Array, length: number): number {
  let ones = 0;
  for (let at = 0; at < length >>> 3; at++) ones += onesOfByte[bitmap[at] ?? 0] ?? 0;
  for (let index = length & ~7; index < length; index++) if (bitAt(bitmap, index)) ones++;
  return ones;
}

/** A growing run of bytes whose final length is not known beforehand. */
export class ByteSink {
  #bytes = new Uint8Array(4096);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Appends a copy of bytes[from, to). */
  append(bytes: Uint8Array, from = 0, to = bytes.length): void {
    this.#reserve(to - from);
    this.#bytes.set(bytes.subarray(from, to), this.#length);
    this.#length += to - from;
  }

  /** Appends an unsigned number below 2^32 as LEB128: seven bits a byte, lowest first, the high bit set on all but the last. */
  appendVarint(value: number): void {
    this.#reserve(5);
    let rest = value;
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  /** What was written so far; valid until the next append. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    larger.set(this.written());
    this.#bytes = larger;
  }
}

/** Reads LEB128 numbers and runs of bytes in order; throws MalformedPage instead of reading past the end. */
export class ByteSource {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 32; shift += 7) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new MalformedPage('Page ends within a number');
      value = (value | ((byte & 127) << shift)) >>> 0;
      if (byte < 128) return value;
    }
    throw new MalformedPage('Page holds an endless number');
  }

  take(length: number): Uint8Array {
    if (this.at + length > this.bytes.length) throw new MalformedPage('Page ends within an entry');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}
