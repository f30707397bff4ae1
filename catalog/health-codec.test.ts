import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodeHealth, encodeHealth } from './health-codec.ts';
import type { EndpointHealth, Health } from './health.ts';

const endpoint: fc.Arbitrary<EndpointHealth> = fc.record(
  {
    url: fc.webUrl(),
    up: fc.boolean(),
    ipv4Up: fc.boolean(),
    ipv6Up: fc.boolean(),
    since: fc.maxSafeNat(),
    reason: fc.string({ unit: 'grapheme' }),
  },
  { requiredKeys: ['url', 'up', 'since'] },
);
const health: fc.Arbitrary<Health> = fc.record({
  schema: fc.constant(1),
  uid: fc.string(),
  writtenAt: fc.maxSafeNat(),
  mirrors: fc.dictionary(
    fc.string(),
    fc.record(
      { withheld: fc.constantFrom('NotScanned', 'TooSlow'), endpoints: fc.array(endpoint, { maxLength: 3 }) },
      { requiredKeys: ['endpoints'] },
    ),
  ),
  fallbacks: fc.dictionary(fc.string(), endpoint),
});

const isMalformed = { name: 'StoreFailure', reason: 'Malformed' };

test('a health record comes back as it was written', () => {
  fc.assert(
    fc.property(health, (given) => {
      assert.deepEqual(structuredClone(decodeHealth(encodeHealth(given))), structuredClone(given));
    }),
  );
});

test('bytes that are no health record are Malformed and nothing else', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((json) => Buffer.from(json)),
      ),
      (bytes) => {
        assert.throws(() => decodeHealth(bytes), isMalformed);
      },
    ),
  );
  assert.throws(() => decodeHealth(new Uint8Array(9_000_000)), isMalformed);
});

test('a mirror or fallback that was never written is not found, whatever its name', () => {
  const empty: Health = { schema: 1, uid: 'x', writtenAt: 1, mirrors: {}, fallbacks: {} };
  const { mirrors, fallbacks } = decodeHealth(encodeHealth(empty));
  for (const name of ['constructor', '__proto__', 'toString']) {
    assert.equal(mirrors[name], undefined);
    assert.equal(fallbacks[name], undefined);
  }
});
