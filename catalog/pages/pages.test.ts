import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { digestAlgorithms, type Digests } from '../file.ts';
import { decodeAttributes, encodeAttributes, storableAttributes } from './attributes.ts';
import { decodeColumnPage, encodeColumnPage } from './columns.ts';
import { decodeDead, encodeDead } from './dead.ts';
import { decodeDigests, encodeDigests } from './digests.ts';
import { decodeExceptions, encodeExceptions } from './exceptions.ts';
import { decodeLinks, encodeLinks } from './links.ts';
import { decodeList, encodeList } from './lists.ts';
import { MalformedPage } from './page.ts';
import { decodePaths, encodePaths } from './paths.ts';
import { decodePrevious, encodePrevious } from './previous.ts';

const name = fc.oneof(
  fc.stringMatching(/^[a-c]{1,4}$/),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((text) => text.toWellFormed()),
);
const path = fc.array(name, { minLength: 1, maxLength: 6 }).map((names) => names.join('/'));
const seconds = fc.option(fc.nat(2 ** 32 - 2), { nil: undefined });
const attributes = fc
  .tuple(fc.option(fc.nat(2 ** 48 - 2), { nil: undefined }), seconds, fc.constantFrom(0, 59, 86_399))
  .map(([size, modifiedAt, timeSlack]) => ({ size, modifiedAt, timeSlack }));
const link = fc.tuple(path, path).map(([from, target]) => ({ path: from, target }));
const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: length, maxLength: length });
const digests: fc.Arbitrary<Digests> = fc.record(
  { md5: hex(32), sha1: hex(40), sha256: hex(64), sha512: hex(128) },
  { requiredKeys: [] },
);
const pageName = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes).toString('base64url'));
const names = fc.array(fc.option(pageName), { maxLength: 40 });

describe('a page of paths', () => {
  it('gives every path back, by index and in order', () => {
    fc.assert(
      fc.property(fc.array(path, { maxLength: 60 }), (paths) => {
        const page = decodePaths(encodePaths(paths));
        assert.deepEqual(
          paths.map((_, index) => page.path(index)),
          paths,
        );
        const visited: string[] = [];
        page.forEach((_, bytes, length) => visited.push(Buffer.from(bytes.subarray(0, length)).toString()));
        assert.deepEqual(visited, paths);
      }),
    );
  });

  it('tells which entry a path is without rebuilding it', () => {
    fc.assert(
      fc.property(fc.array(path, { minLength: 1, maxLength: 60 }), path, (paths, other) => {
        const page = decodePaths(encodePaths(paths));
        for (const sought of [...paths, other, `${paths[0]}x`, paths[0]!.slice(0, -1)]) {
          const key = Buffer.from(sought);
          const found = paths.map((_, index) => page.equals(index, key, key.length));
          assert.deepEqual(
            found,
            paths.map((at) => at === sought),
          );
        }
      }),
    );
  });

  it('has no path outside its bounds', () => {
    const page = decodePaths(encodePaths(['a']));
    assert.equal(page.path(1), '');
    assert.equal(page.path(-1), '');
    assert.equal(page.equals(1, Buffer.from('a'), 1), false);
  });

  it('refuses paths longer than a catalog can hold', () => {
    assert.equal(decodePaths(encodePaths(['x'.repeat(4096)])).path(0).length, 4096);
    assert.throws(() => encodePaths(['x'.repeat(4097)]), RangeError);
    assert.throws(() => encodePaths(['ü'.repeat(2049)]), RangeError);
  });
});

describe('a page of attributes', () => {
  it('gives sizes, times and slack back', () => {
    fc.assert(
      fc.property(fc.array(attributes, { maxLength: 40 }), (files) => {
        const page = decodeAttributes(encodeAttributes(files));
        const read = files.map((_, index) => ({
          size: page.size(index),
          modifiedAt: page.modifiedAt(index),
          timeSlack: page.timeSlack(index),
        }));
        assert.deepEqual(read, files);
      }),
    );
  });

  for (const { title, given, stored } of [
    {
      title: 'a size beyond 48 bits is unknown',
      given: { size: 2 ** 48 - 1, modifiedAt: 1, timeSlack: 0 },
      stored: { size: undefined, modifiedAt: 1, timeSlack: 0 },
    },
    {
      title: 'a time before 1970 is unknown',
      given: { size: 0, modifiedAt: -1, timeSlack: 0 },
      stored: { size: 0, modifiedAt: undefined, timeSlack: 0 },
    },
    {
      title: 'a slack in between becomes the next larger class',
      given: { size: 0, modifiedAt: 0, timeSlack: 60 },
      stored: { size: 0, modifiedAt: 0, timeSlack: 3599 },
    },
  ]) {
    it(`stores what it can: ${title}`, () => {
      assert.deepEqual(storableAttributes(given), stored);
      const page = decodeAttributes(encodeAttributes([given]));
      assert.deepEqual({ size: page.size(0), modifiedAt: page.modifiedAt(0), timeSlack: page.timeSlack(0) }, stored);
    });
  }
});

describe('a page of digests', () => {
  it('gives back whichever digests each file has', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 3, arbitrary: digests }, fc.constant({})), { maxLength: 150 }),
        (files) => {
          const bytes = encodeDigests(files);
          const any = files.some((file) => Object.keys(file).length > 0);
          assert.equal(bytes !== undefined, any);
          if (bytes === undefined) return;
          const page = decodeDigests(bytes);
          assert.deepEqual(
            files.map((_, index) => page.digests(index)),
            files.map((file) => ({ ...file })),
          );
        },
      ),
    );
  });

  it('refuses what is not a digest of its algorithm', () => {
    for (const algorithm of digestAlgorithms) assert.throws(() => encodeDigests([{ [algorithm]: 'abc' }]), RangeError);
  });
});

describe('the other pages', () => {
  it('give dead indexes back', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(299)), (dead) => {
        const bytes = encodeDead(300, dead);
        assert.equal(bytes === undefined, dead.length === 0);
        const page = bytes && decodeDead(bytes);
        assert.equal(page?.dead ?? 0, dead.length);
        for (let index = 0; index < 300; index++) assert.equal(page?.isDead(index) ?? false, dead.includes(index));
      }),
    );
  });

  it('give column bits back, and are not there at all for bits that are all Absent', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (bits) => {
        const bytes = encodeColumnPage(bits);
        assert.deepEqual(bytes === undefined ? new Uint8Array(64) : decodeColumnPage(bytes, 256), bits);
      }),
    );
    assert.equal(encodeColumnPage(new Uint8Array(4096)), undefined);
  });

  it('give links back', () => {
    fc.assert(
      fc.property(fc.uniqueArray(link, { selector: (at) => at.path }), (links) => {
        assert.deepEqual(new Set(decodeLinks(encodeLinks(links))), new Set(links));
      }),
    );
  });

  it('give lists of names back', () => {
    fc.assert(
      fc.property(names, names, fc.constantFrom('Table' as const, 'Column' as const), (full, segments, kind) => {
        assert.deepEqual(decodeList(kind, encodeList(kind, { full, segments })), { full, segments });
      }),
    );
  });

  it("give a mirror's own versions back, with the size's slack rounded up to a power of two", () => {
    const own = fc
      .record({ path, sizeSlack: fc.nat(2 ** 40) })
      .chain((base) => attributes.map((rest) => ({ ...base, ...rest })));
    fc.assert(
      fc.property(fc.uniqueArray(own, { selector: (version) => version.path, maxLength: 40 }), (versions) => {
        const page = decodeExceptions(encodeExceptions(versions));
        assert.equal(page.count, versions.length);
        const read = new Map(versions.map((_, index) => [page.own(index).path, page.own(index)]));
        for (const { sizeSlack, ...rest } of versions) {
          const { sizeSlack: stored, ...others } = read.get(rest.path)!;
          assert.deepEqual(others, rest);
          assert.ok(stored >= sizeSlack && stored <= 2 * sizeSlack);
        }
      }),
    );
  });

  it('give previous versions back', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2 ** 32 - 2), attributes)), (entries) => {
        const previous = new Map(entries);
        const bytes = encodePrevious(previous);
        assert.deepEqual(bytes === undefined ? new Map() : decodePrevious(bytes), previous);
      }),
    );
  });
});

describe('a decoder that is given hostile bytes', () => {
  const someDigests = [{ sha256: 'ab'.repeat(32) }, {}, { md5: 'cd'.repeat(16) }];
  const version = { path: 'a/b', size: 1, sizeSlack: 0, modifiedAt: 2, timeSlack: 0 };
  const list = { full: ['A'.repeat(22), null], segments: ['B'.repeat(22)] };
  const pages: readonly {
    readonly kind: string;
    readonly bytes: Uint8Array;
    readonly read: (bytes: Uint8Array) => unknown;
  }[] = [
    { kind: 'paths', bytes: encodePaths(Array.from({ length: 40 }, (_, at) => `pool/${at}/file`)), read: readPaths },
    {
      kind: 'attributes',
      bytes: encodeAttributes([version, version]),
      read: (bytes) => decodeAttributes(bytes).size(1),
    },
    { kind: 'digests', bytes: encodeDigests(someDigests)!, read: (bytes) => decodeDigests(bytes).digests(2) },
    { kind: 'dead numbers', bytes: encodeDead(9, [3])!, read: (bytes) => decodeDead(bytes).isDead(8) },
    {
      kind: 'column bits',
      bytes: encodeColumnPage(new Uint8Array(64).fill(7))!,
      read: (bytes) => decodeColumnPage(bytes, 256),
    },
    { kind: 'links', bytes: encodeLinks([{ path: 'a', target: 'b/c' }]), read: decodeLinks },
    { kind: 'table list', bytes: encodeList('Table', list), read: (bytes) => decodeList('Table', bytes) },
    { kind: 'column list', bytes: encodeList('Column', list), read: (bytes) => decodeList('Column', bytes) },
    { kind: 'exceptions', bytes: encodeExceptions([version]), read: (bytes) => decodeExceptions(bytes).own(0) },
    { kind: 'previous versions', bytes: encodePrevious(new Map([[7, version]]))!, read: decodePrevious },
  ];

  function readPaths(bytes: Uint8Array) {
    const page = decodePaths(bytes);
    page.forEach(() => undefined);
    return page.path(page.count - 1);
  }

  const answers = (read: (bytes: Uint8Array) => unknown, bytes: Uint8Array) => {
    try {
      read(bytes);
    } catch (error) {
      assert.ok(error instanceof MalformedPage, String(error));
    }
  };

  for (const { kind, bytes, read } of pages) {
    it(`reads or refuses ${kind} with any byte changed, cut at any place, or with bytes behind, and never fails otherwise`, () => {
      fc.assert(
        fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(255), (at, value, next) => {
          const changed = Uint8Array.from(bytes);
          changed[at] = value;
          answers(read, changed);
          if (at + 1 < changed.length) changed[at + 1] = next;
          answers(read, changed);
        }),
        { numRuns: 1000 },
      );
      for (let length = 0; length < bytes.length; length++)
        assert.throws(() => read(bytes.slice(0, length)), MalformedPage);
      assert.throws(() => read(Buffer.concat([bytes, Buffer.alloc(1)])), MalformedPage);
    });

    it(`refuses any other page than one of ${kind}, and other format versions`, () => {
      for (const other of pages) if (other.kind !== kind) assert.throws(() => read(other.bytes), MalformedPage);
      const later = Uint8Array.from(bytes);
      later[1] = 2;
      assert.throws(() => read(later), MalformedPage);
    });
  }

  it('refuses random bytes behind a good header', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        for (const { bytes, read } of pages) {
          answers(read, Buffer.concat([bytes.subarray(0, 2), noise]));
          answers(read, Buffer.concat([bytes.subarray(0, 6), noise]));
        }
      }),
    );
  });
});
