/** A map that forgets: it keeps at least the `capacity` keys used last and never holds more than twice as many. */
export type Recent<K, V> = {
  readonly get: (key: K) => V | undefined;
  readonly set: (key: K, value: V) => void;
  readonly clear: () => void;
};

/** Two generations: a full young one becomes the old one, and the old one goes; what is found in the old one is young again. */
export const createRecent = <K, V>(capacity: number): Recent<K, V> => {
  let young = new Map<K, V>();
  let old = new Map<K, V>();
  const set = (key: K, value: V): void => {
    if (young.size >= capacity && !young.has(key)) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  };
  return {
    set,
    get: (key) => {
      const value = young.get(key);
      if (value !== undefined) return value;
      const kept = old.get(key);
      if (kept !== undefined) set(key, kept);
      return kept;
    },
    clear: () => {
      young = new Map();
      old = new Map();
    },
  };
};
