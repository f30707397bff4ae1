import type { SelectionPolicy } from '@geomirror/catalog/policy.ts';
import type { Pool } from './pool.ts';
import type { Candidate, Place, Ranking } from './types.ts';

/** What depends on the file and the moment; both take a mirror's index in the manifest and must be cheap. */
export type Availability = {
  /** Whether the mirror holds the wanted version of the file. */
  readonly holds: (index: number) => boolean;
  /** Whether it answers over the client's address family; true where that is not known. */
  readonly reachable: (index: number) => boolean;
};

/** One way of preferring mirrors. */
export type SelectionStrategy = {
  /** Kilometres between mirror and client; 0 where the client's place is unknown. */
  readonly distanceKm: (candidate: Candidate, place: Place) => number;
  /** The same after whatever factors the strategy has: what the ranking goes by. */
  readonly effectiveKm: (candidate: Candidate, place: Place, distanceKm: number) => number;
  /** Fills the pool with the eligible mirrors for one file: those that may be drawn, then those that may follow. */
  readonly fill: (policy: SelectionPolicy, ranking: Ranking, availability: Availability, pool: Pool) => void;
};
