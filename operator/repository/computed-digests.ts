import { digestAlgorithms, type DigestAlgorithm } from '@geomirror/catalog/file.ts';
import type { Repository } from '../resources/repository.ts';

/** Algorithms of which a source's digests come from reading its bytes: CRD `checksums.compute`, of a directory source only. */
export function computedOf({ spec }: Repository): ReadonlySet<DigestAlgorithm> {
  if (spec.source.directory === undefined) return new Set();
  const wanted = new Set(spec.checksums.compute.map((algorithm) => algorithm.toLowerCase()));
  return new Set(digestAlgorithms.filter((algorithm) => wanted.has(algorithm)));
}
