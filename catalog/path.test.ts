import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { array, assert as check, constantFrom, property, string } from 'fast-check';
import { encodePath, maxNameBytes, maxPathBytes, refusePath, type PathRefusal } from './path.ts';

describe('a path of the catalog', () => {
  const refused: ReadonlyArray<[string, PathRefusal]> = [
    ['', 'Empty'],
    ['/', 'EmptySegment'],
    ['/a', 'EmptySegment'],
    ['a/', 'EmptySegment'],
    ['a//b', 'EmptySegment'],
    ['.', 'DotSegment'],
    ['..', 'DotSegment'],
    ['a/../b', 'DotSegment'],
    ['a/.', 'DotSegment'],
    ['a\u0000b', 'ControlCharacter'],
    ['a\nb', 'ControlCharacter'],
    ['a\tb', 'ControlCharacter'],
    ['a\u007f', 'ControlCharacter'],
    ['a\u0085', 'ControlCharacter'],
    ['a\ufffdb', 'NotUTF8'],
    ['a\ud800', 'NotUTF8'],
    ['x'.repeat(maxNameBytes + 1), 'NameTooLong'],
    [`a/${'é'.repeat(128)}`, 'NameTooLong'],
    ['€'.repeat(86), 'NameTooLong'],
    [`${'a/'.repeat(2048)}a`, 'TooLong'],
    ['é/'.repeat(1500), 'TooLong'],
    ['x'.repeat(10_000), 'TooLong'],
  ];
  for (const [path, reason] of refused) {
    it(`is not ${JSON.stringify(path.slice(0, 20))} (${path.length} characters): ${reason}`, () =>
      assert.equal(refusePath(path), reason));
  }

  for (const path of [
    'a',
    '...',
    '.hidden',
    '..a',
    'a b',
    'a%2fb',
    'a%00',
    'ü/é',
    'a#b?c',
    'a\\b',
    '~',
    'a -> b',
    '💿',
    '-',
  ]) {
    it(`may be ${JSON.stringify(path)}`, () => assert.equal(refusePath(path), undefined));
  }

  it('may have names and lengths up to the bounds, in bytes', () => {
    assert.equal(refusePath('x'.repeat(maxNameBytes)), undefined);
    assert.equal(refusePath('€'.repeat(85)), undefined);
    assert.equal(refusePath(`${'a/'.repeat(2047)}aa`), undefined);
    assert.equal(Buffer.byteLength(`${'a/'.repeat(2047)}aa`), maxPathBytes);
  });
});

describe('an encoded path', () => {
  for (const [path, encoded] of [
    ['a/b-1.2_3~.iso', 'a/b-1.2_3~.iso'],
    ['a b', 'a%20b'],
    ['a%2fb', 'a%252fb'],
    ['a#b?c&d=e;f', 'a%23b%3Fc%26d%3De%3Bf'],
    ['c++/x+y', 'c%2B%2B/x%2By'],
    ['ü', '%C3%BC'],
    ['a:b@c', 'a%3Ab%40c'],
    ['a\\b', 'a%5Cb'],
  ] as const) {
    it(`is ${encoded} for ${path}`, () => assert.equal(encodePath(path), encoded));
  }

  it('stays below the root of any URL and decodes to what it was', () => {
    const name = string({ unit: 'grapheme', minLength: 1 });
    check(
      property(
        array(
          constantFrom('a', '%2e%2e', '..', 'é').chain((first) => name.map((rest) => first + rest)),
          { minLength: 1 },
        ),
        (names) => {
          const path = names.join('/');
          if (refusePath(path) !== undefined) return;
          const url = new URL(encodePath(path), 'https://mirror.example/root/');
          assert.ok(url.href.startsWith('https://mirror.example/root/'), url.href);
          assert.equal(url.search + url.hash, '');
          assert.equal(url.pathname.slice('/root/'.length).split('/').map(decodeURIComponent).join('/'), path);
        },
      ),
    );
  });
});
