import { bitAt, countBits, demandLength, headerBytes, newPage, pageKind, readCount, setBit } from './page.ts';

/** Which files of a page or segment are dead: after the header a bitmap, lowest bit first. */
export type DeadPage = {
  readonly bytes: Uint8Array;
  readonly count: number;
  /** How many are dead. */
  readonly dead: number;
  isDead(index: number): boolean;
};

/** Undefined where none is dead. */
export function encodeDead(count: number, dead: Iterable<number>): Uint8Array | undefined {
  const bytes = newPage(pageKind.Dead, count, Math.ceil(count / 8));
  let any = false;
  for (const index of dead) {
    setBit(bytes.subarray(headerBytes), index);
    any = true;
  }
  return any ? bytes : undefined;
}

/** Throws MalformedPage. */
export function decodeDead(bytes: Uint8Array): DeadPage {
  const count = readCount(bytes, pageKind.Dead);
  demandLength(bytes, Math.ceil(count / 8));
  const bitmap = bytes.subarray(headerBytes);
  return { bytes, count, dead: countBits(bitmap, count), isDead: (index) => bitAt(bitmap, index) };
}
