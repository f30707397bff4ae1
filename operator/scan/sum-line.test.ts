import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseSumLine, type SumLine } from './sum-line.ts';

const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
const sha1 = 'da39a3ee5e6b4b0d3255bfef95601890afd80709';
const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const sha512 = sha256 + sha256;
const sha384 = sha256 + sha1.slice(0, 32);

const sum = (name: string, algorithm: 'md5' | 'sha1' | 'sha256' | 'sha512', digest: string): SumLine => ({
  kind: 'Sum',
  name,
  algorithm,
  digest,
});
const other: SumLine = { kind: 'Other' };
const strange: SumLine = { kind: 'NotUnderstood' };

const cases: readonly (readonly [title: string, line: string, means: SumLine])[] = [
  ['a line of sha256sum', `${sha256}  name`, sum('name', 'sha256', sha256)],
  ['a line of md5sum', `${md5}  name`, sum('name', 'md5', md5)],
  ['a line of sha1sum', `${sha1}  name`, sum('name', 'sha1', sha1)],
  ['a line of sha512sum', `${sha512}  name`, sum('name', 'sha512', sha512)],
  ['the mark of binary mode', `${sha256} *name`, sum('name', 'sha256', sha256)],
  ['an asterisk in the name', `${sha256}  *name`, sum('*name', 'sha256', sha256)],
  ['blanks around the name', `${sha256}   na me `, sum(' na me ', 'sha256', sha256)],
  ['a single blank', `${sha256} name`, sum('name', 'sha256', sha256)],
  ['a tab', `${sha256}\tname`, sum('name', 'sha256', sha256)],
  ['upper-case digits', `${sha256.toUpperCase()}  Name`, sum('Name', 'sha256', sha256)],
  ['a line end of Windows', `${sha256}  name\r`, sum('name', 'sha256', sha256)],
  ['a byte order mark', `\u00ef\u00bb\u00bf${sha256}  name`, sum('name', 'sha256', sha256)],
  ['bytes of UTF-8', `${sha256}  \u00c3\u00a9`, sum('é', 'sha256', sha256)],
  ['bytes that are not UTF-8', `${sha256}  \u00e9`, sum('\ufffd', 'sha256', sha256)],
  ['an escaped name', `\\${sha256}  a\\nb\\\\n`, sum('a\nb\\n', 'sha256', sha256)],
  ['a backslash in a name that is not escaped', `${sha256}  a\\nb`, sum('a\\nb', 'sha256', sha256)],
  ['the style of the BSDs', `SHA256 (a (1) = b.iso) = ${sha256}`, sum('a (1) = b.iso', 'sha256', sha256)],
  ['that of MD5', `MD5 (name) = ${md5}`, sum('name', 'md5', md5)],
  ['that of openssl', `SHA2-512(name)= ${sha512}`, sum('name', 'sha512', sha512)],
  ['that style, escaped', `\\SHA1 (a\\\\b) = ${sha1}`, sum('a\\b', 'sha1', sha1)],
  ['a digest alone', `${sha256}\n`, { kind: 'BareSum', algorithm: 'sha256', digest: sha256 }],
  ['another algorithm by its length', `${sha384}  name`, other],
  ['another algorithm by its tag', `SHA3-256 (name) = ${sha256}`, other],
  ['a tag that does not fit', `MD5 (name) = ${sha256}`, other],
  ['a blank line', '', other],
  ['a comment', '# Fedora-Server-dvd.iso: 2048 bytes', other],
  ['armour', '-----BEGIN PGP SIGNED MESSAGE-----', other],
  ['the header of armour', 'Hash: SHA256', other],
  ['HTML', '<html><head>', strange],
  ['a digest that is too short', 'abc  name', strange],
  ['a digest without a name', `${sha256}  `, { kind: 'BareSum', algorithm: 'sha256', digest: sha256 }],
];

describe('a line of checksums is understood:', () => {
  for (const [title, line, means] of cases) test(title, () => assert.deepEqual(parseSumLine(line), means));
});
