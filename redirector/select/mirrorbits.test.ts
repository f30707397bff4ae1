import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChooser } from './choose.ts';
import { explain } from './explain.ts';
import { scoreMirrors } from './mirrorbits.ts';
import { rank } from './rank.ts';
import vectors from './testdata/mirrorbits-selection.json' with { type: 'json' };
import type { Candidate, Place } from './types.ts';
import { everywhere, mirror, place, policy } from './world.test-support.ts';

const mirrorbits = policy({ strategy: 'Mirrorbits', rangePercent: vectors.weightDistributionRange * 100 });

const candidates: Candidate[] = vectors.mirrors.map((each) => {
  const [country = '', ...additionalCountries] = each.countryCodes.split(' ');
  const { latitude, longitude, continentCode: continent, asnum, score, id: index, name } = each;
  const location = { latitude, longitude, continent, country, additionalCountries, asns: asnum === 0 ? [] : [asnum] };
  return mirror(index, location, { name, weight: score + 100 });
});

type ClientInfo = (typeof vectors.results)[number]['clientInfo'];

const placeOf = (client: ClientInfo): Place =>
  place({
    latitude: client.Latitude,
    longitude: client.Longitude,
    country: client.CountryCode,
    continent: client.ContinentCode,
    asn: client.ASNum,
  });

const rankingOf = (set: string, client: ClientInfo) => {
  const ids: readonly number[] = vectors.sets[set as keyof typeof vectors.sets];
  return rank(
    mirrorbits,
    candidates.filter(({ index }) => ids.includes(index)),
    [],
    placeOf(client),
  );
};

test('order, distance, score and weight are those that mirrorbits computed', async (t) => {
  for (const { set, client, clientInfo, ranking: expected } of vectors.results) {
    await t.test(`${set} ${client}`, () => {
      const ranking = rankingOf(set, clientInfo);
      const scored = scoreMirrors(mirrorbits, ranking, everywhere);
      const total = scored.reduce((sum, { weight }) => sum + weight, 0);
      const got = scored.map(({ position, score, weight }) => ({
        name: ranking.candidates[position]!.name,
        computedScore: score,
        weight: total === 0 ? 0 : Math.fround((weight * 100) / total),
      }));
      assert.deepEqual(
        got,
        expected.map((each) => ({
          name: each.name,
          computedScore: each.computedScore,
          weight: Math.fround(each.weightPercent),
        })),
      );
      for (const [at, { position }] of scored.entries()) {
        assert.equal(ranking.distanceKm[position], Math.fround(expected[at]!.distanceKm));
      }
    });
  }
});

test('a mirror is drawn with the weight that mirrorbits shows, the first where it shows none', () => {
  for (const { set, clientInfo, ranking: expected } of vectors.results) {
    const ranking = rankingOf(set, clientInfo);
    const explained = explain(mirrorbits, ranking, everywhere);
    const isWeighted = expected.some(({ weightPercent }) => weightPercent > 0);
    for (const [at, { weightPercent, name }] of expected.entries()) {
      const { position, probability } = explained[at]!;
      const percent = isWeighted ? weightPercent : Number(at === 0) * 100;
      assert.equal(ranking.candidates[position]!.name, name);
      assert.ok(Math.abs(probability * 100 - percent) < 1e-4, `${name} ${probability} ${percent}`);
    }
  }
});

const listed = (set: string, clientInfo: ClientInfo, draw: () => number) => {
  const ranking = rankingOf(set, clientInfo);
  const { chosen, alternatives } = createChooser()(mirrorbits, ranking, everywhere, { draw });
  return [chosen, ...alternatives].map((position) => ranking.candidates[position]!.name);
};

test('two weighted mirrors or more are listed alone, in drawn order', () => {
  const { set, clientInfo } = vectors.results[0]!;
  assert.deepEqual(
    listed(set, clientInfo, () => 0.73),
    ['london', 'berlin-plus50'],
  );
  assert.deepEqual(
    listed(set, clientInfo, () => 0.74),
    ['berlin-plus50', 'london'],
  );
});

test('one weighted mirror, or none, is followed by the others by score', () => {
  const one = vectors.results[1]!;
  assert.deepEqual(
    listed(one.set, one.clientInfo, () => 0.99),
    one.ranking.slice(0, 6).map(({ name }) => name),
  );
  const noWeight = vectors.results.find(({ set, client }) => set === 'eu-only' && client === '216.160.83.56')!;
  assert.deepEqual(
    listed(noWeight.set, noWeight.clientInfo, () => 0.99),
    noWeight.ranking.slice(0, 6).map(({ name }) => name),
  );
});

test('a client without a country gets five of all in random order', () => {
  const ranking = rank(mirrorbits, candidates, [], place());
  assert.ok(explain(mirrorbits, ranking, everywhere).every(({ probability }) => Math.abs(probability - 0.1) < 1e-9));
  let seed = 0;
  const draw = () => (seed = (seed + 0.618_034) % 1);
  const choose = createChooser();
  const firsts = new Set<number>();
  for (let round = 0; round < 200; round++) {
    const { chosen, alternatives } = choose(mirrorbits, ranking, everywhere, { draw });
    firsts.add(chosen);
    assert.equal(new Set([chosen, ...alternatives]).size, 5);
  }
  assert.equal(firsts.size, 10);
});

test('AS 0 equals AS 0 only where the policy says so', () => {
  const nearby = { latitude: 1, longitude: 1, country: 'XX' };
  const mirrors = [
    mirror(0, nearby),
    mirror(1, { ...nearby, asns: [65_000] }),
    mirror(2, { latitude: 40, longitude: 40 }),
  ];
  const client = place({ latitude: 0, longitude: 0, country: 'XX' });
  const scoresWith = (mirrorbitsZeroASMatches: boolean) => {
    const zero = { ...mirrorbits, mirrorbitsZeroASMatches };
    const ranking = rank(zero, mirrors, [], client);
    return new Map(
      scoreMirrors(zero, ranking, everywhere).map(({ position, score }) => [
        ranking.candidates[position]!.index,
        score,
      ]),
    );
  };
  const [off, on] = [scoresWith(false), scoresWith(true)];
  assert.equal(off.get(0), off.get(1));
  assert.equal(on.get(1), off.get(1));
  const base = Math.trunc(rank(mirrorbits, mirrors, [], client).distanceKm[2]!);
  assert.equal(on.get(0)! - off.get(0)!, Math.trunc(base / 2));
});

test('a largest share below 100 per cent adds the next by score', () => {
  const { set, clientInfo } = vectors.results[0]!;
  const capped = { ...mirrorbits, maxSharePercent: 25 };
  const explained = explain(capped, rankingOf(set, clientInfo), everywhere);
  assert.deepEqual(
    explained.map(({ probability }) => Math.round(probability * 1000) / 1000),
    [0.25, 0.25, 0.25, 0.25, 0, 0, 0, 0, 0, 0],
  );
});
