/** Bounds of a path in the catalog, in bytes of UTF-8: PATH_MAX and NAME_MAX of Linux. */
export const maxPathBytes = 4096;
export const maxNameBytes = 255;

/** Why a name from a listing or a request is not a path of the catalog. */
export type PathRefusal =
  | 'Empty'
  | 'TooLong'
  | 'NameTooLong'
  | 'ControlCharacter'
  | 'DotSegment'
  | 'EmptySegment'
  | 'NotUTF8';

// C0, DEL and C1: none of them can be part of a Location, a log line or an HTML page unharmed.
// oxlint-disable-next-line no-control-regex -- refusing control characters is the point
const controls = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * Says why `path` (relative, decoded text) cannot stand in the catalog, or undefined if it can.
 * U+FFFD counts as NotUTF8: decoders put it where the bytes were not UTF-8, and such a name could not be asked for again.
 */
export function refusePath(path: string): PathRefusal | undefined {
  if (path === '') return 'Empty';
  if (longerThan(maxPathBytes, path)) return 'TooLong';
  if (controls.test(path)) return 'ControlCharacter';
  if (path.includes('\ufffd') || !path.isWellFormed()) return 'NotUTF8';
  for (const name of path.split('/')) {
    const refusal = refuseName(name);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function refuseName(name: string): PathRefusal | undefined {
  if (name === '') return 'EmptySegment';
  if (name === '.' || name === '..') return 'DotSegment';
  return longerThan(maxNameBytes, name) ? 'NameTooLong' : undefined;
}

function longerThan(bytes: number, text: string): boolean {
  // A UTF-16 unit is one to three bytes of UTF-8, so most answers need no counting.
  return text.length > bytes || (text.length * 3 > bytes && Buffer.byteLength(text) > bytes);
}

const plainButPlus = /^[A-Za-z0-9\-._~/+]*$/;

/**
 * The path as it stands in a URL: every segment percent-encoded (RFC 3986), slashes kept.
 * Sub-delimiters but `!'()*` are encoded too, since object stores read a bare `+` as a space. The path must be valid.
 */
export function encodePath(path: string): string {
  // Version numbers are full of pluses; everything else is rare enough to be slow.
  if (plainButPlus.test(path)) return path.replaceAll('+', '%2B');
  return path.split('/').map(encodeURIComponent).join('/');
}
