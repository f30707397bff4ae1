import { pageFiles } from '@geomirror/catalog/column.ts';
import type { Pace } from '@geomirror/catalog/pace.ts';
import { editTable } from '@geomirror/catalog/table-edit.ts';
import { dropEmptyPages, eachPaced, type LedgerState } from './ledger-state.ts';

/** As many pages are emptied at once, so that no publication becomes large. */
const pagesAtOnce = 8;

/**
 * Moves the live files of full pages that are over half dead to new numbers at the tail, with their bits, grace and
 * retention. False: there was no such page.
 */
export async function compact(state: LedgerState, pace: Pace): Promise<boolean> {
  const { table } = state;
  const sparse = table.full
    .filter((block) => block !== undefined && block.liveFiles * 2 < pageFiles)
    .slice(0, pagesAtOnce);
  if (sparse.length === 0) return false;
  const edit = editTable(table);
  const moves = new Map<number, number>();
  for (const block of sparse) {
    if (block === undefined) continue;
    await eachPaced(table.live(block.first, block.first + block.count), pace, (number) => {
      const file = table.file(number);
      if (file === undefined) return;
      moves.set(number, edit.add(file));
      edit.kill(number);
    });
  }
  const moved = await edit.finish(pace);
  await eachPaced(moves, pace, ([from, to]) => {
    for (const { column } of state.mirrors.values()) column.set(to, column.get(from));
  });
  state.table = moved;
  state.grace = renumbered(state.grace, moves);
  state.graceRecord = undefined;
  state.retained = renumbered(state.retained, moves);
  dropEmptyPages(state);
  return true;
}

function renumbered<Value>(
  byNumber: ReadonlyMap<number, Value>,
  moves: ReadonlyMap<number, number>,
): Map<number, Value> {
  return new Map([...byNumber].map(([number, value]) => [moves.get(number) ?? number, value]));
}

/** Ends grace and retention that are over at `now` (Unix ms); false: nothing was. */
export async function expire(state: LedgerState, now: number, pace: Pace): Promise<boolean> {
  const graceOver = [...state.grace].filter(([, { until }]) => until <= now).map(([number]) => number);
  const retentionOver = [...state.retained].filter(([, until]) => until <= now).map(([number]) => number);
  if (graceOver.length === 0 && retentionOver.length === 0) return false;
  if (retentionOver.length > 0) {
    const edit = editTable(state.table);
    await eachPaced(retentionOver, pace, (number) => edit.kill(number));
    state.table = await edit.finish(pace);
  }
  state.graceRecord = undefined;
  for (const number of retentionOver) state.retained.delete(number);
  for (const number of [...graceOver, ...retentionOver]) state.grace.delete(number);
  dropEmptyPages(state);
  return true;
}
