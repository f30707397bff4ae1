import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import picomatch from 'picomatch';
import { sampleRepository } from '../samples.ts';
import { compileFreshness, compileScope } from './freshness.ts';

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

test('globs that people write match as they do elsewhere', () => {
  const name = fc.constantFrom('a', 'ab', 'b.iso', '.x', 'x.iso', 'keep');
  const part = fc.constantFrom('a', 'b', '*', '**', '?', '[^k]*', '[a-c]', '{a,b}', '.x', '*.iso', 'a*', '*b*');
  const pattern = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
  fc.assert(
    fc.property(pattern, path, (glob, given) => {
      // The library takes `a/**` for a itself too, but not `*/**` for it; here it always does.
      fc.pre(!/[*?\]}](?:\/\*\*)+$/.test(glob));
      const { includes } = compileScope([glob], []);
      assert.equal(includes(given), picomatch(glob, { dot: true, nonegate: true })(given));
    }),
    { numRuns: 3000 },
  );
});
