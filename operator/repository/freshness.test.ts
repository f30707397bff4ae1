import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { sampleRepository } from '../samples.ts';
import { compileFreshness, compileScope, globs } from './freshness.ts';

describe('a glob', () => {
  const rows: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['**/.~tmp~/**', ['.~tmp~/x', 'a/.~tmp~/x', 'a/b/.~tmp~/c/.x'], ['a/.~tmp', '.~tmp~x/y', 'a/~tmp~/x']],
    ['nightly/**', ['nightly/x', 'nightly/2026/.x', 'nightly/a/b/c'], ['x/nightly/y', 'nightly.iso', 'Nightly/x']],
    ['**/*.asc', ['x.asc', 'a/b/x.asc', '.asc', 'a/.x.asc'], ['x.asc.gz', 'asc']],
    ['*.asc', ['x.asc', '.x.asc'], ['a/x.asc']],
    ['**/Release*', ['Release', 'dists/sid/Release.gpg'], ['dists/sid/InRelease', 'Release/x/y']],
    ['pool/{main,contrib}/**', ['pool/main/x', 'pool/contrib/a/b'], ['pool/non-free/x', 'pool/{main,contrib}/x']],
    ['a?c/[xy].iso', ['abc/x.iso', 'a-c/y.iso'], ['ac/x.iso', 'abc/z.iso', 'a/c/x.iso']],
    ['**', ['x', '.x', 'a/b/.c'], []],
    ['with space/ü*', ['with space/über', 'with space/ü'], ['with space/ub']],
    ['100%/a+b', ['100%/a+b'], ['100%/aab']],
    ['a/!b', ['a/!b'], ['a/c']],
  ];
  for (const [glob, matching, others] of rows) {
    test(`${glob} matches whole paths, dot files too`, () => {
      const matches = globs([glob]);
      for (const path of matching) assert.ok(matches(path), path);
      for (const path of others) assert.ok(!matches(path), path);
    });
  }

  test('of several any matches; none matches nothing', () => {
    assert.deepEqual([globs(['a', 'b'])('b'), globs(['a', 'b'])('c'), globs([])('')], [true, false, false]);
  });

  test('is the same for an exclamation mark in front, which the CRD refuses', () => {
    assert.deepEqual([globs(['!a'])('b'), globs(['!a'])('!a')], [false, true]);
  });
});

describe('the scope of a repository', () => {
  test('is everything but what is excluded, whatever include says', () => {
    const { includes } = compileScope(['pub/**'], ['**/*.tmp']);
    assert.deepEqual(['pub/a', 'pub/a.tmp', 'a'].map(includes), [true, false, false]);
    assert.deepEqual(['a', '.~tmp~/a', 'b/.~tmp~/a'].map(compileScope([], ['**/.~tmp~/**']).includes), [
      true,
      false,
      false,
    ]);
    assert.ok(compileScope([], []).includes('anything'));
  });

  const rows: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['**/.~tmp~/**', ['.~tmp~', 'a/.~tmp~', 'a/b/.~tmp~'], ['a', '.~tmp~x']],
    ['nightly/**', ['nightly'], ['a/nightly', 'nightly2', 'night']],
    ['{a,b}/**', ['a', 'b'], ['c', '{a,b}']],
    ['**', ['a', 'a/b'], []],
    ['nightly/*', [], ['nightly', 'nightly/a']],
    ['**/*.iso', [], ['a', 'a.iso']],
    ['a/**/*.iso', [], ['a', 'a/b']],
    ['a/[^k]*/**', ['a/b'], ['a', 'a/keep']],
    ['*/x/**', ['a/x'], ['a', 'x']],
    ['a\\/**', [], ['a']],
  ];
  for (const [exclude, skipped, entered] of rows) {
    test(`lets scanners skip the folders that ${exclude} covers as a whole, and no others`, () => {
      const { skipsFolder } = compileScope([], [exclude]);
      for (const folder of skipped) assert.ok(skipsFolder(folder), folder);
      for (const folder of entered) assert.ok(!skipsFolder(folder), folder);
    });
  }

  test('needs more than two globs for some depths to skip a folder', () => {
    assert.ok(!compileScope([], ['a/*', 'a/*/*']).skipsFolder('a'));
  });

  test('never skips a folder with a file that is included', () => {
    const name = fc.constantFrom('a', 'b', '.x', 'x.iso', 'keep');
    const part = fc.constantFrom('a', 'b', '*', '**', '?', '[^k]*', '{a,b}', '.x', '*.iso');
    const pattern = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    const path = fc.array(name, { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 4 }), path, (exclude, names) => {
        const { includes, skipsFolder } = compileScope([], exclude);
        if (!includes(names.join('/'))) return;
        for (let depth = 1; depth < names.length; depth += 1) {
          const folder = names.slice(0, depth).join('/');
          assert.ok(!skipsFolder(folder), `${folder} of ${names.join('/')} by ${exclude.join(' ')}`);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('freshness', () => {
  const { freshness } = sampleRepository().spec;
  const rules = [
    { paths: ['nightly/latest/**'], compare: 'SizeAndTime' },
    { paths: ['nightly/**'], maxLag: '160m' },
    { paths: ['**/Release*'], serveFrom: 'Fallback' },
    { paths: ['**'], maxLag: '0s' },
  ] as const;

  test('is by the first rule that matches, and by the default for what that rule leaves open', () => {
    const { compare, graceMs } = compileFreshness({ ...freshness, maxLag: '1h', rules });
    for (const [path, compared, minutes] of [
      ['nightly/latest/x', 'SizeAndTime', 60],
      ['nightly/x', 'Auto', 160],
      ['dists/Release', 'Auto', 60],
      ['x', 'Auto', 0],
    ] as const) {
      assert.deepEqual([compare(path), graceMs(path)], [compared, minutes * 60_000], path);
    }
  });

  test('without rules is the same for every path', () => {
    const { compare, graceMs, tolerance } = compileFreshness({
      ...freshness,
      compare: 'Size',
      timeTolerance: '1500ms',
    });
    assert.deepEqual([compare('x'), graceMs('x'), tolerance], ['Size', 3_600_000, 1.5]);
  });
});
