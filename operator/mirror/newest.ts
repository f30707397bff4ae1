/** Keeps the `limit` newest of a stream in memory for at most twice as many. */
export function createNewest<T>(limit: number, time: (item: T) => number): { add(item: T): void; values(): T[] } {
  let kept: T[] = [];
  const prune = (): void => {
    if (kept.length > limit) kept = kept.sort((a, b) => time(b) - time(a)).slice(0, limit);
  };
  return {
    add(item) {
      kept.push(item);
      if (kept.length >= limit * 2) prune();
    },
    values() {
      prune();
      return [...kept];
    },
  };
}
