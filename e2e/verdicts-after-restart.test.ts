import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { corruptBytes, refusedBodies, startLyingServer, type LyingServer } from './servers/lying-server.ts';
import { startNginx } from './servers/nginx.ts';
import { startRsyncd } from './servers/rsyncd.ts';
import { condition, eventually, startStandalone, type ManifestResource, type Standalone } from './standalone.ts';

const longAgo = Math.floor(Date.now() / 1000) - 30 * 24 * 3600;
const paths = Array.from({ length: 20 }, (_, i) => `pool/part-${i}.bin`);

const stack = new AsyncDisposableStack();
const liars = new Map<string, LyingServer>();
let tree: string;
let geomirror: Standalone;

before(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'geomirror-restart-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  tree = join(folder, 'tree');
  await mkdir(join(tree, 'pool'), { recursive: true });
  for (const path of paths) {
    await writeFile(join(tree, path), createHash('sha512').update(path).digest('hex').repeat(100));
    await utimes(join(tree, path), longAgo, longAgo);
  }
  const rsyncd = stack.use(await startRsyncd({ modules: { tree: { path: tree } } }));
  geomirror = stack.use(await startStandalone());
  await geomirror.apply({
    kind: 'Repository',
    metadata: { name: 'releases' },
    spec: { source: { directory: { path: tree }, interval: '10s' }, checksums: { compute: ['SHA256'] } },
  });
  for (const name of ['honest-one', 'honest-two'])
    await geomirror.apply(mirror(name, stack.use(await startNginx({ root: tree })).url, rsyncd.url));
  liars.set('corrupt', stack.use(await startLyingServer(corruptBytes(tree))));
  liars.set('refusing', stack.use(await startLyingServer(refusedBodies(tree, 503))));
  for (const [name, { url }] of liars) await geomirror.apply(mirror(name, url, rsyncd.url));
});

after(() => stack.disposeAsync());

function mirror(name: string, url: string, rsyncURL: string): ManifestResource {
  return {
    kind: 'Mirror',
    metadata: { name },
    spec: {
      repositoryRef: { name: 'releases' },
      endpoints: [{ url }],
      scan: { endpoints: [{ url: `${rsyncURL}tree/` }], interval: '10s' },
      location: { latitude: '59.33', longitude: '18.06', country: 'SE', continent: 'EU' },
      healthCheck: { interval: '2s', timeout: '2s' },
      verification: { window: 10, maxBytesPerHour: '1Gi' },
    },
  };
}

async function verified(name: string): Promise<string> {
  return condition(await geomirror.status('Mirror', name), 'Verified');
}

/** Where clients are sent, one for each file. */
async function ask(): Promise<readonly string[]> {
  const answers = await Promise.all(paths.map((path) => geomirror.ask(`/${path}`)));
  return answers.map(({ location }) => location ?? '');
}

const leadsTo = (name: string, locations: readonly string[]): boolean =>
  locations.some((location) => location.startsWith(liars.get(name)?.url ?? ''));

test('a restart does not acquit mirrors that samples had withheld', { timeout: 120_000 }, async (t) => {
  await eventually('the liars to be found out', async () => {
    const all = [await verified('corrupt'), await verified('refusing')];
    return all[0]?.startsWith('Verified=False ContentWrong') && all[1]?.startsWith('Verified=False ContentMissing');
  });
  await eventually('the redirector to know it', async () => {
    const locations = await ask();
    return locations.every((each) => each !== '') && ![...liars.keys()].some((name) => leadsTo(name, locations));
  });

  await t.test('not for a moment', async () => {
    await geomirror.restart();
    await eventually('answers', async () => (await ask()).every((each) => each !== ''));
    const until = Date.now() + 8000;
    let asked = 0;
    while (Date.now() < until) {
      const locations = await ask();
      asked += locations.length;
      for (const name of liars.keys()) assert.ok(!leadsTo(name, locations), `${name} after ${asked}`);
    }
    assert.ok(asked > 100, `${asked}`);
    assert.match(await verified('corrupt'), /^Verified=False ContentWrong/);
  });

  await t.test('and one that is mended meanwhile comes back by itself', async () => {
    await geomirror.process.stop();
    const { port, stop } = liars.get('refusing') ?? assert.fail();
    await stop();
    stack.use(await startNginx({ root: tree, port }));
    await geomirror.restart();
    await eventually('clients to be sent there again', async () => leadsTo('refusing', await ask()), 60_000);
    assert.match(await verified('refusing'), /^Verified=True/);
  });
});
