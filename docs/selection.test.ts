import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Location, SelectionPolicy } from '@geomirror/catalog/policy.ts';
import { explain } from '@geomirror/redirector/select/explain.ts';
import { rank } from '@geomirror/redirector/select/rank.ts';
import type { Candidate, Place } from '@geomirror/redirector/select/types.ts';

const page = readFileSync(new URL('selection.md', import.meta.url), 'utf8');

const nowhere: Location = { additionalCountries: [], asns: [], networks: [], global: false };
const sites: readonly (readonly [name: string, weight: number, location: Partial<Location>])[] = [
  ['zurich', 100, { latitude: 47.37, longitude: 8.54, country: 'CH' }],
  ['frankfurt', 200, { latitude: 50.11, longitude: 8.68, country: 'DE' }],
  ['paris', 100, { latitude: 48.86, longitude: 2.35, country: 'FR', asns: [64_500] }],
  ['cdn', 100, { global: true }],
  ['umea', 100, { latitude: 63.83, longitude: 20.26, country: 'SE' }],
  ['tokyo', 100, { latitude: 35.69, longitude: 139.69, country: 'JP' }],
];
const mirrors = sites.map(([name, weight, location], index): Candidate => ({
  index,
  name,
  weight,
  location: { ...nowhere, ...location },
  audience: { scope: 'Anyone', networks: [], excludedCountries: [] },
}));

const policy: SelectionPolicy = {
  strategy: 'Proximity',
  rangePercent: 150,
  stickiness: 'None',
  alternatives: 5,
  maxSharePercent: 100,
  mirrorbitsZeroASMatches: false,
};

const strasbourg: Place = {
  key: 'strasbourg',
  accuracy: 'City',
  latitude: 48.58,
  longitude: 7.75,
  accuracyKm: 20,
  country: 'FR',
  continent: 'EU',
  city: 'Strasbourg',
  asn: 0,
  asName: '',
  networks: [],
  family: 4,
};
const middleOfFrance: Place = {
  ...strasbourg,
  accuracy: 'Country',
  latitude: 46.5,
  longitude: 2.6,
  accuracyKm: 450,
  city: '',
};
const unknown: Place = {
  ...strasbourg,
  accuracy: 'Unknown',
  latitude: 0,
  longitude: 0,
  accuracyKm: 0,
  country: '',
  continent: '',
};

type Case = {
  readonly policy?: Partial<SelectionPolicy>;
  readonly place?: Place;
  readonly lacking?: readonly string[];
};
const cases: Readonly<Record<string, Case>> = {
  Proximity: {},
  'Proximity, `rangePercent: 200`': { policy: { rangePercent: 200 } },
  'Proximity, `maxSharePercent: 40`': { policy: { maxSharePercent: 40 } },
  'Proximity, a file that Zurich lacks': { lacking: ['zurich'] },
  'Proximity, a file that only cdn, Umeå and Tokyo have': { lacking: ['zurich', 'frankfurt', 'paris'] },
  "Proximity, the client in an AS of Paris's `asns`": { place: { ...strasbourg, asn: 64_500 } },
  'Proximity, only the country of the client is known': { place: middleOfFrance },
  "Proximity, nothing of the client's place is known": { place: unknown },
  Weighted: { policy: { strategy: 'Weighted' } },
  Mirrorbits: { policy: { strategy: 'Mirrorbits' } },
  'Mirrorbits, a file that Tokyo lacks': { policy: { strategy: 'Mirrorbits' }, lacking: ['tokyo'] },
};

function shares({ policy: other, place = strasbourg, lacking = [] }: Case): readonly string[] {
  const whole = { ...policy, ...other };
  const ranking = rank(whole, mirrors, [], place);
  const holds = (index: number): boolean => !lacking.includes(mirrors[index]?.name ?? '');
  const explained = explain(whole, ranking, { holds, reachable: () => true });
  const byName = new Map(
    explained.map(({ position, probability }) => [ranking.candidates[position]?.name, probability]),
  );
  return mirrors.map(({ name }) => {
    const probability = byName.get(name) ?? 0;
    return probability === 0 ? '' : (probability * 100).toFixed(1);
  });
}

const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

function table(firstHeading: string): readonly (readonly string[])[] {
  const [, text = ''] = page.split(`\n| ${firstHeading} |`);
  const [own = ''] = text.split('\n\n');
  return own.split('\n').slice(2).map(cellsOf);
}

describe('docs/selection.md', () => {
  it('gives the distances of the example', () => {
    const { candidates, distanceKm, effectiveKm } = rank(policy, mirrors, [], strasbourg);
    const computed = candidates.map(({ name, weight, location }, at) => [
      name,
      location.global ? 'global' : location.country,
      String(weight),
      distanceKm[at]?.toFixed(0),
      effectiveKm[at]?.toFixed(0),
    ]);
    assert.deepEqual(table('mirror'), computed);
  });

  it('gives the shares of every case, and no others', () => {
    const computed = Object.entries(cases).map(([title, each]) => [title, shares(each)].flat());
    assert.deepEqual(table('case'), computed);
  });
});
