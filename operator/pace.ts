import { setImmediate as turn } from 'node:timers/promises';

const sliceMs = 5;

/** Lets the event loop turn if the current slice of work has lasted over five milliseconds; cheap to call often. */
export function createPace(): () => Promise<void> {
  let started = performance.now();
  return async () => {
    if (performance.now() - started < sliceMs) return;
    await turn();
    started = performance.now();
  };
}
