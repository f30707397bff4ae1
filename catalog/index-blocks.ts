import type { Block } from './block.ts';
import { segmentFiles } from './column.ts';
import type { Pace } from './pace.ts';
import { hashPath, PathIndex } from './path-index.ts';
import type { Table } from './table.ts';

/**
 * The index that serves these blocks: the previous table's own with what it lacks added, or a new one where that would be
 * full or half garbage. Nothing is taken on trust: after a loss the same numbers may come back with other paths.
 */
export async function indexBlocks(
  { full, tail }: Pick<Table, 'full' | 'tail'>,
  previous: Table | undefined,
  pace: Pace,
): Promise<PathIndex> {
  const blocks = [...full, ...tail].filter((block) => block !== undefined);
  const live = blocks.reduce((sum, block) => sum + block.liveFiles, 0);
  const changed = blocks.filter((block) => !isIndexed(block, previous));
  const most = changed.reduce((sum, block) => sum + block.count, 0);
  const shared = previous?.index.hasRoomFor(most) === true && previous.index.used + most <= 2 * live + 2 * segmentFiles;
  const index = previous !== undefined && shared ? previous.index : new PathIndex(Math.ceil(live * 1.25));
  for (const block of shared ? changed : blocks) {
    addBlock(index, block, shared ? previous : undefined);
    if (pace.due()) await pace.rest();
  }
  return index;
}

function isIndexed(block: Block, previous: Table | undefined): boolean {
  const before = previous?.block(block.first);
  return (
    before?.names.paths === block.names.paths && before.names.dead === block.names.dead && before.first === block.first
  );
}

function addBlock(index: PathIndex, block: Block, previous: Table | undefined): void {
  block.paths.forEach((position, path, length) => {
    const number = block.first + position;
    if (block.dead?.isDead(position) === true) return;
    const before = previous?.isLive(number) === true ? previous.block(number) : undefined;
    if (before?.paths.equals(number - before.first, path, length) !== true) index.add(hashPath(path, length), number);
  });
}
