import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { bandLimitKm } from './band.ts';
import { createChooser } from './choose.ts';
import { explain } from './explain.ts';
import { rank } from './rank.ts';
import { twin, type World } from './twin.test-support.ts';
import type { Candidate } from './types.ts';
import { eastKm, everywhere, mirror, place, policy } from './world.test-support.ts';

const here = place(eastKm(0));
const row = (...kilometres: number[]) => kilometres.map((km, index) => mirror(index, eastKm(km)));
const byIndex = <T extends { readonly position: number }>(candidates: readonly Candidate[], entries: readonly T[]) =>
  new Map(entries.map((entry) => [candidates[entry.position]!.index, entry]));

/** Probability per manifest index, of those above 0. */
const probabilities = ({ policy: rules, candidates, place: client, holds, reachable }: World): Map<number, number> => {
  const ranking = rank(rules, candidates, [], client);
  const explained = byIndex(ranking.candidates, explain(rules, ranking, { holds, reachable }));
  return new Map(
    [...explained].filter(([, each]) => each.probability > 0).map(([index, each]) => [index, each.probability]),
  );
};

const world = (other: Partial<World>): World => ({
  policy: policy(),
  candidates: [],
  place: here,
  ...everywhere,
  ...other,
});

test('the band ends at the larger of the percentage and 100 km plus accuracy', () => {
  const table: [rangePercent: number, accuracyKm: number, closestKm: number, limitKm: number][] = [
    [150, 0, 0, 100],
    [150, 0, 100, 200],
    [150, 0, 200, 300],
    [150, 0, 1000, 1500],
    [150, 600, 1000, 1700],
    [100, 0, 1000, 1100],
    [300, 50, 1000, 3000],
  ];
  for (const [rangePercent, accuracyKm, closestKm, limitKm] of table) {
    assert.equal(bandLimitKm(policy({ rangePercent }), place({ ...eastKm(0), accuracyKm }), closestKm), limitKm);
  }
});

test('mirrors in the band share by weight and closeness, the others get nothing', () => {
  const candidates = [mirror(0, eastKm(9)), mirror(1, eastKm(19), { weight: 400 }), mirror(2, eastKm(111))];
  const got = probabilities(world({ candidates }));
  assert.deepEqual([...got.keys()], [0, 1]);
  assert.ok(Math.abs(got.get(0)! - 1 / 3) < 1e-9);
  assert.ok(Math.abs(got.get(1)! - 2 / 3) < 1e-9);
});

test('within the accuracy of the place a nearer mirror is hardly preferred', () => {
  const candidates = row(10, 200);
  const sharp = probabilities(world({ candidates, policy: policy({ rangePercent: 5000 }) }));
  const blurred = probabilities(world({ candidates, place: place({ ...eastKm(0), accuracyKm: 500 }) }));
  assert.ok(sharp.get(0)! > 0.9);
  assert.ok(blurred.get(0)! > 0.5 && blurred.get(0)! < 0.6);
});

test('a client of unknown place gets any mirror, by weight', () => {
  const candidates = [
    mirror(0, eastKm(9), { weight: 100 }),
    mirror(1, eastKm(9000), { weight: 300 }),
    mirror(2, { global: true }, { weight: 600 }),
  ];
  for (const strategy of ['Proximity', 'Weighted'] as const) {
    const got = probabilities(world({ candidates, place: place(), policy: policy({ strategy }) }));
    assert.deepEqual(
      [0, 1, 2].map((index) => Math.round(got.get(index)! * 1000)),
      [100, 300, 600],
    );
  }
});

test('Weighted draws by weight alone within the band and lists the heaviest first', () => {
  const candidates = [
    mirror(0, eastKm(1)),
    mirror(1, eastKm(50), { weight: 300 }),
    mirror(2, eastKm(5000), { weight: 1000 }),
  ];
  const weighted = policy({ strategy: 'Weighted' });
  const got = probabilities(world({ candidates, policy: weighted }));
  assert.deepEqual(
    [...got].map(([index, share]) => [index, Math.round(share * 1000)]),
    [
      [1, 750],
      [0, 250],
    ],
  );
  const ranking = rank(weighted, candidates, [], here);
  const { chosen, alternatives } = createChooser()(weighted, ranking, everywhere, { draw: () => 0.9 });
  assert.deepEqual(
    [chosen, ...alternatives].map((position) => ranking.candidates[position]!.index),
    [0, 1, 2],
  );
});

test('a lone mirror does not get its whole region where the largest share forbids it', () => {
  const candidates = row(10, 5000, 6000, 7000, 8000);
  for (const strategy of ['Proximity', 'Weighted', 'Mirrorbits'] as const) {
    const client = place({ ...eastKm(0), country: 'XX' });
    const got = probabilities(world({ candidates, place: client, policy: policy({ strategy, maxSharePercent: 30 }) }));
    assert.deepEqual(new Set(got.keys()), new Set([0, 1, 2, 3]));
    assert.ok([...got.values()].every((share) => share <= 0.3 + 1e-12));
  }
});

test('a client of one address family gets mirrors of the other only when nothing else is in the band', () => {
  const candidates = row(10, 20, 30, 5000);
  const over =
    (...indexes: number[]) =>
    (index: number) =>
      indexes.includes(index);
  const table: [reachable: number[], drawn: number[]][] = [
    [
      [0, 1, 2, 3],
      [0, 1, 2],
    ],
    [
      [1, 2],
      [1, 2],
    ],
    [[2, 3], [2]],
    [[3], [0, 1, 2]],
    [[], [0, 1, 2]],
  ];
  for (const [reachable, drawn] of table) {
    assert.deepEqual([...probabilities(world({ candidates, reachable: over(...reachable) })).keys()], drawn);
  }
  const ranking = rank(policy(), candidates, [], here);
  const explained = byIndex(
    ranking.candidates,
    explain(policy(), ranking, { holds: () => true, reachable: over(2, 3) }),
  );
  assert.deepEqual(
    [0, 1, 2, 3].map((index) => explained.get(index)!.reason),
    ['OtherAddressFamily', 'OtherAddressFamily', 'NotDrawn', 'OutsideBand'],
  );
});

test('nothing is chosen when no mirror holds the file', () => {
  const ranking = rank(policy(), row(1, 2), [], here);
  for (const strategy of ['Proximity', 'Weighted', 'Mirrorbits'] as const) {
    const choice = createChooser()(
      policy({ strategy }),
      ranking,
      { ...everywhere, holds: () => false },
      { draw: () => 0.5 },
    );
    assert.deepEqual(choice, { chosen: -1, alternatives: [] });
    assert.deepEqual(explain(policy({ strategy }), ranking, { ...everywhere, holds: () => false }), []);
  }
});

test('mirrors are asked for the file only until band and alternatives are full', () => {
  const candidates = row(...Array.from({ length: 400 }, (_, index) => 10 + index * 60));
  const ranking = rank(policy(), candidates, [], here);
  const asked: number[] = [];
  const holds = (index: number) => asked.push(index) > 0 && index % 2 === 1;
  const rules = policy({ alternatives: 3 });
  createChooser()(rules, ranking, { holds, reachable: () => true }, { draw: () => 0 });
  assert.deepEqual(asked, [0, 1, 2, 3, 4, 5, 6, 7]);
});

const coordinate = fc.record({
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
});
const nearby = fc.integer({ min: 0, max: 400 }).map((step) => eastKm(step * 7));
const country = fc.constantFrom('AA', 'BB', 'CC');
const network = fc.constantFrom('10.0.0.0/8', '192.0.2.0/24');
const asn = fc.integer({ min: 1, max: 3 });
const few = <T>(values: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant<T[]>([]) }, fc.uniqueArray(values, { maxLength: 2 }));

const candidate = fc
  .record({
    where: fc.oneof(coordinate, nearby),
    country,
    additionalCountries: few(country),
    asns: few(asn),
    networks: few(network),
    global: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
    weight: fc.oneof(fc.constant(100), fc.integer({ min: 1, max: 1000 })),
    holds: fc.integer({ min: 0, max: 3 }).map((dice) => dice > 0),
    reachable: fc.integer({ min: 0, max: 3 }).map((dice) => dice > 0),
  })
  .map(({ where, weight, holds, reachable, ...location }) => ({
    location: { ...where, ...location },
    weight,
    holds,
    reachable,
  }));

const client = fc.oneof(
  { weight: 1, arbitrary: fc.constant(place()) },
  {
    weight: 6,
    arbitrary: fc
      .record({
        where: fc.oneof(coordinate, nearby),
        accuracyKm: fc.constantFrom(0, 20, 500, 3000),
        country,
        asn: fc.integer({ min: 0, max: 3 }),
        networks: few(network),
      })
      .map(({ where, ...known }) => place({ ...where, ...known })),
  },
);

const rules = fc.record({
  strategy: fc.constantFrom('Proximity' as const, 'Weighted' as const),
  rangePercent: fc.integer({ min: 100, max: 500 }),
  maxSharePercent: fc.oneof(fc.constant(100), fc.integer({ min: 1, max: 99 })),
  alternatives: fc.integer({ min: 0, max: 8 }),
});

const worlds: fc.Arbitrary<World> = fc
  .record({ mirrors: fc.array(candidate, { maxLength: 30 }), place: client, rules })
  .map(({ mirrors, place: where, rules: chosen }) => ({
    policy: policy(chosen),
    candidates: mirrors.map(({ location, weight }, index) => mirror(index, location, { weight })),
    place: where,
    holds: (index) => mirrors[index]!.holds,
    reachable: (index) => mirrors[index]!.reachable,
  }));

const runs = { numRuns: 400 };

test('probabilities are those of the prose in any world', () => {
  fc.assert(
    fc.property(worlds, (each) => {
      const got = probabilities(each);
      const { probability } = twin(each);
      assert.deepEqual(new Set(got.keys()), new Set(probability.keys()));
      for (const [index, share] of got) assert.ok(Math.abs(share - probability.get(index)!) < 1e-7);
      const sum = [...got.values()].reduce((total, share) => total + share, 0);
      assert.ok(got.size === 0 || Math.abs(sum - 1) < 1e-9);
    }),
    runs,
  );
});

test('the mirror chosen for a draw, and the alternatives, are those of the prose in any world', () => {
  const choose = createChooser();
  fc.assert(
    fc.property(worlds, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (each, drawn) => {
      const { policy: given, holds, reachable } = each;
      const ranking = rank(given, each.candidates, [], each.place);
      const { chosen, alternatives } = choose(given, ranking, { holds, reachable }, { draw: () => drawn });
      const { order, probability } = twin(each);
      if (order.length === 0) return assert.equal(chosen, -1);
      let sum = 0;
      const ends = order.slice(0, probability.size).map((index) => (sum += probability.get(index)!));
      fc.pre(ends.every((end) => Math.abs(end - drawn) > 1e-6));
      const expected =
        order[
          Math.max(
            0,
            ends.findIndex((end) => drawn < end),
          )
        ]!;
      assert.equal(ranking.candidates[chosen]!.index, expected);
      assert.deepEqual(
        alternatives.map((position) => ranking.candidates[position]!.index),
        order.filter((index) => index !== expected).slice(0, given.alternatives),
      );
    }),
    runs,
  );
});

test('even draws reach each mirror as often as its share says', () => {
  const choose = createChooser();
  const draws = 1000;
  fc.assert(
    fc.property(
      worlds,
      fc.constantFrom('Proximity' as const, 'Weighted' as const, 'Mirrorbits' as const),
      (each, strategy) => {
        const given = { ...each.policy, strategy, alternatives: 0 };
        const { holds, reachable } = each;
        const ranking = rank(given, each.candidates, [], each.place);
        const counts = new Map<number, number>();
        for (let at = 0; at < draws; at++) {
          const { chosen } = choose(given, ranking, { holds, reachable }, { draw: () => (at + 0.5) / draws });
          counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
        }
        for (const { position, probability } of explain(given, ranking, { holds, reachable })) {
          assert.ok(Math.abs((counts.get(position) ?? 0) / draws - probability) < 2 / draws);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('the closest mirror that holds the file is never left out', () => {
  fc.assert(
    fc.property(worlds, (each) => {
      const always = { ...each, reachable: () => true };
      const ranking = rank(each.policy, each.candidates, [], each.place);
      const closest = ranking.candidates.find(({ index }) => each.holds(index));
      fc.pre(closest !== undefined);
      assert.ok(probabilities(always).get(closest.index)! > 0);
    }),
    runs,
  );
});

test('no mirror is drawn more often than the largest share allows', () => {
  fc.assert(
    fc.property(
      worlds,
      fc.constantFrom('Proximity' as const, 'Weighted' as const, 'Mirrorbits' as const),
      (each, strategy) => {
        const given = { ...each.policy, strategy };
        const got = probabilities({ ...each, policy: given, reachable: () => true });
        const eligible = each.candidates.filter(({ index }) => each.holds(index)).length;
        const most = Math.max(given.maxSharePercent / 100, 1 / eligible);
        assert.ok([...got.values()].every((share) => share <= most + 1e-9));
      },
    ),
    runs,
  );
});

test('a mirror outside the band changes nothing inside it', () => {
  fc.assert(
    fc.property(worlds, fc.nat(29), (each, leaving) => {
      const before = probabilities(each);
      fc.pre(before.size > 0 && leaving < each.candidates.length && !before.has(leaving));
      const after = probabilities({ ...each, holds: (index) => index !== leaving && each.holds(index) });
      // A mirror left out for its address family may have been what the band was measured by.
      fc.pre(!each.holds(leaving) || each.reachable(leaving));
      assert.deepEqual(after, before);
    }),
    runs,
  );
});

test('a sticky client keeps its mirror, whatever is drawn', () => {
  const sticky = policy({ stickiness: 'Client', rangePercent: 500 });
  const ranking = rank(sticky, row(100, 120, 140, 160), [], here);
  const choose = createChooser();
  const results = [0, 0.3, 0.6, 0.9].map(
    (drawn) => choose(sticky, ranking, everywhere, { draw: () => drawn, clientKey: '4/7' }).chosen,
  );
  assert.equal(new Set(results).size, 1);
  const unsticky = [0, 0.99].map(
    (drawn) => choose(policy(), ranking, everywhere, { draw: () => drawn, clientKey: '4/7' }).chosen,
  );
  assert.equal(new Set(unsticky).size, 2, 'stickiness None ignores the key');
  const keyless = [0, 0.99].map((drawn) => choose(sticky, ranking, everywhere, { draw: () => drawn }).chosen);
  assert.equal(new Set(keyless).size, 2, 'a client that is not known is drawn');
});

test('sticky clients as a whole are spread by the same probabilities', () => {
  const candidates = [
    mirror(0, eastKm(10)),
    mirror(1, eastKm(60), { weight: 300 }),
    mirror(2, eastKm(90), { weight: 900 }),
  ];
  for (const strategy of ['Proximity', 'Weighted', 'Mirrorbits'] as const) {
    const sticky = policy({ strategy, stickiness: 'Client', rangePercent: 1000, maxSharePercent: 60 });
    const client2 = place({ ...eastKm(0), country: 'XX' });
    const ranking = rank(sticky, candidates, [], client2);
    const choose = createChooser();
    const counts = [0, 0, 0];
    const clients = 40_000;
    for (let at = 0; at < clients; at++)
      counts[choose(sticky, ranking, everywhere, { draw: () => 0, clientKey: `4/${at}` }).chosen]!++;
    for (const { position, probability } of explain(sticky, ranking, everywhere)) {
      assert.ok(
        Math.abs(counts[position]! / clients - probability) < 0.01,
        `${strategy} ${counts.join(' ')} ${probability}`,
      );
    }
  }
});

test('a mirror that leaves moves only its own sticky clients', () => {
  const sticky = policy({ stickiness: 'Client', rangePercent: 500 });
  const ranking = rank(sticky, row(100, 120, 140, 160, 180), [], here);
  const choose = createChooser();
  for (let at = 0; at < 2000; at++) {
    const drawing = { draw: () => 0, clientKey: `6/${at * 65_536}` };
    const before = choose(sticky, ranking, everywhere, drawing).chosen;
    const after = choose(sticky, ranking, { ...everywhere, holds: (index) => index !== 3 }, drawing).chosen;
    if (before !== 3) assert.equal(after, before);
  }
});
