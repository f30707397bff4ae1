import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distanceKm, farthestKm, greatCircleKm } from './distance.ts';
import { effectiveKm } from './proximity.ts';
import { eastKm, mirror, place } from './world.test-support.ts';

test('great-circle distances are those of a sphere of 6 371 km', () => {
  const table: [from: [number, number], to: [number, number], km: number][] = [
    [[0, 0], [0, 0], 0],
    [[48.8566, 2.3522], [51.5074, -0.1278], 343.6],
    [[40.7128, -74.006], [35.6895, 139.6917], 10_848.8],
    [[0, 179.5], [0, -179.5], 111.2],
    [[90, 0], [90, 120], 0],
    [[0, 0], [0, 180], 20_015.1],
    [[-89.9, 10], [89.9, -170], 20_015.1],
  ];
  for (const [[latitude, longitude], [latitude2, longitude2], km] of table) {
    const got = greatCircleKm({ latitude, longitude }, { latitude: latitude2, longitude: longitude2 });
    assert.ok(Math.abs(got - km) < 0.1, `${got} ${km}`);
  }
});

test('what is not known of a place has a distance of its own', () => {
  const here = place(eastKm(0));
  assert.equal(distanceKm(mirror(0, eastKm(500)), place()), 0, 'a client of unknown place');
  assert.equal(distanceKm(mirror(0, { global: true }), here), 1500, 'a global mirror');
  assert.equal(distanceKm(mirror(0, { global: true, ...eastKm(3) }), here), 1500, 'a global mirror with coordinates');
  assert.equal(distanceKm(mirror(0), here), farthestKm, 'a mirror of unknown place');
  assert.equal(Math.round(distanceKm(mirror(0, { country: 'GA' }), here) / 100), 13, 'a country without coordinates');
});

test('the own network halves a distance, the own country takes three tenths off', () => {
  const client = place({ ...eastKm(0), country: 'SE', asn: 7, networks: ['10.0.0.0/8'] });
  const table: [location: Parameters<typeof mirror>[1], effective: number][] = [
    [{}, 1000],
    [{ country: 'SE' }, 700],
    [{ country: 'NO', additionalCountries: ['SE'] }, 700],
    [{ asns: [6, 7] }, 500],
    [{ networks: ['10.0.0.0/8'] }, 500],
    [{ asns: [7], networks: ['10.0.0.0/8'] }, 500],
    [{ asns: [7], country: 'SE' }, 350],
    [{ networks: ['192.0.2.0/24'], asns: [8], country: 'NO' }, 1000],
  ];
  for (const [location, expected] of table) {
    assert.ok(Math.abs(effectiveKm(mirror(0, location), client, 1000) - expected) < 1e-9, JSON.stringify(location));
  }
  const stranger = place(eastKm(0));
  assert.equal(effectiveKm(mirror(0), stranger, 1000), 1000, 'unknown AS and country match nothing');
  const cdn = { global: true, country: 'SE', asns: [7] };
  assert.equal(effectiveKm(mirror(0, cdn), client, 1500), 1500, 'a global mirror has no factors');
});
