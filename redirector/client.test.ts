import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { clientAddress, forwardedProtocol, noTrustedProxies, readTrustedProxies, rememberClients } from './client.ts';

const { proxies } = readTrustedProxies(['10.0.0.0/8', '127.0.0.1', '2001:db8:1::/48', '::1/128']);
const withSocket = readTrustedProxies(['unix:', '10.0.0.0/8']).proxies;

const cases: [title: string, peer: string, header: string | undefined, client: string][] = [
  ['nobody forwards', '198.51.100.1', undefined, '198.51.100.1'],
  ['an untrusted peer speaks only for itself', '198.51.100.1', '203.0.113.5', '198.51.100.1'],
  ['a trusted peer without the header is the client', '10.1.1.1', undefined, '10.1.1.1'],
  ['an empty header counts as none', '10.1.1.1', '', '10.1.1.1'],
  ['a trusted peer names the client', '10.1.1.1', '203.0.113.5', '203.0.113.5'],
  ['what an untrusted element claims is not believed', '10.1.1.1', '1.2.3.4, 203.0.113.5', '203.0.113.5'],
  ['trusted elements are walked through', '10.1.1.1', '1.2.3.4,203.0.113.5, 10.2.2.2 ,10.3.3.3', '203.0.113.5'],
  ['all trusted: the left-most', '10.1.1.1', '10.2.2.2, 10.3.3.3', '10.2.2.2'],
  ['garbage ends the walk at the last good address', '10.1.1.1', '203.0.113.5, unknown, 10.3.3.3', '10.3.3.3'],
  ['garbage alone leaves the peer', '10.1.1.1', '<script>', '10.1.1.1'],
  ['an empty element is garbage', '10.1.1.1', '203.0.113.5,', '10.1.1.1'],
  ['a leading comma is garbage', '10.1.1.1', ',10.2.2.2', '10.2.2.2'],
  ['ports are dropped', '10.1.1.1', '203.0.113.5:51234', '203.0.113.5'],
  ['brackets are dropped', '10.1.1.1', '[2001:db8:2::7]', '2001:db8:2::7'],
  ['brackets and port are dropped', '10.1.1.1', '[2001:DB8:2::7]:443', '2001:db8:2::7'],
  ['a bare IPv6 address is not cut at its last colon', '10.1.1.1', '2001:db8:2::7', '2001:db8:2::7'],
  ['a broken bracket is garbage', '10.1.1.1', '[2001:db8:2::7', '10.1.1.1'],
  ['text after a bracket is garbage', '10.1.1.1', '[::2]x', '10.1.1.1'],
  ['an octal-looking address is garbage', '10.1.1.1', '010.1.1.1', '10.1.1.1'],
  ['a mapped peer is IPv4', '::ffff:198.51.100.1', undefined, '198.51.100.1'],
  ['a mapped peer is trusted as IPv4', '::ffff:10.1.1.1', '::ffff:203.0.113.5', '203.0.113.5'],
  ['a mapped address in hexadecimal is IPv4', '10.1.1.1', '::ffff:cb00:7105', '203.0.113.5'],
  ['IPv6 proxies are trusted by prefix', '2001:db8:1:7::1', '2001:db8:9::1', '2001:db8:9::1'],
  ['a zone is dropped', 'fe80::1%eth0', undefined, 'fe80::1'],
  ['a peer without an address is nobody', '', '203.0.113.5', ''],
];

test('the client is the right-most address that is not a trusted proxy', async (t) => {
  for (const [title, peer, header, client] of cases) {
    await t.test(title, () => assert.equal(clientAddress(peer, header, proxies), client));
  }
});

test('remembered answers are the same, also for headers too long to be remembered', () => {
  const remembered = rememberClients(proxies);
  const long = `${'1.2.3.4, '.repeat(100)}203.0.113.5`;
  for (const [, peer, header] of [...cases, ...cases, ['', '10.1.1.1', long, '']])
    assert.equal(remembered(peer ?? '', header), clientAddress(peer ?? '', header, proxies));
});

test('nobody is trusted by default', () => {
  assert.equal(clientAddress('127.0.0.1', '203.0.113.5', noTrustedProxies), '127.0.0.1');
  assert.equal(clientAddress('127.0.0.1', '203.0.113.5', readTrustedProxies([]).proxies), '127.0.0.1');
  assert.equal(clientAddress('', '203.0.113.5', noTrustedProxies), '');
});

test('a Unix socket is trusted only when the list says unix:', () => {
  assert.equal(clientAddress('', '203.0.113.5, 10.1.1.1', withSocket), '203.0.113.5');
  assert.equal(clientAddress('', 'garbage', withSocket), '');
  assert.equal(clientAddress('', undefined, withSocket), '');
  assert.equal(forwardedProtocol('', 'https', withSocket), 'https');
});

test('entries that are no network are named', () => {
  assert.deepEqual(readTrustedProxies(['10.0.0.0/8', 'loopback', '1.2.3.4/33', 'unix:', '::/129']).invalid, [
    'loopback',
    '1.2.3.4/33',
    '::/129',
  ]);
});

test('the protocol is taken from trusted peers only', () => {
  const table: [peer: string, header: string | undefined, protocol: string | undefined][] = [
    ['10.1.1.1', 'https', 'https'],
    ['10.1.1.1', 'HTTP', 'http'],
    ['10.1.1.1', 'https, http', 'https'],
    ['10.1.1.1', 'gopher', undefined],
    ['10.1.1.1', '', undefined],
    ['10.1.1.1', undefined, undefined],
    ['198.51.100.1', 'https', undefined],
    ['', 'https', undefined],
  ];
  for (const [peer, header, protocol] of table) {
    assert.equal(forwardedProtocol(peer, header, proxies), protocol, `${peer} ${header}`);
  }
});

test('no header makes it throw or return what is no address', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: 'binary' }), (peer, header) => {
      assert.equal(typeof clientAddress(peer, header, proxies), 'string');
      assert.equal(clientAddress('10.0.0.1', header, proxies) === '', false);
    }),
  );
});

test('what stands left of an untrusted address never matters', () => {
  fc.assert(
    fc.property(fc.string(), fc.ipV4(), (left, right) => {
      fc.pre(!right.startsWith('10.') && right !== '127.0.0.1');
      assert.equal(clientAddress('10.0.0.1', `${left},${right}`, proxies), right);
    }),
  );
});
