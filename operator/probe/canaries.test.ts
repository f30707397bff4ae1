import assert from 'node:assert/strict';
import { after, it } from 'node:test';

import { createHTTPClient } from '../network/client.ts';
import { createAddressGuard } from '../network/guard.ts';
import { askCanaries } from './canaries.ts';
import { startLiar } from './liar.ts';

const client = createHTTPClient({ guard: createAddressGuard({ allow: ['127.0.0.0/8'] }), userAgent: 'geomirror-test' });
after(() => client.close());
const never = new AbortController().signal;
const dead = new URL('http://127.0.0.1:1/');

it('is unknown where there are no canaries', async () => {
  assert.equal(await askCanaries({ client }, [], 1000, never), 'Unknown');
});

it('is alive if one of them answers anything, also a redirect', async () => {
  await using angry = await startLiar((_, response) => response.writeHead(500).end());
  await using moved = await startLiar((_, response) =>
    response.writeHead(302, { location: 'http://elsewhere.invalid/' }).end(),
  );
  for (const { url } of [angry, moved]) {
    assert.equal(await askCanaries({ client }, [dead, new URL(url)], 5000, never), 'Alive');
  }
});

it('does not wait for those that are silent', async () => {
  await using silent = await startLiar(() => undefined);
  await using alive = await startLiar((_, response) => response.end());
  assert.equal(await askCanaries({ client }, [new URL(silent.url), new URL(alive.url)], 600_000, never), 'Alive');
});

it('is dead if none answers in time', async () => {
  await using silent = await startLiar(() => undefined);
  assert.equal(await askCanaries({ client }, [dead, new URL(silent.url)], 100, never), 'Dead');
});

it('ends with its signal', async () => {
  await using silent = await startLiar(() => undefined);
  await assert.rejects(askCanaries({ client }, [new URL(silent.url)], 600_000, AbortSignal.timeout(50)), {
    name: 'TimeoutError',
  });
});
