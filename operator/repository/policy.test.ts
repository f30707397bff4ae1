import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleRepository } from '../samples.ts';
import { locationOf, policyOf } from './policy.ts';

const fallback = { name: 'archive', url: 'https://archive.example/' };

test('a Repository with the defaults becomes this policy', () => {
  assert.deepEqual(policyOf(sampleRepository()), {
    hosts: [],
    pathPrefix: '/',
    createdAt: Date.UTC(2026, 0, 1),
    freshnessRules: [],
    unknownFiles: 'NotFound',
    selection: {
      strategy: 'Proximity',
      rangePercent: 150,
      stickiness: 'None',
      alternatives: 5,
      maxSharePercent: 100,
      mirrorbitsZeroASMatches: false,
    },
    upgradeToHTTPS: true,
    fallbacks: [],
    archive: [],
    output: 'Auto',
  });
});

test('unknown files go to a fallback where there is one, unless the spec says otherwise', () => {
  for (const [fallbacks, unknownFiles, becomes] of [
    [[], undefined, 'NotFound'],
    [[fallback], undefined, 'Fallback'],
    [[fallback], 'NotFound', 'NotFound'],
    [[fallback], 'Fallback', 'Fallback'],
  ] as const) {
    const spec = { fallbacks, ...(unknownFiles === undefined ? {} : { unknownFiles }) };
    assert.equal(policyOf(sampleRepository({ spec })).unknownFiles, becomes);
  }
});

test('hosts are lower case, and a prefix begins and ends with a slash', () => {
  for (const [pathPrefix, becomes] of [
    ['/', '/'],
    ['', '/'],
    ['pub', '/pub/'],
    ['/pub/sub', '/pub/sub/'],
    ['//pub//', '/pub/'],
  ] as const) {
    assert.equal(policyOf(sampleRepository({ spec: { pathPrefix } })).pathPrefix, becomes);
  }
  assert.deepEqual(policyOf(sampleRepository({ spec: { hosts: ['Get.Example.ORG'] } })).hosts, ['get.example.org']);
});

test('of the freshness rules redirectors learn which paths are the authority’s, in order', () => {
  const rules = [
    { paths: ['a'], maxLag: '1h' },
    { paths: ['b', 'c'], serveFrom: 'Fallback' },
  ] as const;
  const { freshness } = sampleRepository().spec;
  assert.deepEqual(policyOf(sampleRepository({ spec: { freshness: { ...freshness, rules } } })).freshnessRules, [
    { paths: ['a'], authorityOnly: false },
    { paths: ['b', 'c'], authorityOnly: true },
  ]);
});

test('a fallback keeps name, URL and place, and nothing else that a resource may hold', () => {
  const located = {
    ...fallback,
    location: { country: 'DE', additionalCountries: [], asns: [], networks: [], global: false },
  };
  assert.deepEqual(policyOf(sampleRepository({ spec: { fallbacks: [located, fallback] } })).fallbacks, [
    located,
    { ...fallback, location: locationOf(undefined) },
  ]);
});

test('coordinates are numbers in the catalog, and absent where the resource has none', () => {
  assert.deepEqual(locationOf({ latitude: '-33.87', longitude: '151.21', country: 'AU' }), {
    latitude: -33.87,
    longitude: 151.21,
    country: 'AU',
    additionalCountries: [],
    asns: [],
    networks: [],
    global: false,
  });
  assert.deepEqual(locationOf(undefined), { additionalCountries: [], asns: [], networks: [], global: false });
});
