/** Keeps the `limit` newest of a stream in memory for at most twice as many; of equal times those that came first. */
export function createNewest<T>(limit: number, time: (item: T) => number): { add(item: T): void; values(): T[] } {
  let kept: T[] = [];
  // What is no newer than this has `limit` others before it.
  let floor = -Infinity;
  const prune = (): void => {
    if (kept.length <= limit) return;
    floor = timeOfNewest(limit, kept, time);
    kept = onlyNewest(limit, kept, time, floor);
  };
  return {
    add(item) {
      if (time(item) <= floor) return;
      kept.push(item);
      if (kept.length >= limit * 2) prune();
    },
    values() {
      prune();
      return [...kept];
    },
  };
}

/** The oldest time among the `limit` newest. Sorts plain numbers: sorting 131 072 objects at once would hold up the event loop. */
function timeOfNewest<T>(limit: number, items: readonly T[], time: (item: T) => number): number {
  const times = new Float64Array(items.length);
  for (const [index, item] of items.entries()) times[index] = time(item);
  return times.sort()[items.length - limit] ?? Infinity;
}

/** The `limit` newest in the order they came, given the oldest time among them. */
function onlyNewest<T>(limit: number, items: readonly T[], time: (item: T) => number, oldest: number): T[] {
  let ties = limit;
  for (const item of items) if (time(item) > oldest) ties -= 1;
  return items.filter((item) => {
    const at = time(item);
    if (at !== oldest) return at > oldest;
    ties -= 1;
    return ties >= 0;
  });
}
