import type { SelectionPolicy } from '@geomirror/catalog/policy.ts';
import { greatCircleKm } from './distance.ts';
import type { Candidate, Place } from './types.ts';

export type World = {
  readonly policy: SelectionPolicy;
  readonly candidates: readonly Candidate[];
  readonly place: Place;
  readonly holds: (index: number) => boolean;
  readonly reachable: (index: number) => boolean;
};

type Row = { readonly candidate: Candidate; readonly km: number };

const effective = ({ location }: Candidate, place: Place): number => {
  if (place.accuracy === 'Unknown') return 0;
  if (location.global) return 1500;
  let km = greatCircleKm(place, { latitude: location.latitude ?? 0, longitude: location.longitude ?? 0 });
  const sameNetwork =
    (place.asn !== 0 && location.asns.includes(place.asn)) ||
    location.networks.some((cidr) => place.networks.includes(cidr));
  if (sameNetwork) km *= 0.5;
  if (place.country !== '' && [location.country, ...location.additionalCountries].includes(place.country)) km *= 0.7;
  return km;
};

const preferred = (rows: readonly Row[]): Row[] =>
  rows.toSorted(
    (a, b) => a.km - b.km || b.candidate.weight - a.candidate.weight || a.candidate.index - b.candidate.index,
  );

const widen = (natural: readonly Row[], eligible: readonly Row[], needed: number): readonly Row[] =>
  natural.length >= needed ? natural : eligible.slice(0, needed);

/** Who may be drawn, nearest first, and everyone eligible, nearest first. */
const bandOf = ({ policy, candidates, place, holds, reachable }: World) => {
  const holders = preferred(
    candidates.filter(({ index }) => holds(index)).map((candidate) => ({ candidate, km: effective(candidate, place) })),
  );
  const closest = holders[0]?.km ?? 0;
  const limit = Math.max((closest * policy.rangePercent) / 100, closest + 100 + place.accuracyKm);
  const needed = Math.ceil(100 / policy.maxSharePercent);
  const within = (rows: readonly Row[]) => rows.filter(({ km }) => place.accuracy === 'Unknown' || km <= limit);
  const band = widen(within(holders), holders, needed);
  const answering = holders.filter(({ candidate }) => reachable(candidate.index));
  const inBand = band.filter((row) => answering.includes(row));
  if (inBand.length === 0 || inBand.length === band.length) return { band, eligible: holders };
  return {
    band: widen(inBand, [...inBand, ...answering.filter((row) => !band.includes(row))], needed),
    eligible: answering,
  };
};

/** Pours one unit over the weights, nobody getting more than the cap: the level at which it all fits is found by bisection. */
const pour = (weights: readonly number[], cap: number): number[] => {
  const at = (level: number) => weights.map((weight) => Math.min(cap, weight * level));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  let [low, high] = [0, 2 / Math.min(...weights)];
  for (let round = 0; round < 200; round++) {
    const middle = (low + high) / 2;
    if (sum(at(middle)) < 1) low = middle;
    else high = middle;
  }
  return at(high);
};

/**
 * Selection by Proximity and Weighted as the prose has it, slowly: the manifest indexes of all eligible mirrors in the order of
 * preference, and the probability of each that may be drawn.
 */
export const twin = (world: World): { readonly order: number[]; readonly probability: Map<number, number> } => {
  const { policy, place } = world;
  const { band, eligible } = bandOf(world);
  const closest = Math.min(...eligible.map(({ km }) => km), ...band.map(({ km }) => km));
  const blur = 1 + place.accuracyKm;
  const byWeight = policy.strategy === 'Weighted';
  const sorted = byWeight ? band.toSorted((a, b) => b.candidate.weight - a.candidate.weight) : band;
  const weights = sorted.map(({ candidate, km }) => candidate.weight * (byWeight ? 1 : (closest + blur) / (km + blur)));
  const shares = pour(weights, Math.max(policy.maxSharePercent / 100, 1 / sorted.length));
  return {
    order: [...sorted, ...eligible.filter((row) => !sorted.includes(row))].map(({ candidate }) => candidate.index),
    probability: new Map(sorted.map(({ candidate }, at) => [candidate.index, shares[at] ?? 0])),
  };
};
