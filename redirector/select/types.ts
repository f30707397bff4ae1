import type { Audience, Location } from '@geomirror/catalog/policy.ts';
import type { ExclusionReason } from '@geomirror/catalog/reason.ts';

/** Where a client is, as far as known. Interned: equal places are the same object, so that rankings can be cached by it. */
export type Place = {
  /** Short and unique for equal content: a cache key. */
  readonly key: string;
  /** Where coordinates are those of a city, of a country's centre, or missing. */
  readonly accuracy: 'City' | 'Country' | 'Unknown';
  readonly latitude: number;
  readonly longitude: number;
  /** 0 where unknown. */
  readonly accuracyKm: number;
  /** Upper-case codes; '' where unknown. */
  readonly country: string;
  readonly continent: string;
  readonly city: string;
  /** 0 where unknown. */
  readonly asn: number;
  readonly asName: string;
  /** CIDRs listed by resources (locations and audiences) that contain the client. */
  readonly networks: readonly string[];
  readonly family: 4 | 6 | undefined;
};

/** A mirror as selection sees it; `index` is its place in the manifest. */
export type Candidate = {
  readonly index: number;
  readonly name: string;
  readonly location: Location;
  readonly audience: Audience;
  /** 1 to 1000. */
  readonly weight: number;
};

/** A mirror that this client cannot be sent to, whatever the file, and why. */
export type Excluded = { readonly candidate: Candidate; readonly reason: ExclusionReason };

/** Candidates in order of preference for one place, computed once and cached. Parallel arrays, nearest (best) first. */
export type Ranking = {
  readonly place: Place;
  readonly candidates: readonly Candidate[];
  /** Great-circle kilometres; 0 when the place is unknown. */
  readonly distanceKm: Float64Array;
  /** Kilometres after network, country and global factors; what order and band go by (Proximity, Weighted). */
  readonly effectiveKm: Float64Array;
  readonly excluded: readonly Excluded[];
};

/** The outcome for one file: indexes into the ranking. */
export type Choice = {
  /** Position in the ranking of the mirror drawn; -1 if none is eligible. */
  readonly chosen: number;
  /** Positions of the next best, without the chosen one, at most policy.alternatives. */
  readonly alternatives: readonly number[];
};

/** The same outcome explained: every eligible candidate's probability (sums to 1 unless none is eligible). */
export type Shares = readonly { readonly position: number; readonly probability: number }[];
