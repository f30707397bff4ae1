import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { startNginx } from './servers/nginx.ts';
import { startRsyncd } from './servers/rsyncd.ts';
import { condition, eventually, startStandalone, type ManifestResource, type Standalone } from './standalone.ts';

const longAgo = Math.floor(Date.now() / 1000) - 30 * 24 * 3600;
const paths = Array.from({ length: 12 }, (_, i) => `pool/part-${i}.bin`);
/** Their published checksums are those of other bytes. */
const misprinted = ['pool/part-3.bin', 'pool/part-7.bin'];
/** One mirror has other bytes of it, of the same size and time. */
const tampered = 'pool/part-5.bin';
const honest = ['honest-one', 'honest-two', 'honest-three'];

const stack = new AsyncDisposableStack();
let tree: string;
let geomirror: Standalone;

before(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'geomirror-lying-source-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  tree = join(folder, 'tree');
  for (const path of paths) await writeOld(join(tree, path), bytesOf(path));
  await publishSums((path) => bytesOf(misprinted.includes(path) ? `${path} as it never was` : path), longAgo);
  const odd = join(folder, 'odd');
  await cp(tree, odd, { recursive: true, preserveTimestamps: true });
  await writeOld(join(odd, tampered), bytesOf('tampered'));
  const rsyncd = stack.use(await startRsyncd({ modules: { tree: { path: tree }, odd: { path: odd } } }));
  geomirror = stack.use(await startStandalone());
  await geomirror.apply({
    kind: 'Repository',
    metadata: { name: 'releases' },
    spec: {
      source: { directory: { path: tree }, interval: '10s' },
      checksums: { compute: [], files: ['SHA256SUMS'] },
    },
  });
  for (const name of honest) {
    const { url } = stack.use(await startNginx({ root: tree }));
    await geomirror.apply(mirror(name, url, `${rsyncd.url}tree/`));
  }
  const { url } = stack.use(await startNginx({ root: odd }));
  await geomirror.apply(mirror('odd', url, `${rsyncd.url}odd/`));
});

after(() => stack.disposeAsync());

function mirror(name: string, url: string, scanURL: string): ManifestResource {
  return {
    kind: 'Mirror',
    metadata: { name },
    spec: {
      repositoryRef: { name: 'releases' },
      endpoints: [{ url }],
      scan: { endpoints: [{ url: scanURL }], interval: '10s' },
      location: { latitude: '59.33', longitude: '18.06', country: 'SE', continent: 'EU' },
      healthCheck: { interval: '1s', timeout: '2s' },
      // A single file is left out before the mirror as a whole is.
      verification: { window: 10, maxWrongPercent: 50, maxBytesPerHour: '1Gi' },
    },
  };
}

const bytesOf = (seed: string): Buffer =>
  Buffer.concat(Array.from({ length: 100 }, (_, i) => createHash('sha256').update(`${seed} ${i}`).digest()));

async function writeOld(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
  await utimes(path, longAgo, longAgo);
}

async function publishSums(toldOf: (path: string) => Uint8Array, time: number): Promise<void> {
  const lines = paths.map((path) => `${createHash('sha256').update(toldOf(path)).digest('hex')}  ${path}\n`);
  await writeFile(join(tree, 'SHA256SUMS'), lines.join(''));
  await utimes(join(tree, 'SHA256SUMS'), time, time);
}

/** Mirrors that nobody is sent to for this file, with the reason. */
async function excluded(path: string): Promise<ReadonlyMap<string, string>> {
  const { body } = await geomirror.ask(`/${path}`, { headers: { Accept: 'application/json' } });
  const { ExcludedList = [] } = JSON.parse(body) as {
    ExcludedList?: { readonly Name: string; readonly ExcludeReason: string }[];
  };
  return new Map(
    ExcludedList.filter(({ ExcludeReason: reason }) => reason !== 'NotDrawn').map((each) => [
      each.Name,
      each.ExcludeReason,
    ]),
  );
}

async function repositoryCondition(type: string): Promise<string> {
  return condition(await geomirror.status('Repository', 'releases'), type);
}

async function stillExcluded(expected: (path: string) => readonly string[]): Promise<string[]> {
  const all = await Promise.all(
    paths.map(async (path) => ({ path, names: [...(await excluded(path)).keys()].toSorted() })),
  );
  return all
    .filter(({ path, names }) => names.join() !== expected(path).join())
    .map(({ path, names }) => `${path}: ${names.join()}`);
}

const expectedOut = (path: string): readonly string[] => (path === tampered ? ['odd'] : []);

test('a source that publishes wrong checksums', { timeout: 180_000 }, async (t) => {
  await t.test('is named as such, with the files and the cure', async () => {
    const told = await eventually(
      'both files to be disputed',
      async () => {
        const said = await repositoryCondition('DigestsDisputed');
        return said.includes(' 2 files') && said;
      },
      60_000,
    );
    assert.match(told, /^DigestsDisputed=True MirrorsAgree: .* 2 files, such as pool\/part-[37]\.bin/);
    assert.match(told, /publish the right ones/);
    assert.match(await repositoryCondition('Ready'), /^Ready=True/);
  });

  await t.test(
    'takes no file from clients, while one mirror alone with other bytes against a right sum is wrong',
    async () => {
      let left: string[] = [];
      await eventually(
        () => `only the odd mirror to be left out; not so:\n${left.join('\n')}`,
        async () => (left = await stillExcluded(expectedOut)).length === 0,
        60_000,
      );
      const sampledAll = async (): Promise<boolean> => {
        const all = await Promise.all([...honest, 'odd'].map((name) => geomirror.status('Mirror', name)));
        return all.every((status) => (status?.['verification'] as { sampled?: number } | undefined)?.sampled === 10);
      };
      await eventually('windows that are full', sampledAll, 60_000);
      for (let round = 0; round < 20; round += 1) {
        for (const path of misprinted) assert.equal((await geomirror.ask(`/${path}`)).status, 302, path);
        assert.deepEqual(await stillExcluded(expectedOut), []);
      }
      assert.equal((await excluded(tampered)).get('odd'), 'WrongSize');
      for (const name of honest) {
        assert.match(condition(await geomirror.status('Mirror', name), 'Verified'), /^Verified=True/, name);
      }
    },
  );

  await t.test('is believed again once it has published the right ones', async () => {
    await publishSums(bytesOf, (await stat(join(tree, 'SHA256SUMS'))).mtimeMs / 1000 + 60);
    await eventually('the condition to go', async () => (await repositoryCondition('DigestsDisputed')) === '', 60_000);
    await eventually(
      'all mirrors to serve these files',
      async () => (await stillExcluded(expectedOut)).every((each) => each.endsWith(': odd')),
      60_000,
    );
  });
});
