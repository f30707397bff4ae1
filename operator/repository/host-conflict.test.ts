import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Repository } from '../resources/repository.ts';
import { sampleRepository } from '../samples.ts';
import { keyOf } from '../world.ts';
import { olderClaimant } from './host-conflict.ts';

type Claim = {
  readonly name: string;
  readonly day: number;
  readonly hosts: readonly string[];
  readonly prefix: string;
};
const claimOf = ({ name, day, hosts, prefix }: Claim): Repository =>
  sampleRepository({
    metadata: { name, creationTimestamp: `2026-01-0${day}T00:00:00Z` },
    spec: { hosts, pathPrefix: prefix },
  });

const mine: Claim = { name: 'mine', day: 2, hosts: ['get.example.org', 'dl.example.org'], prefix: '/pub/' };

for (const [title, other, loses] of [
  [
    'an older one with a common host and the same prefix',
    { ...mine, name: 'other', day: 1, hosts: ['dl.example.org'] },
    true,
  ],
  ['an older one in other letters', { ...mine, name: 'other', day: 1, hosts: ['DL.Example.org'] }, true],
  ['an older one whose prefix is written otherwise', { ...mine, name: 'other', day: 1, prefix: '/pub' }, true],
  ['a newer one', { ...mine, name: 'other', day: 3 }, false],
  ['one of the same age with a smaller name', { ...mine, name: 'a' }, true],
  ['one of the same age with a larger name', { ...mine, name: 'z' }, false],
  ['an older one with another host', { ...mine, name: 'other', day: 1, hosts: ['other.example.org'] }, false],
  ['an older one with another prefix', { ...mine, name: 'other', day: 1, prefix: '/pub/sub/' }, false],
  ['an older one for any host', { ...mine, name: 'other', day: 1, hosts: [] }, false],
] as const) {
  test(`a Repository ${loses ? 'loses against' : 'stands beside'} ${title}`, () => {
    const repository = claimOf(mine);
    const all = [repository, claimOf(other)];
    assert.equal(olderClaimant(repository, all), loses ? `ns/${other.name}` : undefined);
  });
}

test('of two for any host the older keeps the prefix', () => {
  const [older, newer] = [claimOf({ ...mine, day: 1, hosts: [] }), claimOf({ ...mine, name: 'new', hosts: [] })];
  assert.deepEqual(
    [older, newer].map((each) => olderClaimant(each, [newer, older])),
    [undefined, 'ns/mine'],
  );
});

test('of any set that claims the same exactly one keeps it', () => {
  const days = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(days, (all) => {
      const claims = all.map((day, index) => claimOf({ ...mine, name: `r${index}`, day }));
      const keepers = claims.filter((each) => olderClaimant(each, claims) === undefined);
      assert.equal(keepers.length, 1);
      for (const loser of claims) {
        if (loser !== keepers[0]) assert.ok(claims.map(keyOf).some((key) => key === olderClaimant(loser, claims)));
      }
    }),
  );
});
