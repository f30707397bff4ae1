import { digestAlgorithms, type Digests } from '@geomirror/catalog/file.ts';

/** Whether both name a digest of one algorithm, and not the same. */
export function contradicts(known: Digests, told: Digests): boolean {
  return digestAlgorithms.some(
    (each) => known[each] !== undefined && told[each] !== undefined && known[each] !== told[each],
  );
}

/** Whether `told` has a digest of an algorithm that `known` lacks. */
export function tellsMore(known: Digests, told: Digests): boolean {
  return digestAlgorithms.some((each) => known[each] === undefined && told[each] !== undefined);
}
