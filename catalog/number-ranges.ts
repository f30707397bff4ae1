import type { NumberRange } from './manifest.ts';

/** Runs of consecutive numbers with the same end become one range; ascending by number. */
export function toRanges(untilByNumber: ReadonlyMap<number, number>): NumberRange[] {
  const ranges: [number, number, number][] = [];
  for (const number of Float64Array.from(untilByNumber.keys()).sort()) {
    const until = untilByNumber.get(number) ?? 0;
    const last = ranges.at(-1);
    if (last !== undefined && last[0] + last[1] === number && last[2] === until) last[1]++;
    else ranges.push([number, 1, until]);
  }
  return ranges;
}

/** Until when (Unix ms) a range of an ascending list covers the number; undefined where none does. */
export function untilOf(ranges: readonly NumberRange[], number: number): number | undefined {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle]?.[0] ?? Infinity) <= number) low = middle + 1;
    else high = middle;
  }
  const range = ranges[low - 1];
  return range !== undefined && number < range[0] + range[1] ? range[2] : undefined;
}

/** The numbers of all ranges below `end`, each with its time. */
export function* numbersOf(ranges: readonly NumberRange[], end: number): Generator<[number: number, until: number]> {
  for (const [first, count, until] of ranges) {
    for (let number = first; number < Math.min(first + count, end); number++) yield [number, until];
  }
}
