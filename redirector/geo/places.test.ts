import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Address, parseAddress, parseNetwork, prefixOf } from './address.ts';
import { countryOf } from './countries.ts';
import type { GeoRecord } from './geo.ts';
import { mergeFacts } from './merge.ts';
import { createPlaces } from './places.ts';
import { readFacts } from './facts.ts';
import { createRecent } from './recent.ts';

/** Knows countries by network and counts how often it is asked. */
const countries = (byNetwork: Readonly<Record<string, string>>) => {
  const state = { asked: 0, version: 1 };
  const locate = (text: string | Address): GeoRecord => {
    state.asked++;
    const address = typeof text === 'string' ? parseAddress(text) : text;
    for (const [cidr, country_code] of Object.entries(byNetwork)) {
      const network = parseNetwork(cidr);
      if (network === undefined || address === undefined || network.address.family !== address.family) continue;
      if (prefixOf(network.address, network.length) !== prefixOf(address, network.length)) continue;
      return mergeFacts([readFacts({ country_code })], network.length);
    }
    return mergeFacts([], 0);
  };
  return { state, geo: { locate, version: () => state.version } };
};

test('a place carries what is known, the listed networks and the address family', () => {
  const { geo } = countries({ '192.0.2.0/24': 'SE', '2001:db8::/32': 'SE' });
  const { place } = createPlaces({ geo, networks: ['192.0.0.0/8', '192.0.2.0/30', '2001:db8::/48'] });
  assert.partialDeepStrictEqual(place('192.0.2.1'), {
    accuracy: 'Country',
    country: 'SE',
    networks: ['192.0.0.0/8', '192.0.2.0/30'],
    family: 4,
  });
  assert.deepEqual(place('192.0.2.9').networks, ['192.0.0.0/8']);
  assert.partialDeepStrictEqual(place('2001:db8::1'), { country: 'SE', networks: ['2001:db8::/48'], family: 6 });
  assert.partialDeepStrictEqual(place('::ffff:192.0.2.1'), { country: 'SE', family: 4 });
  assert.partialDeepStrictEqual(place(''), { accuracy: 'Unknown', family: undefined, networks: [] });
});

test('equal places are the same object, different ones have different keys', () => {
  const { geo } = countries({ '192.0.2.0/24': 'SE', '198.51.100.0/24': 'SE', '203.0.113.0/24': 'NO' });
  const { place } = createPlaces({ geo, networks: ['198.51.100.128/25'] });
  assert.equal(place('192.0.2.1'), place('198.51.100.1'));
  const others = ['192.0.2.1', '203.0.113.1', '198.51.100.200', '10.0.0.1', '2001:db8::1', ''].map(place);
  assert.equal(new Set(others.map(({ key }) => key)).size, others.length);
  assert.equal(place('garbage'), place(''));
});

test('neighbours are found without asking again, unless something divides them', () => {
  const { geo, state } = countries({ '192.0.2.0/24': 'SE', '198.51.100.0/25': 'NO', '2001:db8::/32': 'SE' });
  const { place } = createPlaces({ geo, networks: ['203.0.113.0/30', '2001:db8:9::/64'] });
  const asks = (...addresses: string[]): number => {
    const before = state.asked;
    for (const address of addresses) place(address);
    return state.asked - before;
  };
  assert.equal(asks('192.0.2.1', '192.0.2.2', '192.0.2.1'), 1);
  assert.equal(asks('198.51.100.1', '198.51.100.2', '198.51.100.1'), 2, 'the database divides this /24');
  assert.equal(asks('203.0.113.1', '203.0.113.9'), 2, 'a listed network divides this /24');
  assert.equal(asks('2001:db8:1:2::1', '2001:db8:1:3::1'), 1);
  assert.equal(asks('2001:db8:9:2::1', '2001:db8:9:3::1'), 2, 'a listed network divides this /48');
});

test('a new database is noticed', () => {
  const known: Record<string, string> = { '192.0.2.0/24': 'SE' };
  const { geo, state } = countries(known);
  const { place } = createPlaces({ geo, networks: [] });
  assert.equal(place('192.0.2.1').country, 'SE');
  known['192.0.2.0/24'] = 'NO';
  assert.equal(place('192.0.2.1').country, 'SE');
  state.version++;
  assert.equal(place('192.0.2.1').country, 'NO');
  assert.equal(place('192.0.2.2').country, 'NO');
});

test('what is remembered is bounded, and what is used stays', () => {
  const recent = createRecent<number, number>(100);
  recent.set(-1, -1);
  for (let at = 0; at < 10_000; at++) {
    recent.set(at, at);
    assert.equal(recent.get(-1), -1);
  }
  const kept = Array.from({ length: 10_000 }, (_, at) => at).filter((at) => recent.get(at) !== undefined);
  assert.ok(kept.length >= 99 && kept.length <= 200, `${kept.length}`);
  assert.equal(recent.get(9999), 9999);
  recent.clear();
  assert.equal(recent.get(9999), undefined);
});

test('every country has a continent, a centre and a size', () => {
  const table: [code: string, continent: string, latitude: number, longitude: number][] = [
    ['SE', 'EU', 62, 16],
    ['US', 'NA', 39, -99],
    ['FR', 'EU', 46.5, 2.6],
    ['FJ', 'OC', -17, 178],
    ['RU', 'EU', 60, 95],
    ['CL', 'SA', -36, -71],
    ['NA', 'AF', -22, 17],
  ];
  for (const [code, continent, latitude, longitude] of table) {
    const country = countryOf(code);
    assert.equal(country?.continent, continent);
    assert.ok(Math.abs(country.latitude - latitude) < 2 && Math.abs(country.longitude - longitude) < 2, code);
    assert.ok(country.radiusKm > 0);
  }
  for (const code of ['ZZ', '', 'se', 'constructor', undefined]) assert.equal(countryOf(code), undefined);
});
