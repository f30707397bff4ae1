import { maxPathBytes } from '../path.ts';
import { ByteSink, headerBytes, MalformedPage, newPage, pageKind, readCount, readU32, writeU32 } from './page.ts';

/** Every sixteenth path is written whole, so that one path is read in at most sixteen steps. */
const restartEvery = 16;

/**
 * Paths by index, front-coded: after the header the offsets (u32, from the page's start) of every sixteenth entry, then
 * entries of shared length, rest length (both LEB128) and the rest's bytes; `shared` counts bytes of the entry before and is 0 at a restart.
 */
export type PathsPage = {
  readonly bytes: Uint8Array;
  readonly count: number;
  path(index: number): string;
  /** Whether the entry is key[0, length); makes no garbage. */
  equals(index: number, key: Uint8Array, length: number): boolean;
  /** Calls back with every path in order; `path` is a buffer that is overwritten for the next, of which [0, length) counts. */
  forEach(visit: (index: number, path: Uint8Array, length: number) => void): void;
};

/** Throws RangeError for a path longer than path.ts allows. */
export function encodePaths(paths: readonly string[]): Uint8Array {
  const encoder = new PathsEncoder();
  for (const path of paths) encoder.add(path);
  return encoder.page();
}

/** Encodes a page of paths one by one, for pages so long that the event loop must have its turn in between. */
export class PathsEncoder {
  readonly #entries = new ByteSink();
  /** Of every sixteenth entry, from the first one's start. */
  readonly #offsets: number[] = [];
  // Larger than any path, so that a path that is too long is not cut to one that fits.
  #path = Buffer.allocUnsafe(maxPathBytes * 4);
  #previous = Buffer.allocUnsafe(maxPathBytes * 4);
  #previousLength = 0;
  #count = 0;

  /** Throws RangeError for a path longer than path.ts allows. */
  add(path: string): void {
    const length = this.#path.write(path);
    if (length > maxPathBytes || path.length > maxPathBytes) throw new RangeError(`Path of over ${maxPathBytes} bytes`);
    const restart = this.#count % restartEvery === 0;
    if (restart) this.#offsets.push(this.#entries.length);
    const shared = restart ? 0 : sharedLength(this.#previous, this.#previousLength, this.#path, length);
    this.#entries.appendVarint(shared);
    this.#entries.appendVarint(length - shared);
    this.#entries.append(this.#path, shared, length);
    [this.#path, this.#previous] = [this.#previous, this.#path];
    this.#previousLength = length;
    this.#count++;
  }

  page(): Uint8Array {
    const head = 4 * this.#offsets.length;
    const bytes = newPage(pageKind.Paths, this.#count, head + this.#entries.length);
    for (const [restart, offset] of this.#offsets.entries()) {
      writeU32(bytes, headerBytes + 4 * restart, headerBytes + head + offset);
    }
    bytes.set(this.#entries.written(), headerBytes + head);
    return bytes;
  }
}

function sharedLength(a: Uint8Array, aLength: number, b: Uint8Array, bLength: number): number {
  const most = Math.min(aLength, bLength);
  let shared = 0;
  while (shared < most && a[shared] === b[shared]) shared++;
  return shared;
}

/** Checks every entry once, so that reading needs no further bounds; throws MalformedPage. */
export function decodePaths(bytes: Uint8Array): PathsPage {
  const count = readCount(bytes, pageKind.Paths);
  check(bytes, count);
  return {
    bytes,
    count,
    path: (index) => (index >= 0 && index < count ? readPath(bytes, index) : ''),
    equals: (index, key, length) => index >= 0 && index < count && equals(bytes, index, key, length),
    forEach: (visit) => forEach(bytes, count, visit),
  };
}

function check(bytes: Uint8Array, count: number): void {
  const cursor = { at: headerBytes + 4 * Math.ceil(count / restartEvery) };
  if (bytes.length < cursor.at + 2 * count) throw new MalformedPage('Page of paths is shorter than its count');
  let length = 0;
  for (let index = 0; index < count; index++) {
    const restart = index % restartEvery === 0;
    if (restart && readU32(bytes, headerBytes + (index / restartEvery) * 4) !== cursor.at) {
      throw new MalformedPage('Page of paths has a wrong restart offset');
    }
    length = checkEntry(bytes, cursor, restart ? 0 : length);
  }
  if (cursor.at !== bytes.length) throw new MalformedPage('Page of paths has bytes left over');
}

/** Moves on by one entry, which may share at most so many bytes; gives the path's length. */
function checkEntry(bytes: Uint8Array, cursor: Cursor, mostShared: number): number {
  const shared = varint(bytes, cursor);
  const rest = varint(bytes, cursor);
  const length = shared + rest;
  cursor.at += rest;
  if (shared > mostShared) throw new MalformedPage('Path shares more than the one before has');
  if (length === 0 || length > maxPathBytes || cursor.at > bytes.length) {
    throw new MalformedPage('Path has no possible length');
  }
  return length;
}

type Cursor = { at: number };

/** Below 2^14, the only lengths a path can have; more gives a number that no check accepts. */
function varint(bytes: Uint8Array, cursor: Cursor): number {
  const low = bytes[cursor.at++] ?? 0;
  return low < 128 ? low : (low & 127) | ((bytes[cursor.at++] ?? 0) << 7);
}

const scratch = Buffer.alloc(maxPathBytes);

function readPath(bytes: Uint8Array, index: number): string {
  let length = 0;
  const cursor = { at: readU32(bytes, headerBytes + 4 * Math.floor(index / restartEvery)) };
  for (let at = index - (index % restartEvery); at <= index; at++) length = readEntry(bytes, cursor, scratch);
  return scratch.toString('utf8', 0, length);
}

/** Turns the path of the entry before into this one's; gives its length. */
function readEntry(bytes: Uint8Array, cursor: Cursor, path: Uint8Array): number {
  const shared = varint(bytes, cursor);
  const rest = varint(bytes, cursor);
  const from = cursor.at;
  for (let at = 0; at < rest; at++) path[shared + at] = bytes[from + at] ?? 0;
  cursor.at = from + rest;
  return shared + rest;
}

function forEach(bytes: Uint8Array, count: number, visit: Parameters<PathsPage['forEach']>[0]): void {
  const cursor = { at: headerBytes + 4 * Math.ceil(count / restartEvery) };
  const path = new Uint8Array(maxPathBytes);
  for (let index = 0; index < count; index++) visit(index, path, readEntry(bytes, cursor, path));
}

/**
 * Compares without rebuilding any path: `matched` is how many first bytes of the entry before equal the key's. An entry
 * that shares more than that differs at the same byte; one that shares less is compared on from there.
 */
function equals(bytes: Uint8Array, index: number, key: Uint8Array, length: number): boolean {
  let from = readU32(bytes, headerBytes + 4 * (index >>> 4));
  let matched = 0;
  let entryLength = 0;
  for (let at = index & ~15; at <= index; at++) {
    // `varint` twice, written out: this loop is most of what a look-up costs.
    let shared = byteAt(bytes, from++);
    if (shared > 127) shared = (shared & 127) | (byteAt(bytes, from++) << 7);
    let rest = byteAt(bytes, from++);
    if (rest > 127) rest = (rest & 127) | (byteAt(bytes, from++) << 7);
    if (shared <= matched) {
      const offset = from - shared;
      const most = Math.min(shared + rest, length);
      matched = shared;
      while (matched < most && bytes[offset + matched] === key[matched]) matched++;
    }
    from += rest;
    entryLength = shared + rest;
  }
  return matched === length && entryLength === length;
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}
