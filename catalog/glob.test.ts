import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { compileGlobs } from './glob.ts';

describe('a glob', () => {
  const rows: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['a', ['a'], ['', 'b', 'aa', 'a/a', 'A']],
    ['*', ['a', '.a', 'a.b'], ['a/b']],
    ['*.iso', ['a.iso', '.iso', '.a.iso'], ['a.iso.gz', 'a/b.iso', 'iso']],
    ['a*b*c', ['abc', 'aXbYc', 'abbbc', 'abcbc'], ['ab', 'acb', 'abcd']],
    ['a**b', ['ab', 'axb'], ['a/b']],
    ['?', ['a', '.'], ['', 'ab', '/']],
    ['a?c', ['abc', 'a.c'], ['ac', 'abbc', 'a/c']],
    ['[ab]', ['a', 'b'], ['c', '[ab]']],
    ['[a-c]x', ['ax', 'bx', 'cx'], ['dx', '-x']],
    ['[!a-c]', ['d', '!'], ['a', 'b']],
    ['[^ab]', ['c', '^'], ['a']],
    ['[]a]', [']', 'a'], ['[', '[]a]']],
    ['[a-]', ['a', '-'], ['b']],
    ['[ab', ['[ab'], ['a']],
    ['**', ['a', 'a/b/c', '.a/.b'], []],
    ['**/a', ['a', 'x/a', 'x/y/a'], ['a/x', 'xa']],
    ['a/**', ['a/b', 'a/b/c', 'a/.b', 'a'], ['b/a', 'ab']],
    ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b', 'a/b/b'], ['a', 'b', 'a/b/c', 'ab']],
    ['**/a/**/b', ['a/b', 'x/a/y/b', 'a/a/b/b'], ['b/a', 'a/b/c']],
    ['**/.~tmp~/**', ['.~tmp~/x', 'a/.~tmp~/b/c'], ['.~tmp~x/y', 'a/~tmp~/x']],
    ['{a,b}', ['a', 'b'], ['c', '{a,b}']],
    ['x{a,b{c,d}}y', ['xay', 'xbcy', 'xbdy'], ['xby', 'xcy']],
    ['{a/b,c}/d', ['a/b/d', 'c/d'], ['a/d']],
    ['a{,b}', ['a', 'ab'], ['b']],
    ['{a}', ['{a}'], ['a']],
    ['{a,b', ['{a,b'], ['a']],
    ['a}', ['a}'], ['a']],
    ['\\*', ['*'], ['a', '\\*']],
    ['\\{a,b\\}', ['{a,b}'], ['a']],
    ['{a\\,b,c}', ['a,b', 'c'], ['a']],
    ['a+(b|c)', ['a+(b|c)'], ['ab', 'abc']],
    ['!a', ['!a'], ['b', 'a']],
    ['über*/ß?', ['übermut/ßs'], ['uber/ßs']],
    ['100%.txt', ['100%.txt'], ['100x.txt']],
    ['constructor', ['constructor'], ['toString']],
  ];
  for (const [glob, matching, others] of rows) {
    test(`${glob} matches ${matching.join(' ')}`, () => {
      const matches = compileGlobs([glob]);
      for (const path of matching) assert.ok(matches(path), path);
      for (const path of others) assert.ok(!matches(path), path);
    });
  }
});

test('of several globs any matches; none matches nothing', () => {
  const matches = compileGlobs(['a', 'b/*']);
  assert.deepEqual(['a', 'b/x', 'c'].map(matches), [true, true, false]);
  assert.equal(compileGlobs([])('a'), false);
});

test('any glob matches as one that tries everything', () => {
  const piece = fc.constantFrom('a', 'b', '*', '**', '?', '/', '/**/', '[ab]', '[!a]');
  const glob = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
  const path = fc
    .array(fc.constantFrom('a', 'b', 'c', '/'), { maxLength: 10 })
    .map((characters) => characters.join(''));
  fc.assert(
    fc.property(glob, path, (text, name) => {
      assert.equal(compileGlobs([text])(name), tryAll(text.split('/'), name.split('/')));
    }),
    { numRuns: 3000 },
  );
});

function tryAll(globs: readonly string[], names: readonly string[]): boolean {
  const [glob, ...restOfGlobs] = globs;
  const [name, ...restOfNames] = names;
  if (glob === undefined) return name === undefined;
  if (glob === '**') return tryAll(restOfGlobs, names) || (name !== undefined && tryAll(globs, restOfNames));
  return name !== undefined && tryName(glob, name) && tryAll(restOfGlobs, restOfNames);
}

function tryName(glob: string, name: string): boolean {
  if (glob === '') return name === '';
  if (glob.startsWith('*')) return tryName(glob.slice(1), name) || (name !== '' && tryName(glob, name.slice(1)));
  const token = /^\[.*?\]/.exec(glob)?.[0] ?? glob.slice(0, 1);
  const fits =
    { '?': name !== '', '[ab]': /^[ab]/.test(name), '[!a]': /^[^a]/.test(name) }[token] ?? name.startsWith(token);
  return fits && tryName(glob.slice(token.length), name.slice(1));
}

test('hostile globs and paths cost no more than their length', () => {
  const dashes = '-'.repeat(255);
  const deep = 'a/b/'.repeat(1000);
  for (const [glob, path] of [
    [`${'*-'.repeat(100)}x`, dashes],
    [`**/${'*-'.repeat(100)}x`, `${dashes}/`.repeat(16)],
    [`${'**/a/**/b/'.repeat(40)}c`, deep],
    [`${'*a*/'.repeat(60)}x`, `${'a'.repeat(60)}/`.repeat(60)],
    ['(a+)+b', 'a'.repeat(255)],
    [`${'[a]+'.repeat(60)}b`, 'a'.repeat(255)],
    ['{a,aa}{a,aa}{a,aa}{a,aa}{a,aa}{a,aa}{a,aa}{a,aa}b', 'a'.repeat(255)],
  ] as const) {
    assert.equal(compileGlobs([glob])(path), false);
  }
});

test('a glob that stands for too many is refused', () => {
  assert.throws(() => compileGlobs(['{a,b}'.repeat(10)]), RangeError);
  assert.throws(() => compileGlobs(['{a,b}'.repeat(100)]), RangeError);
  assert.ok(compileGlobs(['{a,b}'.repeat(9)])('ababababa'));
});
