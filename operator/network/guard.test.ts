import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assert as check, constantFrom, nat, property } from 'fast-check';
import { Failure } from '../failures.ts';
import { asciiHost, createAddressGuard } from './guard.ts';

const strict = createAddressGuard({ allow: [] });
const signal = new AbortController().signal;

describe('the address guard', () => {
  for (const address of [
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.255',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.8',
    '192.0.2.1',
    '192.168.1.1',
    '192.88.99.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.9',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::7f00:1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '0:0:0:0:0:ffff:10.0.0.1',
    '::FFFF:169.254.169.254',
    '64:ff9b::10.0.0.1',
    '64:ff9b::a00:1',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:2::1',
    '2001:10::1',
    '2001:db8::1',
    '2002:7f00:1::1',
    '3fff::1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '5f00::1',
    '4000::1',
    'a000::1',
    '::ffff:0:7f00:1',
  ]) {
    it(`refuses ${address}`, () => assert.notEqual(strict.refuse(address), undefined));
  }

  for (const address of [
    '1.1.1.1',
    '8.8.8.8',
    '100.128.0.1',
    '126.255.255.255',
    '172.32.0.1',
    '193.0.0.1',
    '223.255.255.255',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
    '2001:4860:4860::8888',
    '2a01:4f8::1',
    '2606:4700::1111',
    '2001:67c:2e8::1',
  ]) {
    it(`lets ${address} pass`, () => assert.equal(strict.refuse(address), undefined));
  }

  for (const text of ['', 'localhost', '127.1', '0x7f000001', '1.2.3.4.5', '[::1]']) {
    it(`calls ${JSON.stringify(text)} not an address`, () => assert.equal(strict.refuse(text), 'not an IP address'));
  }

  it('refuses every private IPv4 address in every IPv6 spelling that reaches it', () => {
    check(
      property(nat(0xffffff), constantFrom('::ffff:', '64:ff9b::', '::'), (rest, prefix) => {
        const dotted = `10.${rest >> 16}.${(rest >> 8) & 255}.${rest & 255}`;
        assert.notEqual(strict.refuse(prefix + dotted), undefined);
      }),
    );
  });

  it('lets configured networks pass, and only those', () => {
    const guard = createAddressGuard({ allow: ['127.0.0.0/8', '10.1.0.0/16', 'fd00::/8', '192.168.1.1'] });
    const passes = (address: string): boolean => guard.refuse(address) === undefined;
    assert.ok(['127.0.0.1', '::ffff:127.0.0.1', '10.1.2.3', 'fd00::1', '192.168.1.1', '8.8.8.8'].every(passes));
    assert.ok(!['::1', '10.2.0.1', 'fe80::1', '192.168.1.2'].some(passes));
  });

  it('lets everything pass when told so', () => {
    assert.equal(createAddressGuard({ allow: 'Everything' }).refuse('127.0.0.1'), undefined);
  });

  for (const wrong of ['10.0.0.0/33', '10.0.0.0/', 'example.org', 'fd00::/129', '10.0.0.0/-1', '10.0.0.0/8.5', '']) {
    it(`does not start with the network ${JSON.stringify(wrong)}`, () =>
      assert.throws(() => createAddressGuard({ allow: [wrong] }), RangeError));
  }

  it('judges what a name resolves to', async () => {
    await assert.rejects(strict.resolve('localhost', signal), isFailure('AddressRefused'));
    await assert.rejects(strict.resolve('[::1]', signal), isFailure('AddressRefused'));
    // A non-special scheme keeps such hosts as written; the resolver reads them as 127.0.0.1.
    await assert.rejects(strict.resolve('2130706433', signal), isFailure('AddressRefused'));
    assert.deepEqual(await strict.resolve('[2a01:4f8::1]', signal), [{ address: '2a01:4f8::1', family: 6 }]);
  });

  it('says so when a name does not exist or is none', async () => {
    await assert.rejects(strict.resolve('no-such-host.invalid', signal), isFailure('UnresolvableHost'));
    await assert.rejects(strict.resolve('', signal), isFailure('UnresolvableHost'));
    await assert.rejects(strict.resolve('%ff', signal), isFailure('UnresolvableHost'));
  });

  it('stops waiting for the resolver when cancelled', async () => {
    await assert.rejects(strict.resolve('localhost', AbortSignal.abort()), isFailure('Cancelled'));
  });

  it('keeps refused addresses from sockets that look names up', async () => {
    const looked = Promise.withResolvers<unknown>();
    strict.lookup('localhost', { all: true }, (error) => looked.resolve(error));
    assert.ok(isFailure('AddressRefused')(await looked.promise));
    const allowed = Promise.withResolvers<unknown>();
    createAddressGuard({ allow: ['127.0.0.0/8'] }).lookup('localhost', {}, (error, address) =>
      allowed.resolve(error ?? address),
    );
    assert.equal(await allowed.promise, '127.0.0.1');
  });

  it('reads hosts of any scheme as ASCII names', () => {
    assert.equal(asciiHost(new URL('rsync://m%C3%BCnchen.example/').hostname), 'xn--mnchen-3ya.example');
    assert.equal(asciiHost(new URL('rsync://[2001:db8::1]/').hostname), '2001:db8::1');
    assert.equal(asciiHost('EXAMPLE.org'), 'example.org');
  });
});

function isFailure(reason: string): (error: unknown) => boolean {
  return (error) => error instanceof Failure && error.reason === reason;
}
