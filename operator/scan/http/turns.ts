import { nextTurn } from '@geomirror/catalog/pace.ts';

/** A pause for `paced()` that several computations share: in each turn of the event loop only one of them goes on. */
export function takingTurns(): () => Promise<void> {
  let last = Promise.resolve();
  return () => {
    last = last.then(nextTurn);
    return last;
  };
}
