import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../failures.ts';
import type { AddressGuard } from '../network/guard.ts';
import type { Locate } from '../ports.ts';
import type { MirrorLocation } from '../resources/mirror.ts';
import { sampleMirror } from '../samples.ts';
import { locateMirror, type LocatedMirror } from './location.ts';

const sweden = { latitude: 59.33, longitude: 18.07, country: 'SE', continent: 'EU', asns: [1653] };
const plain = { additionalCountries: [], asns: [], networks: [], global: false };

/** Where a mirror is by its spec, the addresses of its host, and what GeoIP says of them. */
async function located(
  location: Partial<MirrorLocation> | undefined,
  addresses: readonly string[] | Failure = ['192.0.2.1'],
  geoIP: Readonly<Record<string, ReturnType<Locate>>> = { '192.0.2.1': sweden },
): Promise<LocatedMirror & { readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const guard: Pick<AddressGuard, 'resolve'> = {
    resolve(host) {
      asked.push(host);
      if (addresses instanceof Failure) return Promise.reject(addresses);
      return Promise.resolve(addresses.map((address) => ({ address, family: 4 })));
    },
  };
  const mirror = sampleMirror({ spec: location === undefined ? {} : { location: { ...plain, ...location } } });
  const found = await locateMirror({ guard, locate: (address) => geoIP[address] }, mirror, AbortSignal.timeout(60_000));
  return { ...found, asked };
}

type Row = readonly [
  title: string,
  given: Parameters<typeof located>,
  expected: LocatedMirror['location'] & Pick<LocatedMirror, 'source'>,
];
const rows: readonly Row[] = [
  ['by GeoIP of its host where the spec says nothing', [undefined], { ...plain, ...sweden, source: 'GeoIP' }],
  [
    'by the first address that GeoIP knows',
    [undefined, ['198.51.100.1', '192.0.2.1']],
    { ...plain, ...sweden, source: 'GeoIP' },
  ],
  ['nowhere if GeoIP knows none', [undefined, ['198.51.100.1']], { ...plain, source: undefined }],
  [
    'nowhere if its host has no address',
    [undefined, new Failure('UnresolvableHost', 'no')],
    { ...plain, source: undefined },
  ],
  [
    'where the spec says, the network by GeoIP',
    [{ latitude: '55.6', longitude: '13' }],
    { ...plain, ...sweden, latitude: 55.6, longitude: 13, source: 'Spec' },
  ],
  ['in the spec’s country, at GeoIP’s place within it', [{ country: 'SE' }], { ...plain, ...sweden, source: 'Spec' }],
  [
    'in the spec’s country and nowhere else, if GeoIP is wrong',
    [{ country: 'NO' }],
    { ...plain, country: 'NO', asns: [1653], source: 'Spec' },
  ],
  ['in the spec’s networks', [{ asns: [2847], country: 'SE' }], { ...plain, ...sweden, asns: [2847], source: 'Spec' }],
  [
    'where the spec says, if its host has no address',
    [{ country: 'SE' }, new Failure('UnresolvableHost', 'no')],
    { ...plain, country: 'SE', source: 'Spec' },
  ],
];
for (const [title, given, expected] of rows) {
  test(`a mirror is ${title}`, async () => {
    const { source, ...location } = expected;
    const found = await located(...given);
    assert.deepEqual([found.location, found.source], [location, source]);
    assert.deepEqual(found.asked, ['mirror.example']);
  });
}

test('GeoIP is not asked where the spec says it all, nor for an address that is everywhere', async () => {
  for (const location of [{ latitude: '55.6', longitude: '13', country: 'SE' }, { global: true }]) {
    const { asked, source } = await located(location);
    assert.deepEqual([asked, source], [[], 'Spec']);
  }
});
