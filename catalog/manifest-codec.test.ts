import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { decodeManifest, encodeManifest } from './manifest-codec.ts';
import type { Manifest, MirrorRecord, NumberRange, SegmentPages } from './manifest.ts';
import type { Audience, Location, Policy } from './policy.ts';
import { sampleManifest } from './store/samples.ts';

const page = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('base64url'));
const orNull = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { nil: null });
const whole = fc.maxSafeNat();
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const country = fc.stringMatching(/^[A-Z]{2}$/);
const network = fc.oneof(
  fc.tuple(fc.ipV4(), fc.nat(32)).map(([address, bits]) => `${address}/${bits}`),
  fc.tuple(fc.ipV6(), fc.nat(128)).map(([address, bits]) => `${address}/${bits}`),
);
const some = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(of, { maxLength: 3 });
const url = fc.webUrl().map((given) => new URL(given).href);
const base = fc.webUrl().map((given) => new URL('/mirror/', given).href);
const degrees = (most: number): fc.Arbitrary<number> =>
  fc.double({ min: -most, max: most, noNaN: true }).map((d) => d + 0);

const location: fc.Arbitrary<Location> = fc.record(
  {
    latitude: degrees(90),
    longitude: degrees(180),
    country,
    additionalCountries: some(country),
    continent: fc.constantFrom('EU', 'NA'),
    asns: some(fc.nat()),
    networks: some(network),
    global: fc.boolean(),
  },
  { requiredKeys: ['additionalCountries', 'asns', 'networks', 'global'] },
);
const audience: fc.Arbitrary<Audience> = fc.record({
  scope: fc.constantFrom('Anyone', 'Continent', 'Country', 'ASN'),
  networks: some(network),
  excludedCountries: some(country),
});
const policy: fc.Arbitrary<Policy> = fc.record({
  hosts: some(fc.domain()),
  pathPrefix: fc.constantFrom('/', '/a/', '/a b/ü/'),
  createdAt: whole,
  freshnessRules: some(fc.record({ paths: some(text), authorityOnly: fc.boolean() })),
  unknownFiles: fc.constantFrom('Fallback', 'NotFound'),
  selection: fc.record({
    strategy: fc.constantFrom('Proximity', 'Weighted', 'Mirrorbits'),
    rangePercent: fc.nat(1000),
    stickiness: fc.constantFrom('None', 'Client'),
    alternatives: fc.nat(20),
    maxSharePercent: fc.nat(100),
    mirrorbitsZeroASMatches: fc.boolean(),
  }),
  upgradeToHTTPS: fc.boolean(),
  fallbacks: some(fc.record({ name: text, url, location })),
  archive: some(fc.record({ paths: some(text), url })),
  output: fc.constantFrom('Auto', 'Redirect', 'JSON'),
});
const segment: fc.Arbitrary<SegmentPages> = fc.record({
  paths: page,
  attributes: page,
  digests: orNull(page),
  dead: orNull(page),
});
const range: fc.Arbitrary<NumberRange> = fc.tuple(whole, whole, whole);
const mirror: fc.Arbitrary<MirrorRecord> = fc.record(
  {
    name: text,
    uid: text,
    endpoints: some(base),
    location,
    weight: fc.integer({ min: 1, max: 1000 }),
    audience,
    maxFileSize: whole,
    mode: fc.constantFrom('Active', 'Drained'),
    sponsor: fc.record({ name: text, url, logoURL: url }, { requiredKeys: ['name'] }),
    scannedAt: whole,
    column: orNull(page),
    growing: fc.uint8Array({ maxLength: 64 }).map((bits) => Buffer.from(bits).toString('base64')),
    exceptions: orNull(page),
  },
  {
    requiredKeys: [
      'name',
      'uid',
      'endpoints',
      'location',
      'weight',
      'audience',
      'mode',
      'column',
      'growing',
      'exceptions',
    ],
  },
);
const manifest: fc.Arbitrary<Manifest> = fc.record(
  {
    schema: fc.constant(1),
    uid: text,
    revision: whole,
    publishedAt: whole,
    policy,
    files: whole,
    bytes: whole,
    table: fc.record({ list: orNull(page), growing: orNull(segment), end: whole }),
    links: orNull(page),
    grace: some(range),
    retained: some(range),
    previous: orNull(page),
    mirrors: some(mirror),
  },
  { noNullPrototype: true },
);

const isMalformed = { name: 'StoreFailure', reason: 'Malformed' };
const stored = (value: unknown): Uint8Array => zstdCompressSync(JSON.stringify(value));

test('a manifest comes back as it was written', () => {
  fc.assert(
    fc.property(manifest, (given) => {
      assert.deepEqual(decodeManifest(encodeManifest(given)), plain(given));
    }),
  );
});

test('bytes that are no manifest are Malformed and nothing else', () => {
  const hostile = fc.oneof(
    fc.uint8Array(),
    fc.uint8Array().map((bytes) => zstdCompressSync(bytes)),
    fc.json().map((json) => zstdCompressSync(json)),
  );
  fc.assert(
    fc.property(hostile, (bytes) => {
      assert.throws(() => decodeManifest(bytes), isMalformed);
    }),
  );
});

test('a manifest in which any one value was replaced is Malformed, or still of the right shape', () => {
  fc.assert(
    fc.property(manifest, fc.nat(), fc.jsonValue(), (given, at, value) => {
      const bytes = zstdCompressSync(replaceOne(JSON.stringify(given), at, value));
      let read: Manifest;
      try {
        read = decodeManifest(bytes);
      } catch (error) {
        assert.throws(() => {
          throw error;
        }, isMalformed);
        return;
      }
      assert.deepEqual(decodeManifest(encodeManifest(read)), read);
    }),
    { numRuns: 300 },
  );
});

test('fields that this release does not know are left out', () => {
  const newer = { ...sampleManifest(), future: 1, table: { list: null, growing: null, end: 0, future: [] } };
  assert.deepEqual(decodeManifest(stored(newer)), sampleManifest());
});

test('a field that is wrong is named, its contents are not', () => {
  const secret = { ...sampleManifest(), grace: [[1, 2, 's3cret']] };
  assert.throws(() => decodeManifest(stored(secret)), {
    ...isMalformed,
    message: 'manifest.grace[0][2] is not a whole number from 0',
  });
});

test('values that could leave their place are refused', () => {
  const valid = fc.sample(mirror, 1)[0]!;
  const wrong: readonly Partial<Record<keyof MirrorRecord, unknown>>[] = [
    { endpoints: ['javascript:alert(1)/'] },
    { endpoints: ['https://example.org/a'] },
    { endpoints: ['https://example.org/?/'] },
    { endpoints: ['https://example.org/\r\nSet-Cookie: a/'] },
    { endpoints: ['https://exämple.org/'] },
    { sponsor: { name: 'x', url: 'data:text/html,x' } },
    { column: '../../etc/passwd' },
    { growing: 'A'.repeat(92) },
    { weight: Number.MAX_VALUE },
    { weight: -1 },
    { mode: 'Else' },
    { location: { ...valid.location, country: 'de' } },
    { location: { ...valid.location, networks: ['10.0.0.0/33'] } },
    { location: { ...valid.location, latitude: 91 } },
  ];
  for (const change of wrong) {
    const given = { ...sampleManifest(), mirrors: [{ ...valid, ...change }] };
    assert.throws(() => decodeManifest(stored(given)), isMalformed, JSON.stringify(change));
  }
});

test('a manifest of another schema, a bomb and cut bytes are Malformed', () => {
  const bomb = zstdCompressSync(Buffer.alloc(100_000_000, 0x20));
  const good = encodeManifest(sampleManifest());
  for (const bytes of [stored({ ...sampleManifest(), schema: 2 }), bomb, good.subarray(0, 50), randomBytes(50)]) {
    assert.throws(() => decodeManifest(bytes), isMalformed);
  }
});

test('a manifest that no reader would accept is not written', () => {
  assert.throws(() => encodeManifest(sampleManifest({ revision: -1 })), isMalformed);
  const huge = Array<MirrorRecord>(60_000).fill(fc.sample(mirror, 1)[0]!);
  assert.throws(() => encodeManifest(sampleManifest({ mirrors: huge })), isMalformed);
});

/** The same value with ordinary prototypes. */
function plain<T>(value: T): T {
  return structuredClone(value);
}

/** The JSON text with one of its values, counted through all of them, replaced. */
function replaceOne(json: string, at: number, by: unknown): string {
  let count = 0;
  JSON.parse(json, (_key, value: unknown) => {
    count++;
    return value;
  });
  let turn = 0;
  return JSON.stringify(JSON.parse(json, (_key, value: unknown) => (turn++ === at % count ? by : value)));
}
