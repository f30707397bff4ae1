import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMistakes, helpText, parseListen, readConfig, settings } from './config.ts';
import { parseAddress } from './geo/address.ts';

test('an empty environment means loopback, no trust and the database that comes along', () => {
  const config = readConfig({});
  assert.deepEqual(config.listen, { host: '127.0.0.1', port: 8080 });
  assert.deepEqual(config.adminListen, { host: '127.0.0.1', port: 9090 });
  assert.deepEqual(config.geoIP, []);
  assert.equal(config.trustedProxies.trusts(parseAddress('127.0.0.1')), false);
});

test('lists are separated by commas', () => {
  const config = readConfig({
    GEOMIRROR_GEOIP: '/a.mmdb, /b.mmdb,',
    GEOMIRROR_TRUSTED_PROXIES: '10.0.0.0/8,2001:db8::/32',
  });
  assert.deepEqual(config.geoIP, ['/a.mmdb', '/b.mmdb']);
  assert.equal(config.trustedProxies.trusts(parseAddress('10.1.2.3')), true);
});

test('all mistakes are told at once, each with the setting and the cure', () => {
  const env = { GEOMIRROR_LISTEN: '8080', GEOMIRROR_STORE: 'memory:', GEOMIRROR_TRUSTED_PROXIES: 'everyone' };
  assert.throws(
    () => readConfig(env),
    (error: unknown) => {
      assert.ok(error instanceof ConfigMistakes);
      assert.deepEqual(error.message.split('\n'), [
        'GEOMIRROR_LISTEN: "8080" is no address. Write host:port, such as 127.0.0.1:8080 or [::]:8080.',
        'GEOMIRROR_STORE: memory: is for standalone only. Write the redis://… that the operator publishes to.',
        'GEOMIRROR_TRUSTED_PROXIES: "everyone" is no network. Write 10.0.0.0/8 or 2001:db8::/32.',
      ]);
      return true;
    },
  );
});

test('a password in a wrong setting is not repeated', () => {
  assert.throws(
    () => readConfig({ GEOMIRROR_STORE: 'mysql://user:secret@host' }),
    (error: Error) => !error.message.includes('secret'),
  );
});

for (const [text, host, port] of [
  ['127.0.0.1:8080', '127.0.0.1', 8080],
  ['[::1]:80', '::1', 80],
  [':8080', '::', 8080],
  ['localhost:0', 'localhost', 0],
] as const)
  test(`${text} is port ${port} of ${host}`, () => {
    assert.deepEqual(parseListen(text), { host, port });
  });

for (const text of ['', '8080', 'host', 'host:', 'host:99999', 'host:-1', '::1:80', '[::1]', 'a:b'])
  test(`"${text}" is no address to listen on`, () => {
    assert.throws(() => parseListen(text));
  });

test('the help has a row for every setting', () => {
  for (const { name, help } of Object.values(settings))
    assert.ok(helpText(settings).includes(`${name}\n      ${help}`));
});
