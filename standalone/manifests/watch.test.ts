import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadDefinitions } from './definitions.ts';
import { printProblem } from './problem.ts';
import { watchManifests, type ManifestSet } from './watch.ts';

const validate = await loadDefinitions();

const mirror = (name: string, weight = 100) => `---
apiVersion: geomirror.io/v1alpha1
kind: Mirror
metadata: {name: ${name}}
spec:
  repositoryRef: {name: videolan}
  endpoints: [{url: "https://${name}.example/"}]
  weight: ${weight}
`;
const repository = (name: string) => `---
apiVersion: geomirror.io/v1alpha1
kind: Repository
metadata: {name: ${name}}
spec: {source: {directory: {path: /srv/${name}}}}
`;
const secret = (name: string, password: string) => `---
apiVersion: v1
kind: Secret
metadata: {name: ${name}}
stringData: {password: "${password}"}
`;

/** A temporary folder that is watched until the test ends, and the sets it gave. */
async function watched(t: TestContext, files: Readonly<Record<string, string>>, pollMs?: number) {
  const folder = await mkdtemp(join(tmpdir(), 'geomirror-manifests-'));
  const write = async (name: string, text: string) => {
    await writeFile(join(folder, '.half-written'), text);
    await rename(join(folder, '.half-written'), join(folder, name));
  };
  for (const [name, text] of Object.entries(files)) await write(name, text);
  const stop = new AbortController();
  const sets: ManifestSet[] = [];
  const options = {
    signal: stop.signal,
    onChange: (set: ManifestSet) => sets.push(set),
    settleMs: 10,
    ...(pollMs && { pollMs }),
  };
  const { ended } = await watchManifests({ validate, now: Date.now }, folder, options);
  t.after(async () => {
    stop.abort();
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
  const now = () => sets.at(-1)!;
  const until = async (holds: (set: ManifestSet) => boolean) => {
    const limit = AbortSignal.timeout(10_000);
    while (!holds(now())) {
      if (limit.aborted) assert.fail(`still ${JSON.stringify(summary(now()))}`);
      await sleep(5);
    }
    return now();
  };
  return { folder, write, sets, now, until, remove: (name: string) => rm(join(folder, name)) };
}

function summary({ repositories, mirrors, secrets, problems }: ManifestSet) {
  const names = [...repositories, ...mirrors, ...secrets].map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  return { names, problems: problems.map(printProblem) };
}

const weights = ({ mirrors }: ManifestSet) =>
  Object.fromEntries(mirrors.map(({ metadata, spec }) => [metadata.name, spec.weight]));

test('All *.yaml and *.yml of the folder are loaded in the order of their names, hidden and other files are not', async (t) => {
  const { now, folder } = await watched(t, {
    'b.yml': mirror('b'),
    'a.yaml': repository('videolan') + secret('master', 'x') + mirror('a'),
    '.hidden.yaml': mirror('hidden'),
    'a.yaml~': mirror('backup'),
    'README.md': 'not yaml: [',
  });
  assert.deepEqual(summary(now()), {
    names: ['Repository videolan', 'Mirror a', 'Mirror b', 'Secret master'],
    problems: [],
  });
  assert.deepEqual(now().secrets[0]?.values, { password: 'x' });
  assert.equal((await readdir(folder)).length, 5);
});

test('A folder that is not there is refused at once, with what to do about it', async () => {
  const watching = watchManifests({ validate, now: Date.now }, '/nowhere/at/all', {
    signal: new AbortController().signal,
    onChange: () => {},
  });
  await assert.rejects(
    watching,
    /folder of manifests \/nowhere\/at\/all cannot be read \(ENOENT\): create it, or name another one/,
  );
});

test('A change is handed out as the whole new set; what did not change is the same object', async (t) => {
  const { now, until, write, remove } = await watched(t, { 'a.yaml': mirror('a') + mirror('b') });
  const [a, b] = now().mirrors;
  assert.deepEqual([a?.metadata.generation, a?.metadata.namespace, a?.status.observedGeneration], [1, 'default', -1]);

  await write('a.yaml', mirror('a') + mirror('b', 5));
  const changed = await until((set) => weights(set)['b'] === 5);
  assert.equal(changed.mirrors[0], a);
  assert.deepEqual(changed.mirrors[1]?.metadata, { ...b?.metadata, generation: 2 });

  await write('c.yaml', mirror('c'));
  await until(({ mirrors }) => mirrors.length === 3);
  await remove('a.yaml');
  assert.deepEqual(summary(await until(({ mirrors }) => mirrors.length === 1)).names, ['Mirror c']);
});

test('A change of labels or annotations alone leaves the generation', async (t) => {
  const { now, until, write } = await watched(t, { 'a.yaml': mirror('a') });
  const [before] = now().mirrors;
  await write(
    'a.yaml',
    mirror('a').replace('{name: a}', '{name: a, annotations: {geomirror.io/scan-requested-at: "1"}}'),
  );
  const { mirrors } = await until((set) => set.mirrors[0]?.metadata.annotations !== undefined);
  assert.deepEqual(mirrors[0]?.metadata, {
    ...before?.metadata,
    annotations: { 'geomirror.io/scan-requested-at': '1' },
  });
});

test('The uid is the same in another process, and another one for a resource that was deleted and created again', async (t) => {
  const first = await watched(t, { 'a.yaml': mirror('a') + repository('a') });
  const second = await watched(t, { 'b.yaml': mirror('a') });
  const uid = first.now().mirrors[0]!.metadata.uid;
  assert.match(uid, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(second.now().mirrors[0]?.metadata.uid, uid);
  assert.notEqual(first.now().repositories[0]?.metadata.uid, uid);

  await first.remove('a.yaml');
  await first.until(({ mirrors }) => mirrors.length === 0);
  await first.write('a.yaml', mirror('a'));
  const { mirrors } = await first.until((set) => set.mirrors.length === 1);
  assert.notEqual(mirrors[0]?.metadata.uid, uid);
  assert.equal(mirrors[0]?.metadata.generation, 1);
});

test('A resource that moves to another file stays the same', async (t) => {
  const { folder, now, until } = await watched(t, { 'a.yaml': mirror('a') + mirror('b', 0) });
  const [a] = now().mirrors;
  await rename(join(folder, 'a.yaml'), join(folder, 'z.yaml'));
  const { mirrors } = await until(({ problems }) => problems[0]?.file === 'z.yaml');
  assert.equal(mirrors[0], a);
});

test('Earlier documents of a file are the older resources', async (t) => {
  const { now } = await watched(t, { 'a.yaml': repository('z') + repository('a') });
  const times = now().repositories.map(({ metadata }) => Date.parse(metadata.creationTimestamp));
  assert.equal(times[1]! - times[0]!, 1);
  assert.ok(times[0]! <= Date.now() && times[0]! > Date.now() - 60_000);
});

test('While a document is broken its last good version stays, and the rest of the file follows', async (t) => {
  const { until, write } = await watched(t, { 'a.yaml': mirror('a') + mirror('b') });
  await write('a.yaml', mirror('a', 0) + mirror('c'));
  const broken = await until(({ problems }) => problems.length === 1);
  assert.deepEqual(weights(broken), { a: 100, c: 100 });
  assert.deepEqual(summary(broken).problems, [
    'a.yaml, document 1 (Mirror default/a): spec.weight: must be at least 1',
  ]);

  await write('a.yaml', mirror('a', 7) + mirror('c'));
  const mended = await until(({ problems }) => problems.length === 0);
  assert.deepEqual(weights(mended), { a: 7, c: 100 });
  assert.equal(mended.mirrors.find(({ metadata }) => metadata.name === 'a')?.metadata.generation, 2);
});

test('While it cannot be told what a broken document was, everything stays that its file gave', async (t) => {
  const { until, write } = await watched(t, { 'a.yaml': mirror('a') + mirror('b'), 'z.yaml': mirror('z') });
  await write('a.yaml', `${mirror('c')}---\n{`);
  const broken = await until(({ problems }) => problems.length === 1);
  assert.deepEqual(Object.keys(weights(broken)).sort(), ['a', 'b', 'c', 'z']);
  await write('a.yaml', mirror('c'));
  assert.deepEqual(Object.keys(weights(await until(({ problems }) => problems.length === 0))), ['c', 'z']);
});

test('An empty file is taken for one that is about to be written', async (t) => {
  const { until, write } = await watched(t, { 'a.yaml': mirror('a') });
  await write('a.yaml', '');
  const set = await until(({ problems }) => problems.length === 1);
  assert.deepEqual(summary(set), {
    names: ['Mirror a'],
    problems: ['a.yaml: is empty; delete the file to delete its resources'],
  });
  await write('a.yaml', '# nothing any more\n');
  assert.deepEqual(summary(await until(({ problems }) => problems.length === 0)).names, []);
});

test('Of two resources with one name the first by file and document counts, and the other is a problem', async (t) => {
  const { now, until, remove } = await watched(t, {
    'a.yaml': mirror('x', 1),
    'b.yaml': mirror('x', 2) + mirror('z', 1) + mirror('z', 2),
  });
  assert.deepEqual(weights(now()), { x: 1, z: 1 });
  assert.deepEqual(summary(now()).problems, [
    'b.yaml, document 1 (Mirror default/x): is also in a.yaml, document 1, which counts; delete one of them or give it another name',
    'b.yaml, document 3 (Mirror default/z): is also in b.yaml, document 2, which counts; delete one of them or give it another name',
  ]);
  const { uid } = now().mirrors[0]!.metadata;
  await remove('a.yaml');
  const set = await until((next) => weights(next)['x'] === 2);
  assert.equal(set.mirrors[0]?.metadata.uid, uid);
});

test('A change that the resource does not allow is refused while the old version is known', async (t) => {
  const { until, write } = await watched(t, { 'a.yaml': mirror('a') });
  await write('a.yaml', mirror('a').replace('name: videolan', 'name: other'));
  const set = await until(({ problems }) => problems.length === 1);
  assert.equal(set.problems[0]?.field, 'spec.repositoryRef');
  assert.equal(set.mirrors[0]?.spec.repositoryRef.name, 'videolan');
});

test('A mounted ConfigMap works: links into a hidden folder that is swapped by one rename', async (t) => {
  const { folder, until } = await watched(t, {});
  const publish = async (version: string, text: string) => {
    await mkdir(join(folder, version));
    await writeFile(join(folder, version, 'a.yaml'), text);
    await symlink(version, join(folder, '..data_tmp'));
    await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  await publish('..2026_11_23_1', mirror('a', 1));
  await symlink('..data/a.yaml', join(folder, 'a.yaml'));
  const { mirrors } = await until((set) => weights(set)['a'] === 1);
  await publish('..2026_11_23_2', mirror('a', 2));
  const set = await until((next) => weights(next)['a'] === 2);
  assert.deepEqual(set.mirrors[0]?.metadata, { ...mirrors[0]?.metadata, generation: 2 });
});

test('A folder that goes away takes nothing with it', async (t) => {
  const { folder, until } = await watched(t, { 'a.yaml': mirror('a') }, 20);
  await rename(folder, `${folder}-gone`);
  const set = await until(({ problems }) => problems.length === 1);
  assert.deepEqual(summary(set), {
    names: ['Mirror a'],
    problems: ['.: the folder of manifests cannot be read (ENOENT); what it said last holds on'],
  });
  await rename(`${folder}-gone`, folder);
  await until(({ problems }) => problems.length === 0);
});

test('A change that the system does not report is found by looking again', async (t) => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'geomirror-manifests-'));
  t.after(() => rm(elsewhere, { recursive: true, force: true }));
  await writeFile(join(elsewhere, 'real.yaml'), mirror('a', 1));
  const { folder, until } = await watched(t, {}, 20);
  await symlink(join(elsewhere, 'real.yaml'), join(folder, 'a.yaml'));
  await until((set) => weights(set)['a'] === 1);
  await writeFile(join(elsewhere, 'real.yaml'), mirror('a', 2));
  await until((set) => weights(set)['a'] === 2);
});

test('Nothing is handed out when nothing changed', async (t) => {
  const { sets, until, write } = await watched(t, { 'a.yaml': mirror('a') });
  await write('a.yaml', mirror('a'));
  await write('README.md', 'hello');
  await write('b.yaml', mirror('b'));
  await until(({ mirrors }) => mirrors.length === 2);
  assert.equal(sets.length, 2);
});

test('A folder named like a file, and a link that leads nowhere, are passed over', async (t) => {
  const { folder, until, write } = await watched(t, {});
  await mkdir(join(folder, 'dir.yaml'));
  await symlink('/nowhere', join(folder, 'link.yaml'));
  await write('a.yaml', mirror('a'));
  assert.deepEqual(summary(await until(({ mirrors }) => mirrors.length === 1)).problems, []);
});
