import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { clientNetwork, parseAddress, parseNetwork, prefixOf } from './address.ts';
import { indexNetworks } from './networks.ts';

test('addresses are read with all their bits', () => {
  const table: [text: string, family: number, high: number, middle: number, low: number][] = [
    ['1.2.3.4', 4, 0x01_02_03_04, 0, 0],
    ['255.255.255.255', 4, 0xff_ff_ff_ff, 0, 0],
    ['::', 6, 0, 0, 0],
    ['::1', 6, 0, 0, 1],
    ['2001:db8::ff', 6, 0x20_01_0d_b8_00_00, 0, 0xff],
    ['2001:0DB8:1:2:3:4:5:6', 6, 0x20_01_0d_b8_00_01, 0x2_0003, 0x4_0005_0006],
    ['1::', 6, 0x1_0000_0000, 0, 0],
    ['64:ff9b::1.2.3.4', 6, 0x64_ff9b_0000, 0, 0x01_02_03_04],
    ['::ffff:1.2.3.4', 4, 0x01_02_03_04, 0, 0],
    ['::FFFF:102:304', 4, 0x01_02_03_04, 0, 0],
    ['fe80::1%eth0', 6, 0xfe_80_00_00_00_00, 0, 1],
  ];
  for (const [text, family, high, middle, low] of table) {
    const address = parseAddress(text);
    assert.deepEqual(
      [address?.family, address?.high, address?.middle, address?.low],
      [family, high, middle, low],
      text,
    );
  }
});

test('what is no address is undefined', () => {
  for (const text of [
    '',
    'x',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4/8',
    ':::',
    '1:2',
    '[::1]',
    ' 1.2.3.4',
    '::ffff:1.2.3',
  ]) {
    assert.equal(parseAddress(text), undefined, text);
  }
  fc.assert(fc.property(fc.string(), (text) => parseAddress(text) === undefined || /^[\d.]+$|:/.test(text)));
});

test('a prefix is shared exactly by the addresses of that network', () => {
  const bits = (text: string): string => {
    const address = parseAddress(text)!;
    return address.family === 4
      ? address.high.toString(2).padStart(32, '0')
      : [address.high, address.middle, address.low]
          .map((part, at) => part.toString(2).padStart(at === 1 ? 32 : 48, '0'))
          .join('');
  };
  fc.assert(
    fc.property(fc.oneof(fc.tuple(fc.ipV4(), fc.ipV4()), fc.tuple(fc.ipV6(), fc.ipV6())), fc.nat(128), ([a, b], n) => {
      const [left, right] = [parseAddress(a)!, parseAddress(b)!];
      fc.pre(left.family === right.family);
      const length = Math.min(n, left.family === 4 ? 32 : 128);
      assert.equal(
        prefixOf(left, length) === prefixOf(right, length),
        bits(a).slice(0, length) === bits(b).slice(0, length),
      );
    }),
  );
});

test('networks are read in CIDR notation or as one address', () => {
  assert.equal(parseNetwork('10.0.0.0/8')?.length, 8);
  assert.equal(parseNetwork('10.0.0.1')?.length, 32);
  assert.equal(parseNetwork('::1')?.length, 128);
  assert.equal(parseNetwork('::/0')?.length, 0);
  assert.equal(parseNetwork('::ffff:10.0.0.0/104')?.length, 8);
  for (const text of [
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '/8',
    '::ffff:10.0.0.0/95',
    '::/1e1',
  ]) {
    assert.equal(parseNetwork(text), undefined, text);
  }
});

test('listed networks are found in the spelling they were listed in', () => {
  const networks = indexNetworks([
    '10.0.0.0/8',
    '10.9.9.9/8',
    '10.1.0.0/16',
    '2001:db8::/32',
    '2001:db8::/64',
    'nonsense',
  ]);
  const of = (text: string) => networks.containing(parseAddress(text)!);
  assert.deepEqual(of('10.1.2.3'), ['10.0.0.0/8', '10.1.0.0/16', '10.9.9.9/8']);
  assert.deepEqual(of('10.2.2.3'), ['10.0.0.0/8', '10.9.9.9/8']);
  assert.deepEqual(of('11.2.2.3'), []);
  assert.deepEqual(of('2001:db8::1'), ['2001:db8::/32', '2001:db8::/64']);
  assert.deepEqual(of('2001:db8:0:1::1'), ['2001:db8::/32']);
  assert.deepEqual(networks.invalid, ['nonsense']);
});

test('a network narrower than a client network divides it', () => {
  const networks = indexNetworks(['192.0.2.128/25', '198.51.100.0/24', '2001:db8:1:1::/64']);
  const divides = (text: string) => networks.divideClient(parseAddress(text)!);
  assert.deepEqual(['192.0.2.1', '198.51.100.1', '2001:db8:1::1', '2001:db8:2::1'].map(divides), [
    true,
    false,
    true,
    false,
  ]);
});

test('clients of one /24 or /48 have the same client network', () => {
  assert.equal(clientNetwork('192.0.2.1'), clientNetwork('192.0.2.254'));
  assert.equal(clientNetwork('::ffff:192.0.2.1'), clientNetwork('192.0.2.254'));
  assert.notEqual(clientNetwork('192.0.2.1'), clientNetwork('192.0.3.1'));
  assert.equal(clientNetwork('2001:db8:1::1'), clientNetwork('2001:db8:1:ffff::1'));
  assert.notEqual(clientNetwork('2001:db8:1::1'), clientNetwork('2001:db8:2::1'));
  assert.equal(clientNetwork('unknown'), '');
});
