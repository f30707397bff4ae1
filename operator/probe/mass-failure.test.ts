import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { calm, isMassFailure, nextEpisode, type Canaries, type Episode, type Heard } from './mass-failure.ts';

const reached: Heard = { up: true, since: 0, failing: false, heardAt: 1500 };
const failing: Heard = { up: true, since: 0, failing: true, heardAt: 1500 };
const justDown: Heard = { up: false, since: 1200, failing: true, heardAt: 1500 };
const longDown: Heard = { up: false, since: 10, failing: true, heardAt: 1500 };
const notHeard: Heard = { up: true, since: 0, failing: false, heardAt: 900 };

describe('a mass failure since second 1', () => {
  const cases: readonly (readonly [what: string, expected: boolean, mirrors: readonly Heard[]])[] = [
    ['is none if nobody fails', false, [reached, reached, reached]],
    ['needs three', false, [failing, failing]],
    ['is three of three', true, [failing, failing, failing]],
    ['is three of five', true, [failing, failing, failing, reached, reached]],
    ['is not half', false, [failing, failing, failing, reached, reached, reached]],
    ['counts those that went down in it', true, [justDown, justDown, failing]],
    ['does not count those that were down before', false, [longDown, longDown, longDown, failing, reached]],
    [
      'does not wait for those that were not heard of since',
      true,
      [failing, failing, failing, notHeard, notHeard, notHeard],
    ],
  ];
  for (const [what, expected, mirrors] of cases) {
    it(what, () => assert.equal(isMassFailure(mirrors, 1000), expected));
  }
});

describe('an episode', () => {
  const minutes = 60_000;
  const held: Episode = { kind: 'Held', from: 1000, since: 1500, until: 1500 + 10 * minutes };
  const released: Episode = { kind: 'Released', from: 1000 };
  type Case = readonly [
    what: string,
    before: Episode,
    mass: boolean,
    canaries: Canaries,
    now: number,
    expected: Episode,
  ];
  const cases: readonly Case[] = [
    ['begins with a mass failure', calm, true, 'Unknown', 1500, held],
    ['begins if the canaries are dead', calm, true, 'Dead', 1500, held],
    ['does not hold anything if the canaries live', calm, true, 'Alive', 1500, released],
    ['goes on for ten minutes', held, true, 'Unknown', 10 * minutes, held],
    ['goes on while the canaries are dead', held, true, 'Dead', 10 * minutes, held],
    ['is not held longer than ten minutes', held, true, 'Dead', 1500 + 10 * minutes, released],
    ['is released when the canaries live', held, true, 'Alive', 2000, released],
    ['ends when most are reached again', held, false, 'Unknown', 2000, calm],
    ['is not held again while it goes on', released, true, 'Unknown', 2000, released],
    ['ends after its release, too', released, false, 'Unknown', 2000, calm],
  ];
  for (const [what, before, mass, canaries, now, expected] of cases) {
    it(what, () => assert.deepEqual(nextEpisode(before, { mass, canaries, from: 1000, now }), expected));
  }
});
