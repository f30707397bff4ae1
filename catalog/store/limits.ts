/** Names one fenced step may carry: it blocks Redis for about a millisecond. */
export const maxNames = 1000;

/** Names of missing pages that are remembered for the operator; readers cannot make a store grow beyond. */
export const maxReports = 10_000;

/** Throws RangeError for a call with more names than a step may carry. */
export function requireAtMost(limit: number, names: readonly unknown[]): void {
  if (names.length > limit) throw new RangeError(`${names.length} names in one call; at most ${limit}`);
}

/** The items in runs of at most `length`, in order. */
export function* slicesOf<T>(length: number, items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += length) yield items.slice(start, start + length);
}

/** Bytes of pages in one command, so that none holds up Redis or the event loop for long; a larger page goes alone. */
const maxCommandBytes = 4 * 1024 * 1024;

/** The items in runs of at most maxNames and maxCommandBytes, in order. */
export function* chunksOf<T>(items: Iterable<T>, sizeOf: (item: T) => number): Generator<readonly T[]> {
  let chunk: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (chunk.length === maxNames || (chunk.length > 0 && bytes + size > maxCommandBytes)) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(item);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}

/** Of many short steps other work waits for no more than this: give way every so many milliseconds. */
export const sliceMs = 2;
