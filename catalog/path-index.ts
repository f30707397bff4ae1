import { maxPathBytes } from './path.ts';

/** The path that is being looked up, as bytes: one at a time, so that a look-up makes no garbage. */
export const pathKey = Buffer.alloc(maxPathBytes * 4);

/** Writes the path into `pathKey`; gives its length in bytes, or -1 if it is longer than any path. */
export function writePathKey(path: string): number {
  return path.length > maxPathBytes ? -1 : pathKey.write(path);
}

/** Multiplies in four bytes at a time, with a final mix (Murmur3's) so that neither low nor high bits repeat for similar names. */
export function hashPath(bytes: Uint8Array, length: number): number {
  let hash = length;
  let at = 0;
  for (; at + 3 < length; at += 4) {
    const word =
      (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
    hash = Math.imul(hash ^ word, 0xcc9e2d51);
    hash ^= hash >>> 15;
  }
  for (; at < length; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const mostLoad = 0.7;

/**
 * Open addressing from path hashes to file numbers. Entries are only ever added, so successive tables share one index: an
 * entry is a hint, and the caller verifies that its own table has that path, live, under that number.
 */
export class PathIndex {
  /** Two words each, so that both come with one look at memory: number + 1 (0: free), and the hash, which spares vain verifications. */
  readonly #slots: Uint32Array;
  readonly #mask: number;
  #used = 0;

  constructor(capacityFor: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(64, capacityFor / mostLoad)));
    this.#slots = new Uint32Array(2 * slots);
    this.#mask = slots - 1;
  }

  /** Entries so far, those of dead numbers included. */
  get used(): number {
    return this.#used;
  }

  /** Whether so many more entries leave look-ups short. */
  hasRoomFor(more: number): boolean {
    return this.#used + more <= (this.#mask + 1) * mostLoad;
  }

  add(hash: number, number: number): void {
    let slot = hash & this.#mask;
    while (this.#slots[2 * slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#slots[2 * slot] = number + 1;
    this.#slots[2 * slot + 1] = hash;
    this.#used++;
  }

  /** The first number entered under this hash that passes, or -1. */
  find(hash: number, verify: (number: number) => boolean): number {
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const entry = this.#slots[2 * slot] ?? 0;
      if (entry === 0) return -1;
      if (this.#slots[2 * slot + 1] === hash && verify(entry - 1)) return entry - 1;
    }
  }
}
