import { setImmediate } from 'node:timers/promises';

const sliceMs = 2;

/** For loops of many short steps: await it after each, and other work gets its turn every 2 ms. */
export function createPace(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < sliceMs) return;
    await setImmediate();
    since = performance.now();
  };
}
