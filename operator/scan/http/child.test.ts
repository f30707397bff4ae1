import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { refusePath } from '@geomirror/catalog/path.ts';

import { childNamed, childOf } from './child.ts';

const folder = new URL('https://mirror.example/pub/a%20b/');
const file = (name: string): object => ({ kind: 'Child', name, isFolder: false });
const refused = (name: string, reason: string): object => ({ kind: 'Refused', name, reason });

test('a link is followed to the name it means', () => {
  const cases: readonly [href: string, expected: object | undefined][] = [
    ['file.iso', file('file.iso')],
    ['./co:lon', file('co:lon')],
    ['sub/', { kind: 'Child', name: 'sub', isFolder: true }],
    ['/pub/a%20b/file', file('file')],
    ['/pub/a b/file', file('file')],
    ['https://mirror.example/pub/a%20b/file', file('file')],
    ['HTTPS://MIRROR.EXAMPLE/pub/a%20b/file', file('file')],
    ['//mirror.example/pub/a%20b/file', file('file')],
    ['100%25', file('100%')],
    ['%2e%2e%2e', file('...')],
    ['a%23b%3Fc%26d', file('a#b?c&d')],
    ['a\\b', file('a\\b')],
    ['%F0%9F%9A%80', file('🚀')],
    ['..', undefined],
    ['../', undefined],
    ['/', undefined],
    ['/pub/a%20b/', undefined],
    ['/pub/file', undefined],
    ['/pub/a%20b/sub/file', undefined],
    ['a/b', undefined],
    ['//', undefined],
    ['', undefined],
    ['?C=M;O=A', undefined],
    ['#top', undefined],
    ['http://mirror.example/pub/a%20b/file', undefined],
    ['https://mirror.example:8443/pub/a%20b/file', undefined],
    ['https://mirror.example.evil.example/pub/a%20b/file', undefined],
    ['javascript:alert(1)', undefined],
    ['data:text/html,x', undefined],
    ['%2e%2e', refused('%2e%2e', 'DotSegment')],
    ['a%2Fb', refused('a%2Fb', 'DotSegment')],
    ['%00', refused('%00', 'ControlCharacter')],
    ['a%0D%0Ab', refused('a%0D%0Ab', 'ControlCharacter')],
    ['%e9', refused('%e9', 'NotUTF8')],
    ['%zz', refused('%zz', 'NotUTF8')],
    ['\ufffd', refused('\ufffd', 'NotUTF8')],
  ];
  for (const [href, expected] of cases) assert.deepEqual(childOf(folder, href), expected, href);
});

test('whatever a link says, a child is one valid name', () => {
  const hostile = fc.array(
    fc.constantFrom('%', '2', 'e', 'f', '.', '/', '\\', ':', '?', '#', 'a', '%2e', '%2f', '%00', 'https:', '\n'),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        hostile.map((parts) => parts.join('')),
      ),
      (href) => {
        const child = childOf(folder, href);
        return child?.kind !== 'Child' || (refusePath(child.name) === undefined && !child.name.includes('/'));
      },
    ),
    { numRuns: 5000 },
  );
});

test('every valid name is found again by its encoded link', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), (name) => {
      fc.pre(refusePath(name) === undefined && !name.includes('/'));
      assert.deepEqual(childOf(folder, encodeURIComponent(name)), file(name));
      assert.deepEqual(childNamed(name, false), file(name));
    }),
  );
});
