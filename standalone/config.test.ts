import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { ConfigMistakes } from '@geomirror/redirector/config.ts';
import { readConfig, settings } from './config.ts';

test('without any setting standalone runs the demo, in memory, on loopback, for nobody’s private addresses', () => {
  const { listen, adminListen, store, manifests, allowPrivateMirrors, canaries, logLevel, geoIP } = readConfig({});
  assert.deepEqual(
    { listen, adminListen, store, manifests, allowPrivateMirrors, canaries, logLevel, geoIP },
    {
      listen: { host: '127.0.0.1', port: 8080 },
      adminListen: { host: '127.0.0.1', port: 9090 },
      store: 'memory:',
      manifests: undefined,
      allowPrivateMirrors: [],
      canaries: [],
      logLevel: 'info',
      geoIP: [],
    },
  );
});

describe('a setting', () => {
  for (const [name, text, key, value] of [
    ['GEOMIRROR_ALLOW_PRIVATE_MIRRORS', 'true', 'allowPrivateMirrors', 'Everything'],
    ['GEOMIRROR_ALLOW_PRIVATE_MIRRORS', 'false', 'allowPrivateMirrors', []],
    ['GEOMIRROR_ALLOW_PRIVATE_MIRRORS', '10.0.0.0/8, fd00::/8', 'allowPrivateMirrors', ['10.0.0.0/8', 'fd00::/8']],
    ['GEOMIRROR_STORE', 'file:/var/lib/geomirror', 'store', 'file:/var/lib/geomirror'],
    ['GEOMIRROR_STORE', 'rediss://:secret@redis:6380', 'store', 'rediss://:secret@redis:6380'],
    ['GEOMIRROR_MANIFESTS', ' /etc/geomirror ', 'manifests', '/etc/geomirror'],
    ['GEOMIRROR_LOG_LEVEL', 'debug', 'logLevel', 'debug'],
    [
      'GEOMIRROR_CANARIES',
      'https://a.example/,http://b.example/x',
      'canaries',
      [new URL('https://a.example/'), new URL('http://b.example/x')],
    ],
  ] as const) {
    test(`${name}=${text} is read`, () => {
      assert.deepEqual(readConfig({ [name]: text })[key], value);
    });
  }

  for (const [name, text, cure] of [
    ['GEOMIRROR_ALLOW_PRIVATE_MIRRORS', 'yes', /"yes" is no network\. Write true, or CIDRs such as/],
    ['GEOMIRROR_ALLOW_PRIVATE_MIRRORS', '10.0.0.0', /Write true, or CIDRs/],
    ['GEOMIRROR_STORE', 'mongodb://x', /Write memory:, file:<folder>, redis:/],
    ['GEOMIRROR_STORE', 'memory:x', /Write memory:/],
    ['GEOMIRROR_STORE', 'file:', /Write memory:/],
    ['GEOMIRROR_CANARIES', 'a.example', /"a\.example" is no http or https URL/],
    ['GEOMIRROR_CANARIES', 'ftp://a.example/', /is no http or https URL/],
    ['GEOMIRROR_LOG_LEVEL', 'loud', /Write error, warn, info, debug/],
    ['GEOMIRROR_LISTEN', '8080', /Write host:port/],
    ['GEOMIRROR_TRUSTED_PROXIES', 'proxy', /is no network/],
  ] as const) {
    test(`${name}=${text} is refused with the cure`, () => {
      assert.throws(
        () => readConfig({ [name]: text }),
        (error: unknown) => {
          assert.ok(error instanceof ConfigMistakes);
          assert.ok(error.message.startsWith(`${name}: `), error.message);
          assert.match(error.message, cure);
          return true;
        },
      );
    });
  }

  test('that is wrong is named together with all others, and no password with it', () => {
    const env = { GEOMIRROR_STORE: 'redis:secret', GEOMIRROR_LOG_LEVEL: 'loud', GEOMIRROR_LISTEN: 'x' };
    assert.throws(
      () => readConfig(env),
      (error: unknown) => {
        assert.deepEqual(
          (error as Error).message
            .split('\n')
            .map((line) => line.split(':')[0])
            .sort((a = '', b = '') => a.localeCompare(b)),
          ['GEOMIRROR_LISTEN', 'GEOMIRROR_LOG_LEVEL', 'GEOMIRROR_STORE'],
        );
        assert.doesNotMatch(String(error), /secret/);
        return true;
      },
    );
  });
});

test('the README has the very table of settings', async () => {
  const readme = await readFile(new URL('README.md', import.meta.url), 'utf8');
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
  const rows = Object.values(settings).map(
    ({ name, fallback, help }) => `| \`${name}\` | ${fallback === '' ? 'empty' : `\`${fallback}\``} | ${cell(help)} |`,
  );
  const table = ['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n');
  assert.ok(readme.includes(`${table}\n`), `standalone/README.md should have this table:\n\n${table}\n`);
});
