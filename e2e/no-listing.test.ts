import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startNginx } from './servers/nginx.ts';
import { condition, eventually, startStandalone } from './standalone.ts';

const repositoryRef = { name: 'tree' };
const healthCheck = { interval: '1s' };

test('mirrors without listings are sampled, or taken to equal their source', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'geomirror-no-listing-'));
  const [source, copy] = [join(folder, 'source'), join(folder, 'copy')];
  await mkdir(source);
  for (let i = 0; i < 30; i += 1) await writeFile(join(source, `file-${i}.bin`), `${i}`.repeat(1000));
  await cp(source, copy, { recursive: true, preserveTimestamps: true });
  await using sampled = await startNginx({ root: copy, autoindex: 'off' });
  await using cdn = await startNginx({ root: source, autoindex: 'off' });
  await using geomirror = await startStandalone();
  const sentTo = async (path: string): Promise<readonly string[]> => {
    const asked = await Promise.all(Array.from({ length: 40 }, () => geomirror.ask(path)));
    return [
      ...new Set(asked.flatMap(({ location }) => (location === undefined ? [] : [new URL(location).origin]))),
    ].sort();
  };
  const origins = { sampled: new URL(sampled.url).origin, cdn: new URL(cdn.url).origin };
  try {
    const spec = {
      source: { directory: { path: source }, interval: '1s' },
      fallbacks: [{ name: 'none', url: 'http://127.0.0.1:9/' }],
    };
    await geomirror.apply({ kind: 'Repository', metadata: { name: 'tree' }, spec });
    const scan = { method: 'Sample', sampleSize: 20, interval: '1s' };
    await geomirror.apply({
      kind: 'Mirror',
      metadata: { name: 'sampled' },
      spec: { repositoryRef, healthCheck, endpoints: [{ url: sampled.url }], scan },
    });
    await geomirror.apply({
      kind: 'Mirror',
      metadata: { name: 'cdn' },
      spec: {
        repositoryRef,
        healthCheck,
        endpoints: [{ url: cdn.url }],
        scan: { method: 'Assume' },
        location: { global: true },
      },
    });
    await eventually('both to get clients', async () => (await sentTo('/file-7.bin')).length === 2);
    assert.deepEqual(await sentTo('/file-7.bin'), Object.values(origins).sort());

    // A new file: the CDN pulls it, the sampled mirror does not have it yet.
    await writeFile(join(source, 'new.bin'), 'new'.repeat(500));
    await eventually('the new file at the CDN', async () =>
      (await geomirror.ask('/new.bin')).location?.startsWith(cdn.url),
    );
    await eventually('the sample to show that it is missing', async () =>
      condition(await geomirror.status('Mirror', 'sampled'), 'Scanned').startsWith('Scanned=False SampleMismatch'),
    );
    assert.deepEqual(await sentTo('/new.bin'), [origins.cdn]);
    assert.deepEqual(await sentTo('/file-7.bin'), Object.values(origins).sort(), 'what it had, it still serves');

    await cp(join(source, 'new.bin'), join(copy, 'new.bin'));
    await utimes(join(copy, 'new.bin'), new Date(), new Date());
    await eventually('the new file at both', async () => (await sentTo('/new.bin')).length === 2);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
