import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networksMistake } from './networks.ts';

test('CIDRs of both families are networks', () => {
  assert.equal(
    networksMistake(['10.0.0.0/8', '127.0.0.1/32', '::1/128', '2001:db8::/32', '0.0.0.0/0', '::/0']),
    undefined,
  );
  assert.equal(networksMistake([]), undefined);
});

for (const text of [
  '10.0.0.0',
  '10.0.0.0/33',
  '::1/129',
  '10.0.0/8',
  'host/8',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '10.0.0.0/-1',
  '10.0.0.0/1e1',
  '',
]) {
  test(`"${text}" is none, and the message says what to write`, () => {
    assert.match(
      networksMistake(['10.0.0.0/8', text]) ?? '',
      new RegExp(`^"${text}" is no network\\. Write true, or CIDRs`),
    );
  });
}
