import type { Pace } from '@geomirror/catalog/pace.ts';

const runLength = 2048;

/** A sorted copy: a merge sort that gives way, since sorting a million paths at once would hold up the event loop for seconds. Stable. */
export async function sortPaced<Item>(
  items: readonly Item[],
  compare: (a: Item, b: Item) => number,
  pace: Pace,
): Promise<Item[]> {
  let from: Item[] = [];
  for (let at = 0; at < items.length; at += runLength) {
    for (const item of items.slice(at, at + runLength).sort(compare)) from.push(item);
    if (pace.due()) await pace.rest();
  }
  for (let run = runLength; run < items.length; run *= 2) {
    const to: Item[] = [];
    for (let at = 0; at < from.length; at += 2 * run) {
      await mergeRuns({ from, at, run, to }, compare, pace);
    }
    from = to;
  }
  return from;
}

type Merge<Item> = { readonly from: readonly Item[]; readonly at: number; readonly run: number; readonly to: Item[] };

async function mergeRuns<Item>(
  { from, at, run, to }: Merge<Item>,
  compare: (a: Item, b: Item) => number,
  pace: Pace,
): Promise<void> {
  const leftEnd = Math.min(at + run, from.length);
  const rightEnd = Math.min(at + 2 * run, from.length);
  let left = at;
  let right = leftEnd;
  while (left < leftEnd || right < rightEnd) {
    const fromLeft = right >= rightEnd || (left < leftEnd && compare(from[left] as Item, from[right] as Item) <= 0);
    to.push(from[fromLeft ? left++ : right++] as Item);
    if ((to.length & 1023) === 0 && pace.due()) await pace.rest();
  }
}
