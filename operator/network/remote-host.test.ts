import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { remoteHost } from './remote-host.ts';

describe('the remote host of', () => {
  const cases: readonly (readonly [url: string, host: string])[] = [
    ['https://mirror.example/pub/', 'mirror.example'],
    ['http://MIRROR.example:8080/', 'mirror.example'],
    ['http://203.0.113.7:8080/', '203.0.113.7'],
    ['http://[2001:db8::7]:8080/', '[2001:db8::7]'],
    ['http://127.0.0.1:8080/', '127.0.0.1:8080'],
    ['http://127.9.9.9/', '127.9.9.9'],
    ['http://[::1]:8080/', '[::1]:8080'],
    ['http://localhost:8080/', 'localhost:8080'],
    ['http://a.localhost:8080/', 'a.localhost:8080'],
    ['http://notlocalhost:8080/', 'notlocalhost'],
  ];
  for (const [url, host] of cases) it(`${url} is ${host}`, () => assert.equal(remoteHost(url), host));
});
