import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admit, refusalOf } from './eligible.ts';
import { mirror, place } from './world.test-support.ts';

const sweden = { country: 'SE', additionalCountries: ['FI'], continent: 'EU', asns: [2847, 2848] };
const campus = '130.239.0.0/16';
const clients = {
  swede: place({ latitude: 59, longitude: 18, country: 'SE', continent: 'EU', asn: 1 }),
  finn: place({ latitude: 60, longitude: 25, country: 'FI', continent: 'EU', asn: 1 }),
  german: place({ latitude: 52, longitude: 13, country: 'DE', continent: 'EU', asn: 2848 }),
  american: place({ latitude: 40, longitude: -74, country: 'US', continent: 'NA', asn: 1 }),
  unknown: place(),
  unknownOnCampus: place({ networks: [campus] }),
  swedeOnCampus: place({ latitude: 59, longitude: 18, country: 'SE', continent: 'EU', networks: [campus] }),
};

test('an audience takes whom its scope or its networks name, but never an excluded country', () => {
  const table: [
    audience: NonNullable<Parameters<typeof mirror>[2]>['audience'],
    expected: Partial<Record<keyof typeof clients, string>>,
  ][] = [
    [{}, {}],
    [
      { scope: 'Continent' },
      { american: 'OtherContinent', unknown: 'OtherContinent', unknownOnCampus: 'OtherContinent' },
    ],
    [
      { scope: 'Country' },
      { german: 'OtherCountry', american: 'OtherCountry', unknown: 'OtherCountry', unknownOnCampus: 'OtherCountry' },
    ],
    [
      { scope: 'ASN' },
      {
        swede: 'OtherNetwork',
        finn: 'OtherNetwork',
        american: 'OtherNetwork',
        unknown: 'OtherNetwork',
        unknownOnCampus: 'OtherNetwork',
        swedeOnCampus: 'OtherNetwork',
      },
    ],
    [
      { scope: 'Country', networks: [campus] },
      { german: 'OtherCountry', american: 'OtherCountry', unknown: 'OtherCountry' },
    ],
    [
      { excludedCountries: ['SE', 'US'] },
      { swede: 'CountryExcluded', swedeOnCampus: 'CountryExcluded', american: 'CountryExcluded' },
    ],
    [
      { scope: 'ASN', networks: [campus], excludedCountries: ['SE'] },
      {
        swede: 'CountryExcluded',
        swedeOnCampus: 'CountryExcluded',
        finn: 'OtherNetwork',
        american: 'OtherNetwork',
        unknown: 'OtherNetwork',
      },
    ],
  ];
  for (const [audience, expected] of table) {
    const candidate = mirror(0, sweden, { audience: audience ?? {} });
    for (const [name, client] of Object.entries(clients)) {
      assert.equal(
        refusalOf(candidate, client),
        expected[name as keyof typeof clients],
        `${JSON.stringify(audience)} ${name}`,
      );
    }
  }
});

test('a mirror of unknown place with a narrow scope takes nobody', () => {
  for (const scope of ['Continent', 'Country', 'ASN'] as const) {
    assert.notEqual(refusalOf(mirror(0, {}, { audience: { scope } }), clients.unknown), undefined);
    assert.notEqual(refusalOf(mirror(0, {}, { audience: { scope } }), clients.swede), undefined);
  }
});

test("a mirror's continent follows from its country where it is not given", () => {
  const candidate = mirror(0, { country: 'SE' }, { audience: { scope: 'Continent' } });
  assert.equal(refusalOf(candidate, clients.german), undefined);
  assert.equal(refusalOf(candidate, clients.american), 'OtherContinent');
});

test('mirrors are parted, in their order', () => {
  const mirrors = [mirror(0), mirror(1, sweden, { audience: { scope: 'Country' } }), mirror(2)];
  const { candidates, excluded } = admit(mirrors, clients.german);
  assert.deepEqual(
    candidates.map(({ index }) => index),
    [0, 2],
  );
  assert.deepEqual(excluded, [{ candidate: mirrors[1], reason: 'OtherCountry' }]);
});
