/** Where the work comes from: undefined means "nothing at the moment", and nothing more once no work is under way. */
export type Take<T> = () => T | undefined | Promise<T | undefined>;

/**
 * Does `work` on what `take` gives, at most `limit` at a time, and yields the results as they come. Takes no more while the
 * consumer is busy; a failure or an early return aborts the signal that the work was given and waits for it to end.
 */
export async function* concurrently<T, R>(
  take: Take<T>,
  work: (item: T, signal: AbortSignal) => Promise<R>,
  options: { readonly limit: number; readonly signal: AbortSignal },
): AsyncGenerator<R, void, void> {
  const own = new AbortController();
  const signal = AbortSignal.any([options.signal, own.signal]);
  const running = new Map<number, Promise<readonly [number: number, result: R]>>();
  let number = 0;
  const start = async (item: T, itsNumber: number): Promise<readonly [number, R]> => [
    itsNumber,
    await work(item, signal),
  ];
  const fill = async (): Promise<void> => {
    while (running.size < options.limit) {
      const item = await take();
      if (item === undefined) return;
      number += 1;
      running.set(number, start(item, number));
    }
  };
  try {
    for (await fill(); running.size > 0; await fill()) {
      const [done, result] = await Promise.race(running.values());
      running.delete(done);
      yield result;
    }
  } finally {
    own.abort();
    await Promise.allSettled(running.values());
  }
}
