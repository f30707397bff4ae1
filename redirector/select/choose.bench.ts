import type { SelectionPolicy } from '@geomirror/catalog/policy.ts';
import { createChooser } from './choose.ts';
import { rank } from './rank.ts';
import type { Place } from './types.ts';
import { eastKm, mirror, place, policy } from './world.test-support.ts';

// Prints as JSON what one choice costs in nanoseconds: 400 mirrors, six of them in the band of a located client, random files of which
// each mirror misses a random half per cent.
const mirrors = 400;
const files = 16_384;
const rounds = 300_000;

const candidates = Array.from({ length: mirrors }, (_, index) =>
  mirror(index, { ...eastKm(index < 6 ? 50 + index * 10 : 300 + index * 40), country: 'XX' }),
);
const columns = candidates.map(() =>
  Uint8Array.from({ length: files / 4 }, () => (Math.random() < 0.02 ? 0x54 : 0x55)),
);
const located = place({ ...eastKm(0), country: 'XX' });
const choose = createChooser();
let file = 0;
const holds = (index: number): boolean => (((columns[index]?.[file >> 2] ?? 0) >> ((file & 3) * 2)) & 3) === 1;
const availability = { holds, reachable: () => true };

const nanoseconds = (times: number, act: (round: number) => number): number => {
  let sum = 0;
  const run = (count: number): void => {
    for (let round = 0; round < count; round++) {
      file = (round * 7919) % files;
      sum += act(round);
    }
  };
  run(times / 10);
  const began = process.hrtime.bigint();
  run(times);
  const spent = Number(process.hrtime.bigint() - began) / times;
  if (sum < 0) throw new Error('nothing was chosen');
  return Math.round(spent);
};

const choosing = (times: number, where: Place, rules: Partial<SelectionPolicy>): number => {
  const given = policy(rules);
  const ranking = rank(given, candidates, [], where);
  return nanoseconds(times, (round) => {
    const clientKey = given.stickiness === 'Client' ? `4/${round & 0xff_ff}` : undefined;
    return choose(given, ranking, availability, { draw: Math.random, clientKey }).chosen;
  });
};

const askingAll = nanoseconds(rounds / 10, () => {
  let holders = 0;
  for (let index = 0; index < mirrors; index++) if (holds(index)) holders++;
  return holders;
});

process.stdout.write(
  JSON.stringify({
    'six in the band': choosing(rounds, located, {}),
    'six in the band, sticky': choosing(rounds, located, { stickiness: 'Client' }),
    'six in the band, share at most 20 %': choosing(rounds, located, { maxSharePercent: 20 }),
    'six in the band, Weighted': choosing(rounds, located, { strategy: 'Weighted' }),
    'place unknown, all 400 in the band': choosing(rounds / 10, place(), {}),
    Mirrorbits: choosing(rounds / 100, located, { strategy: 'Mirrorbits' }),
    'asking all 400 for the file, choosing none': askingAll,
  }),
);
