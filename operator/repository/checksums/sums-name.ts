const digestSuffix = /\.(?:md5|sha-?(?:1|256|512))(?:sums?)?(?:\.txt)?$/i;
const otherAlgorithms = /b2|blake|sha-?3|keccak|sm3/i;

/** The path of the file that a file of checksums lies beside, by its name: `a/x.iso` for `a/x.iso.sha256`. */
export function besideOf(sumsPath: string): string | undefined {
  const stem = sumsPath.replace(digestSuffix, '');
  return stem === sumsPath || stem === '' || stem.endsWith('/') ? undefined : stem;
}

/** Whether its name says that the digests are of an algorithm whose digests are as long as those of SHA-2, such as B2SUMS. */
export function isOfOtherAlgorithm(sumsPath: string): boolean {
  return otherAlgorithms.test(sumsPath.slice(sumsPath.lastIndexOf('/') + 1));
}

/** What a name in a file of checksums means, relative to the file's folder; undefined for what lies out of the tree. */
export function resolveName(sumsPath: string, name: string): string | undefined {
  if (name.startsWith('/')) return undefined;
  const names = sumsPath.split('/').slice(0, -1);
  for (const each of name.split('/')) {
    if (each === '..' && names.pop() === undefined) return undefined;
    if (each !== '' && each !== '.' && each !== '..') names.push(each);
  }
  return names.length === 0 ? undefined : names.join('/');
}
