/**
 * Working space of one choice, used again for the next: a redirect allocates nothing but its answer.
 * Entries are positions in the ranking, best first.
 */
export type Pool = {
  order: Int32Array;
  /** Probability of each entry of the band; they sum to 1. */
  share: Float64Array;
  /** The first so many entries can be drawn. */
  band: number;
  /** Entries in all; those after the band may follow as alternatives. */
  count: number;
  /** How many entries the caller has a use for; the band may be larger. */
  wanted: number;
  /** How many may be listed, the chosen one included. */
  listed: number;
  /** Whether alternatives are drawn as well, instead of following in order. */
  drawAll: boolean;
  /** Whether mirrors that do not answer over the client's address family were left out because others do. */
  reachableOnly: boolean;
};

export const createPool = (): Pool => ({
  order: new Int32Array(0),
  share: new Float64Array(0),
  band: 0,
  count: 0,
  wanted: 0,
  listed: 0,
  drawAll: false,
  reachableOnly: false,
});

/** Empties the pool, with room for so many entries. */
export const resetPool = (pool: Pool, capacity: number, wanted: number): void => {
  if (pool.order.length < capacity) {
    pool.order = new Int32Array(capacity);
    pool.share = new Float64Array(capacity);
  }
  pool.band = 0;
  pool.count = 0;
  pool.wanted = wanted;
  pool.listed = Infinity;
  pool.drawAll = false;
  pool.reachableOnly = false;
};

/** Exchanges two entries. */
export const swap = ({ order, share }: Pool, a: number, b: number): void => {
  const position = order[a] ?? 0;
  order[a] = order[b] ?? 0;
  order[b] = position;
  const probability = share[a] ?? 0;
  share[a] = share[b] ?? 0;
  share[b] = probability;
};
