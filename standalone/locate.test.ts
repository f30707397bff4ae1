import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Geo } from '@geomirror/redirector/geo/geo.ts';
import { locateWith } from './locate.ts';

type Found = ReturnType<Geo['locate']>;
const nowhere: Found = {
  accuracy: 'Unknown',
  latitude: 0,
  longitude: 0,
  accuracyKm: 0,
  country: '',
  continent: '',
  city: '',
  asn: 0,
  asName: '',
} as Found;
const located = (found: Partial<Found>) => locateWith({ locate: () => ({ ...nowhere, ...found }) })('192.0.2.1');

test('a mirror is where the databases place its address', () => {
  assert.deepEqual(
    located({ accuracy: 'City', latitude: 59.3, longitude: 18.1, country: 'SE', continent: 'EU', asn: 1653 }),
    {
      latitude: 59.3,
      longitude: 18.1,
      country: 'SE',
      continent: 'EU',
      asns: [1653],
    },
  );
});

test('what the databases do not know is left out, and zeros are no coordinates', () => {
  assert.deepEqual(located({ country: 'SE' }), { country: 'SE', asns: [] });
  assert.equal(located({ asn: 1653 }), undefined);
});
