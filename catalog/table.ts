import { type Block, fileAt } from './block.ts';
import type { Digests, FileVersion } from './file.ts';
import { hashPath, type PathIndex, pathKey, writePathKey } from './path-index.ts';

export { pageFiles, segmentFiles } from './column.ts';

/** The numbered files of one repository: an immutable value that shares pages and index with its predecessors. */
export type Table = {
  /** The number after the last one used. */
  readonly end: number;
  /** Live files and the sum of their known sizes in bytes, files retained after their removal included. */
  readonly liveFiles: number;
  readonly liveBytes: number;
  /** The live number of a path, or -1. */
  find(path: string): number;
  isLive(number: number): boolean;
  /** Also of dead numbers whose page still exists; '' otherwise. */
  path(number: number): string;
  size(number: number): number | undefined;
  modifiedAt(number: number): number | undefined;
  timeSlack(number: number): number;
  digests(number: number): Digests;
  /** The whole file version, dead or live; undefined where its page is gone or was never there. */
  file(number: number): FileVersion | undefined;
  /** Live numbers in [from, to), ascending. */
  live(from?: number, to?: number): Generator<number, void, void>;
  /** The block that holds the number. */
  block(number: number): Block | undefined;
  /** Full pages by ordinal (undefined: no live file left), then the tail's segments, the last of which may still grow. */
  readonly full: readonly (Block | undefined)[];
  readonly tail: readonly Block[];
  readonly index: PathIndex;
};

/** The table over these blocks; the index must hold every live number. */
export function createTable({ end, full, tail, index }: Pick<Table, 'end' | 'full' | 'tail' | 'index'>): Table {
  const block = (number: number): Block | undefined => {
    if (number < 0 || number >= end) return undefined;
    const ordinal = number >>> 14;
    return ordinal < full.length ? full[ordinal] : tail[(number & 16_383) >>> 8];
  };
  const isLive = (number: number) => {
    const found = block(number);
    return found !== undefined && found.dead?.isDead(number - found.first) !== true;
  };
  let keyLength = 0;
  const isKey = (number: number) => {
    const found = block(number);
    if (found === undefined || found.dead?.isDead(number - found.first) === true) return false;
    return found.paths.equals(number - found.first, pathKey, keyLength);
  };
  const blocks = [...full, ...tail].filter((at) => at !== undefined);
  return {
    end,
    full,
    tail,
    index,
    liveFiles: blocks.reduce((sum, at) => sum + at.liveFiles, 0),
    liveBytes: blocks.reduce((sum, at) => sum + at.liveBytes, 0),
    find(path) {
      keyLength = writePathKey(path);
      return keyLength < 0 ? -1 : index.find(hashPath(pathKey, keyLength), isKey);
    },
    isLive,
    block,
    ...createReads(block),
    live: (from = 0, to = end) => liveNumbers(blocks, from, to),
  };
}

type Reads = Pick<Table, 'path' | 'size' | 'modifiedAt' | 'timeSlack' | 'digests' | 'file'>;

function createReads(block: Table['block']): Reads {
  const read = <Value>(number: number, missing: Value, get: (found: Block, index: number) => Value): Value => {
    const found = block(number);
    return found === undefined ? missing : get(found, number - found.first);
  };
  return {
    path: (number) => read(number, '', (found, at) => found.paths.path(at)),
    // Asked for every redirect, so without a call in between.
    size: (number) => {
      const found = block(number);
      return found?.attributes.size(number - found.first);
    },
    modifiedAt: (number) => {
      const found = block(number);
      return found?.attributes.modifiedAt(number - found.first);
    },
    timeSlack: (number) => {
      const found = block(number);
      return found?.attributes.timeSlack(number - found.first) ?? 0;
    },
    digests: (number) => read(number, {}, (found, at) => found.digests?.digests(at) ?? {}),
    file: (number) => read(number, undefined, fileAt),
  };
}

function* liveNumbers(blocks: readonly Block[], from: number, to: number): Generator<number, void, void> {
  for (const { first, count, dead } of blocks) {
    const last = Math.min(to - first, count);
    for (let position = Math.max(0, from - first); position < last; position++) {
      if (dead?.isDead(position) !== true) yield first + position;
    }
  }
}
