import type { DigestAlgorithm, Digests } from '@geomirror/catalog/file.ts';

/** The digest that a file is compared by: the strongest one known; undefined where none is. */
export function strongest(digests: Digests): { readonly algorithm: DigestAlgorithm; readonly hex: string } | undefined {
  for (const algorithm of ['sha512', 'sha256', 'sha1', 'md5'] as const) {
    const hex = digests[algorithm];
    if (hex !== undefined) return { algorithm, hex };
  }
  return undefined;
}
