import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startNginx } from './servers/nginx.ts';
import { freePort, startProcess, type Running } from './servers/process.ts';
import { startRedis } from './servers/redis.ts';
import { ask, eventually, startStandalone } from './standalone.ts';

const root = join(import.meta.dirname, '..');

/** A redirector process of its own, as it runs many times beside one operator. */
async function startRedirector(store: string): Promise<Running & { readonly port: number; readonly admin: number }> {
  const [port, admin] = [await freePort(), await freePort()];
  const running = await startProcess({
    file: process.execPath,
    args: [join(root, 'redirector', 'main.ts')],
    env: {
      GEOMIRROR_LISTEN: `127.0.0.1:${port}`,
      GEOMIRROR_ADMIN_LISTEN: `127.0.0.1:${admin}`,
      GEOMIRROR_STORE: store,
    },
    port,
  });
  return { ...running, port, admin };
}

test('redirectors in processes of their own follow the catalog in Redis, and go on without it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'geomirror-redis-store-'));
  const tree = join(folder, 'tree');
  await mkdir(tree);
  await writeFile(join(tree, 'a.iso'), 'a'.repeat(5000));
  await using nginx = await startNginx({ root: tree, autoindex: 'json' });
  let redis = await startRedis();
  await using standalone = await startStandalone({ GEOMIRROR_STORE: redis.url });
  await using redirector = await startRedirector(redis.url);
  const location = async (path: string): Promise<string | undefined> => (await ask(redirector.port, path)).location;
  try {
    assert.equal((await ask(redirector.port, '/a.iso')).status, 503, 'nothing is published yet');

    await standalone.apply({
      kind: 'Repository',
      metadata: { name: 'tree' },
      spec: { source: { directory: { path: tree }, interval: '1s' } },
    });
    const spec = {
      repositoryRef: { name: 'tree' },
      endpoints: [{ url: nginx.url }],
      scan: { interval: '1s' },
      healthCheck: { interval: '1s' },
    };
    await standalone.apply({ kind: 'Mirror', metadata: { name: 'one' }, spec });
    await eventually(
      'the redirector to know the mirror',
      async () => (await location('/a.iso')) === `${nginx.url}a.iso`,
    );
    assert.equal((await ask(redirector.admin, '/readyz')).status, 200);

    await redis.stop();
    assert.equal(await location('/a.iso'), `${nginx.url}a.iso`, 'answers from memory');
    await writeFile(join(tree, 'b.iso'), 'b'.repeat(6000));

    // Redis comes back empty: the operator publishes again from its memory, with what it learned meanwhile.
    redis = await startRedis({ port: redis.port });
    await eventually(
      'the new file to arrive through an emptied Redis',
      async () => (await location('/b.iso')) === `${nginx.url}b.iso`,
      40_000,
    );
    assert.equal(await location('/a.iso'), `${nginx.url}a.iso`);

    await standalone.remove({ kind: 'Mirror', metadata: { name: 'one' } });
    await eventually('the mirror to be gone', async () => (await location('/a.iso')) !== `${nginx.url}a.iso`);
  } finally {
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
