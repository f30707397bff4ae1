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
  const dead = new Set(files.keys().filter((index) => growing?.dead?.isDead(index)));
  const changes: Changes = new Map();
  return {
    get end() {
      return first + files.length;
    },
    add(file) {
      files.push(file);
      return first + files.length - 1;
    },
    kill(number) {
      if (number >= first) dead.add(number - first);
      else changeAt(changes, number).deaths.push(number);
    },
    setDigests(number, value) {
      const file = files[number - first];
      if (file === undefined) changeAt(changes, number).digests.set(number, value);
      else files[number - first] = { ...file, digests: value };
    },
    async finish(pace) {
      const blocks = { full: [...table.full], tail: table.tail.filter((block) => block !== growing) };
      await applyChanges(blocks, changes, pace);
      await appendFiles(blocks, { first, files, dead }, pace);
      const full = blocks.full.map((block) => (block?.liveFiles === 0 ? undefined : block));
      const next = { end: first + files.length, full, tail: blocks.tail };
      return createTable({ ...next, index: await indexBlocks(next, table, pace) });
    },
  };
}

type Blocks = { full: (Block | undefined)[]; tail: Block[] };
type Change = { readonly deaths: number[]; readonly digests: Map<number, Digests> };
/** By segment, the smallest unit that a block can be. */
type Changes = Map<number, Change>;

function changeAt(changes: Changes, number: number): Change {
  const segment = Math.floor(number / segmentFiles);
  const known = changes.get(segment);
  if (known !== undefined) return known;
  const change: Change = { deaths: [], digests: new Map() };
  changes.set(segment, change);
  return change;
}

async function applyChanges(blocks: Blocks, changes: Changes, pace: Pace): Promise<void> {
  if (changes.size === 0) return;
  for (const list of [blocks.full, blocks.tail]) {
    for (const [place, block] of list.entries()) {
      if (block === undefined) continue;
      list[place] = applyTo(block, changes);
      if (pace.due()) await pace.rest();
    }
  }
}

function applyTo(block: Block, changes: Changes): Block {
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

type Appended = { readonly first: number; readonly files: readonly FileVersion[]; readonly dead: ReadonlySet<number> };

async function appendFiles(blocks: Blocks, { first, files, dead }: Appended, pace: Pace): Promise<void> {
  for (let from = 0; from < files.length;) {
    const whole = (first + from) % pageFiles === 0 && files.length - from >= pageFiles;
    const start = from;
    const taken = files.slice(start, start + (whole ? pageFiles : segmentFiles));
    const deadTaken = taken.keys().filter((index) => dead.has(start + index));
    const block = await encodeBlock(first + start, taken, deadTaken, pace);
    if (whole) blocks.full.push(block);
    else blocks.tail.push(block);
    if (blocks.tail.length * segmentFiles === pageFiles && block.count === segmentFiles) await mergeTail(blocks, pace);
    from += taken.length;
    if (pace.due()) await pace.rest();
  }
}

/** Turns the 64 finished segments into one page. */
async function mergeTail(blocks: Blocks, pace: Pace): Promise<void> {
  const files: FileVersion[] = [];
  const dead: number[] = [];
  for (const block of blocks.tail) {
    for (let index = 0; index < block.count; index++) {
      if (block.dead?.isDead(index) === true) dead.push(files.length);
      files.push(fileAt(block, index));
    }
    if (pace.due()) await pace.rest();
  }
  blocks.full.push(await encodeBlock(blocks.full.length * pageFiles, files, dead, pace));
  blocks.tail = [];
}
