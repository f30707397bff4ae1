import { type Block, encodeBlock, fileAt, withDeaths, withDigests } from './block.ts';
import type { Digests, FileVersion } from './file.ts';
import type { Pace } from './pace.ts';
import { indexBlocks } from './index-blocks.ts';
import { PathIndex } from './path-index.ts';
import { createTable, pageFiles, segmentFiles, type Table } from './table.ts';

/** Changes to a table that become one new table. */
export type TableEdit = {
  /** The number the next added file gets. */
  readonly end: number;
  /** Gives the file its number; its path must not have another live number when the edit is finished. */
  add(file: FileVersion): number;
  kill(number: number): void;
  /** Replaces the digests of a number of the edited table. */
  setDigests(number: number, digests: Digests): void;
  finish(pace: Pace): Promise<Table>;
};

/** A table without files. */
export function emptyTable(): Table {
  return createTable({ end: 0, full: [], tail: [], index: new PathIndex(0) });
}

export function editTable(table: Table): TableEdit {
  const growing = table.end % segmentFiles === 0 ? undefined : table.tail.at(-1);
  const files =
    growing === undefined ? [] : Array.from({ length: growing.count }, (_, index) => fileAt(growing, index));
  const first = table.end - files.length;
  const killed = new Set<number>();
  const digests = new Map<number, Digests>();
  for (let index = 0; index < files.length; index++)
    if (growing?.dead?.isDead(index) === true) killed.add(first + index);
  return {
    get end() {
      return first + files.length;
    },
    add(file) {
      files.push(file);
      return first + files.length - 1;
    },
    kill: (number) => void killed.add(number),
    setDigests(number, value) {
      const file = files[number - first];
      if (file === undefined) digests.set(number, value);
      else files[number - first] = { ...file, digests: value };
    },
    async finish(pace) {
      const blocks = { full: [...table.full], tail: table.tail.filter((block) => block !== growing) };
      await applyChanges(blocks, groupByBlock(killed, digests, first), pace);
      await appendFiles(blocks, { first, files, killed }, pace);
      const full = blocks.full.map((block) => (block?.liveFiles === 0 ? undefined : block));
      const next = { end: first + files.length, full, tail: blocks.tail };
      return createTable({ ...next, index: await indexBlocks(next, table, pace) });
    },
  };
}

type Blocks = { full: (Block | undefined)[]; tail: Block[] };
type Change = { readonly deaths: Set<number>; readonly digests: Map<number, Digests> };

/** Changes below `end` by the first number of their segment: the smallest unit that a block can be. */
function groupByBlock(
  killed: ReadonlySet<number>,
  digests: ReadonlyMap<number, Digests>,
  end: number,
): ReadonlyMap<number, Change> {
  const changes = new Map<number, Change>();
  const at = (number: number) => {
    const key = Math.floor(number / segmentFiles);
    const known = changes.get(key) ?? { deaths: new Set(), digests: new Map() };
    changes.set(key, known);
    return known;
  };
  for (const number of killed) if (number < end) at(number).deaths.add(number);
  for (const [number, value] of digests) at(number).digests.set(number, value);
  return changes;
}

async function applyChanges(blocks: Blocks, changes: ReadonlyMap<number, Change>, pace: Pace): Promise<void> {
  if (changes.size === 0) return;
  for (const list of [blocks.full, blocks.tail]) {
    for (const [place, block] of list.entries()) {
      if (block === undefined) continue;
      list[place] = applyTo(block, changes);
      if (pace.due()) await pace.rest();
    }
  }
}

function applyTo(block: Block, changes: ReadonlyMap<number, Change>): Block {
  const deaths: number[] = [];
  const digests = new Map<number, Digests>();
  for (let at = 0; at < block.count; at += segmentFiles) {
    const change = changes.get(Math.floor((block.first + at) / segmentFiles));
    for (const number of change?.deaths ?? []) deaths.push(number - block.first);
    for (const [number, value] of change?.digests ?? []) digests.set(number - block.first, value);
  }
  const dying = deaths.length === 0 ? block : withDeaths(block, deaths);
  return digests.size === 0 ? dying : withDigests(dying, digests);
}

type Appended = {
  readonly first: number;
  readonly files: readonly FileVersion[];
  readonly killed: ReadonlySet<number>;
};

async function appendFiles(blocks: Blocks, { first, files, killed }: Appended, pace: Pace): Promise<void> {
  for (let from = 0; from < files.length;) {
    const whole = (first + from) % pageFiles === 0 && files.length - from >= pageFiles;
    const taken = files.slice(from, from + (whole ? pageFiles : segmentFiles));
    const start = first + from;
    const block = encodeBlock(
      start,
      taken,
      deadIndexes(taken.length, (index) => killed.has(start + index)),
    );
    if (whole) blocks.full.push(block);
    else blocks.tail.push(block);
    if (blocks.tail.length * segmentFiles === pageFiles && block.count === segmentFiles) mergeTail(blocks);
    from += taken.length;
    if (pace.due()) await pace.rest();
  }
}

/** Turns the 64 finished segments into one page. */
function mergeTail(blocks: Blocks): void {
  const [head] = blocks.tail;
  if (head === undefined) return;
  const files = blocks.tail.flatMap((block) => Array.from({ length: block.count }, (_, index) => fileAt(block, index)));
  const isDead = (index: number) => blocks.tail[index >>> 8]?.dead?.isDead(index & 255) === true;
  blocks.full.push(encodeBlock(head.first, files, deadIndexes(files.length, isDead)));
  blocks.tail = [];
}

function deadIndexes(count: number, isDead: (index: number) => boolean): readonly number[] {
  const dead: number[] = [];
  for (let index = 0; index < count; index++) if (isDead(index)) dead.push(index);
  return dead;
}
