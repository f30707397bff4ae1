import { decodeAttributes, encodeAttributes, type Attributes, type AttributesPage } from './attributes.ts';
import { MalformedPage, pageKind, readCount } from './page.ts';
import { decodeParts, encodeParts } from './parts.ts';
import { decodePaths, encodePaths, type PathsPage } from './paths.ts';

/**
 * What a mirror holds under a path where it differs from the source or the source has nothing. Coarse values are lower
 * bounds as in a listing: the true size lies in [size, size + sizeSlack].
 */
export type OwnVersion = Attributes & { readonly path: string; readonly sizeSlack: number };

/** A mirror's own versions, sorted by path: a page of paths, a page of attributes, and one byte each for the size's slack. */
export type ExceptionsPage = {
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly paths: PathsPage;
  own(index: number): OwnVersion;
};

/** The byte k says that the slack is 2^k - 1 bytes: the next such number above the true one. */
function slackExponent(slack: number): number {
  return slack <= 0 ? 0 : Math.min(48, Math.ceil(Math.log2(slack + 1)));
}

/** Without two entries for one path. */
export function encodeExceptions(versions: readonly OwnVersion[]): Uint8Array {
  const sorted = versions.toSorted((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
  return encodeParts(pageKind.Exceptions, sorted.length, [
    encodePaths(sorted.map(({ path }) => path)),
    encodeAttributes(sorted),
    Uint8Array.from(sorted, ({ sizeSlack }) => slackExponent(sizeSlack)),
  ]);
}

/** Throws MalformedPage. */
export function decodeExceptions(bytes: Uint8Array): ExceptionsPage {
  const count = readCount(bytes, pageKind.Exceptions);
  const [pathsPart = bytes, attributesPart = bytes, slacks = bytes] = decodeParts(bytes, 3);
  const paths = decodePaths(pathsPart);
  const attributes = decodeAttributes(attributesPart);
  if (paths.count !== count || attributes.count !== count || slacks.length !== count) {
    throw new MalformedPage('Page of exceptions has parts of unequal length');
  }
  return { bytes, count, paths, own: (index) => ownVersion(paths, attributes, { slacks, index }) };
}

function ownVersion(
  paths: PathsPage,
  attributes: AttributesPage,
  { slacks, index }: { slacks: Uint8Array; index: number },
): OwnVersion {
  return {
    path: paths.path(index),
    size: attributes.size(index),
    sizeSlack: 2 ** Math.min(48, slacks[index] ?? 0) - 1,
    modifiedAt: attributes.modifiedAt(index),
    timeSlack: attributes.timeSlack(index),
  };
}
