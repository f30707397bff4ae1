import type { DigestAlgorithm } from '@geomirror/catalog/file.ts';
import { utf8 } from './decode-lines.ts';

/** A line of a file of checksums: `Sum`, a digest that the catalog does not carry, or no checksum at all. */
export type SumLine =
  | { readonly kind: 'Sum'; readonly name: string; readonly algorithm: DigestAlgorithm; readonly digest: string }
  /** A digest without a name: it is meant for the file that the file of checksums lies beside. */
  | { readonly kind: 'BareSum'; readonly algorithm: DigestAlgorithm; readonly digest: string }
  /** Blank, a comment, a signature's frame, or a digest of another algorithm. */
  | { readonly kind: 'Other' }
  | { readonly kind: 'NotUnderstood' };

const byLength: Readonly<Record<number, DigestAlgorithm>> = { 32: 'md5', 40: 'sha1', 64: 'sha256', 128: 'sha512' };
const byTag: Readonly<Record<string, DigestAlgorithm>> = {
  md5: 'md5',
  sha1: 'sha1',
  'sha-1': 'sha1',
  sha256: 'sha256',
  'sha-256': 'sha256',
  'sha2-256': 'sha256',
  sha512: 'sha512',
  'sha-512': 'sha512',
  'sha2-512': 'sha512',
};

// <hex>  name, <hex> *name
const digestFirst = /^(?<escape>\\?)(?<digest>[0-9a-fA-F]{32,128})(?: [ *]|[ \t]+(?=\S))(?<name>.+)$/s;
// SHA256 (name) = <hex>; openssl leaves out the blank before the parenthesis
const tagFirst = /^(?<escape>\\?)(?<tag>[A-Za-z0-9/-]{2,16}) ?\((?<name>.+)\) ?= ?(?<digest>[0-9a-fA-F]{16,128})$/s;
// UTF-8's, as latin1
const byteOrderMark = /^\u00ef\u00bb\u00bf/;
const bare = /^[0-9a-fA-F]{32,128}$/;

/** Reads a line, in latin1 text, as md5sum(1) and its kin print it, with or without `--tag`, and as md5(1) of the BSDs and openssl-dgst(1) do. */
export function parseSumLine(written: string): SumLine {
  const line = written.replace(byteOrderMark, '').replace(/\r$/, '');
  const found = (tagFirst.exec(line) ?? digestFirst.exec(line))?.groups;
  return found === undefined ? parseRest(line.trim()) : named(found);
}

function named(found: Readonly<Record<string, string>>): SumLine {
  const { escape = '', tag, name = '', digest = '' } = found;
  const algorithm = byLength[digest.length];
  const isThat = algorithm !== undefined && (tag === undefined || byTag[tag.toLowerCase()] === algorithm);
  if (!isThat) return { kind: 'Other' };
  return { kind: 'Sum', name: utf8(escape === '' ? name : unescape(name)), algorithm, digest: digest.toLowerCase() };
}

function parseRest(text: string): SumLine {
  if (!bare.test(text)) return { kind: isFrame(text) ? 'Other' : 'NotUnderstood' };
  const algorithm = byLength[text.length];
  return algorithm === undefined ? { kind: 'Other' } : { kind: 'BareSum', algorithm, digest: text.toLowerCase() };
}

const escapes: Readonly<Record<string, string>> = { '\\\\': '\\', '\\n': '\n', '\\r': '\r' };

/** Undoes what coreutils does to names with a line end or backslash, marked by a backslash before the line. */
function unescape(name: string): string {
  return name.replaceAll(/\\[\\nr]/g, (escaped) => escapes[escaped] ?? escaped);
}

/** Blank, comment, or a line of the armour of a clear-signed message (RFC 9580, section 7). */
function isFrame(text: string): boolean {
  return text === '' || /^[#;]|^-----(?:BEGIN|END) PGP |^Hash: |^(?:Version|Comment): /.test(text);
}
