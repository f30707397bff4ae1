/** Gives the event loop its turn between slices of a long computation. */
export type Pace = {
  /** True when the current slice has used up its time: then await `rest()` before going on. */
  due(): boolean;
  rest(): Promise<void>;
};

/** Slices of `sliceMs` with a call of `pause` between them: `const pace = paced(pause); … if (pace.due()) await pace.rest();`. */
export function paced(pause: () => Promise<void> = nextTurn, sliceMs = 4): Pace {
  let began = performance.now();
  return {
    due: () => performance.now() - began >= sliceMs,
    async rest() {
      await pause();
      began = performance.now();
    },
  };
}

/** Resolves in the next turn of the event loop, after pending I/O. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
