import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { hostName, parseTarget } from './target.ts';

const understood: readonly [raw: string, path: string, directory?: true][] = [
  ['/', '', true],
  ['/a', '/a'],
  ['/a/b.iso', '/a/b.iso'],
  ['/a/', '/a', true],
  ['//a', '/a'],
  ['/a//b///c', '/a/b/c'],
  ['/a/./b', '/a/b'],
  ['/a/../b', '/b'],
  ['/a/%2e%2e/b', '/b'],
  ['/a/b/..', '/a', true],
  ['/a/.', '/a', true],
  ['/a/..', '', true],
  ['//', '', true],
  ['/.hidden/..data/...', '/.hidden/..data/...'],
  ['/100%25', '/100%'],
  ['/%2541', '/%41'],
  ['/a%23b%3Fc', '/a#b?c'],
  ['/a#b', '/a#b'],
  ['/a%20b+c', '/a b+c'],
  ['/a\\..\\b', '/a\\..\\b'],
  ['/a%5Cb', '/a\\b'],
  ['/gr%C3%BC%C3%9Fe', '/grüße'],
  [Buffer.from('/grüße').toString('latin1'), '/grüße'],
  ['/a?pretty', '/a'],
  ['http://get.example', '', true],
  ['http://get.example/a?x', '/a'],
  ['HTTPS://get.example:8443/a/', '/a', true],
];

for (const [raw, path, directory = false] of understood)
  test(`the target ${raw} means ${path || '/'}${directory ? ' as a directory' : ''}`, () => {
    const target = parseTarget(raw);
    assert.equal(target.kind, 'Target');
    assert.deepEqual([target.path, target.directory], [path, directory]);
  });

const refusals: readonly [raw: string, refusal: string][] = [
  ['*', 'NotAPath'],
  ['get.example:443', 'NotAPath'],
  ['ftp://get.example/a', 'NotAPath'],
  ['', 'NotAPath'],
  ['/%', 'MalformedEscape'],
  ['/%4', 'MalformedEscape'],
  ['/%zz', 'MalformedEscape'],
  ['/%ff', 'MalformedEscape'],
  ['/%c0%af', 'MalformedEscape'],
  ['/%ed%a0%80', 'MalformedEscape'],
  ['/\xff', 'NotUTF8'],
  ['/%ef%bf%bd', 'NotUTF8'],
  ['/%00', 'ControlCharacter'],
  ['/a%0d%0aSet-Cookie:x', 'ControlCharacter'],
  ['/%7f', 'ControlCharacter'],
  ['/a%2fb', 'EncodedSlash'],
  ['/a%2F..%2Fb', 'EncodedSlash'],
  ['/..', 'LeavesRoot'],
  ['/../etc/passwd', 'LeavesRoot'],
  ['/a/../../etc', 'LeavesRoot'],
  ['/a/%2E%2e/%2e./etc', 'LeavesRoot'],
  [`/${'a'.repeat(256)}`, 'NameTooLong'],
  [`/${'a/'.repeat(2100)}b`, 'TooLong'],
];

for (const [raw, refusal] of refusals)
  test(`the target ${raw.slice(0, 30)} is refused as ${refusal}`, () => {
    assert.deepEqual(parseTarget(raw), { kind: 'Refused', refusal });
  });

test('every path whose segments are encoded is read back as it was', () => {
  const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((each) => !/^\.\.?$/.test(each));
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
      const target = parseTarget(`/${names.map((each) => encodeURIComponent(each)).join('/')}`);
      if (target.kind === 'Refused') return;
      assert.equal(target.path, `/${names.join('/')}`);
    }),
  );
});

test('no target whatever makes a path with empty, dot or control segments', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('/', '.', '%', '2', 'e', 'f', '0', 'a', '\\', '?') }), (text) => {
      const target = parseTarget(`/${text}`);
      if (target.kind === 'Refused') return;
      for (const segment of target.path.split('/').slice(1)) assert.ok(!['', '.', '..'].includes(segment), target.path);
    }),
    { numRuns: 5000 },
  );
});

test('the query is cut at the first question mark, and absent without one', () => {
  const target = parseTarget('/a%3Fb?https=1&pretty?');
  assert.equal(target.kind, 'Target');
  assert.equal(target.query?.get('https'), '1');
  const bare = parseTarget('/a');
  assert.equal(bare.kind === 'Target' && bare.query, undefined);
});

for (const [authority, name] of [
  ['Get.Example', 'get.example'],
  ['get.example:8080', 'get.example'],
  ['get.example.', 'get.example'],
  ['user@get.example:80', 'get.example'],
  ['[2001:DB8::1]:8080', '2001:db8::1'],
  ['[::1]', '::1'],
  ['[', ''],
  ['', ''],
])
  test(`the authority "${authority}" names the host "${name}"`, () => {
    assert.equal(hostName(authority!), name);
  });
