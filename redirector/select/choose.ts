import type { SelectionPolicy } from '@geomirror/catalog/policy.ts';
import { createPool, type Pool, resetPool, swap } from './pool.ts';
import { strategies } from './rank.ts';
import { hashText, rendezvous } from './sticky.ts';
import type { Availability } from './strategy.ts';
import type { Choice, Ranking } from './types.ts';

/** By what one of several is taken. */
export type Drawing = {
  /** Uniform in [0, 1). */
  readonly draw: () => number;
  /** With stickiness Client: what equal clients share; without it they are drawn as any other. */
  readonly clientKey?: string | undefined;
};

export type Choose = (
  policy: SelectionPolicy,
  ranking: Ranking,
  availability: Availability,
  drawing: Drawing,
) => Choice;

const none: Choice = { chosen: -1, alternatives: [] };

/** The entry in [from, band) that a uniform number falls on; entries share in proportion to their probability. */
const drawByChance = ({ share, band }: Pool, from: number, draw: () => number): number => {
  let total = 0;
  for (let at = from; at < band; at++) total += share[at] ?? 0;
  let left = draw() * total;
  for (let at = from; at < band - 1; at++) {
    left -= share[at] ?? 0;
    if (left < 0) return at;
  }
  return band - 1;
};

const drawByClient = ({ order, share, band }: Pool, from: number, ranking: Ranking, clientKey: string): number => {
  const clientHash = hashText(clientKey, 0);
  let best = from;
  let lowest = Infinity;
  for (let at = from; at < band; at++) {
    const value = rendezvous(clientHash, ranking.candidates[order[at] ?? 0]?.name ?? '', share[at] ?? 0);
    if (value >= lowest) continue;
    lowest = value;
    best = at;
  }
  return best;
};

const othersInOrder = ({ order, count }: Pool, drawn: number, most: number): number[] => {
  const others: number[] = [];
  for (let at = 0; at < count && others.length < most; at++) if (at !== drawn) others.push(order[at] ?? 0);
  return others;
};

/** Draws again and again among those left; draws are moved to the front. */
const othersDrawn = (pool: Pool, most: number, drawFrom: (from: number) => number): number[] => {
  const others: number[] = [];
  for (let from = 1; from < pool.band && others.length < most; from++) {
    swap(pool, from, drawFrom(from));
    others.push(pool.order[from] ?? 0);
  }
  return others;
};

/**
 * Makes the function that decides one request: it tests the mirrors of the ranking, nearest first, draws one of the band, and lists the next best. It
 * keeps its working space between calls, so one call must end before the next begins, as it does without an await.
 */
export const createChooser = (): Choose => {
  const pool = createPool();
  return (policy, ranking, availability, { draw, clientKey }) => {
    resetPool(pool, ranking.candidates.length, policy.alternatives + 1);
    strategies[policy.strategy].fill(policy, ranking, availability, pool);
    if (pool.count === 0) return none;
    const key = policy.stickiness === 'Client' ? clientKey : undefined;
    const drawFrom = (from: number) =>
      key === undefined ? drawByChance(pool, from, draw) : drawByClient(pool, from, ranking, key);
    const drawn = drawFrom(0);
    const chosen = pool.order[drawn] ?? -1;
    const most = Math.min(policy.alternatives, pool.listed - 1);
    if (!pool.drawAll) return { chosen, alternatives: othersInOrder(pool, drawn, most) };
    swap(pool, 0, drawn);
    return { chosen, alternatives: othersDrawn(pool, most, drawFrom) };
  };
};
