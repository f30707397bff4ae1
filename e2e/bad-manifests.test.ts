import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { describe, it } from 'node:test';
import { startMirrorWorld } from './mirror-world.ts';
import { startRsyncd } from './servers/rsyncd.ts';
import { condition, eventually, startStandalone, type Standalone } from './standalone.ts';

const file = '/1.2/player.zip';

/** Waits until a condition of a resource says so. */
function says(geomirror: Standalone, [kind, name]: [string, string], type: string, words: RegExp): Promise<string> {
  let last = '';
  return eventually(
    () => `${kind} ${name} to have ${type} ${words}; last it was "${last}"`,
    async () => {
      last = condition(await geomirror.status(kind, name), type);
      return words.test(last) && last;
    },
  );
}

/** Counts who knocks, and lets nobody in. */
async function startListener(host: string) {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, connections: () => connections, [Symbol.dispose]: () => void server.close() };
}

describe('manifests that are wrong', { concurrency: 4 }, () => {
  it('are named by file, document and field, and keep no other from working', async () => {
    await using world = await startMirrorWorld();
    const { geomirror, near, far } = world;
    await world.applyRepository();
    const mirror = (name: string, lines: string): string =>
      `apiVersion: geomirror.io/v1alpha1\nkind: Mirror\nmetadata: {name: ${name}}\nspec:\n  repositoryRef: {name: tree}\n${lines}`;
    const endpoint = (url: string): string => `  endpoints: [{url: "${url}"}]\n`;
    const scan = `  scan: {endpoints: [{url: "${near.rsyncURL}"}], interval: 1s}\n  healthCheck: {interval: 1s}\n`;
    const documents = [
      'kind: [Mirror\nname: "never closed\n',
      mirror('typing', `${endpoint(near.url)}  wieght: 200\n`),
      mirror('sloppy', endpoint(near.url.slice(0, -1))),
      mirror('secretive', endpoint(near.url.replace('http://', 'http://user:hunter2@'))),
      'apiVersion: geomirror.io/v1alpha1\nkind: Miror\nmetadata: {name: near}\n',
      mirror('near', endpoint(near.url) + scan),
      '- just\n- a list\n',
    ];
    await geomirror.write('mirrors.yaml', documents.join('---\n'));
    await geomirror.write('notes.txt', 'kind: [');
    await world.sends(file, 'near');

    const problems = await geomirror.problems();
    assert.deepEqual(
      problems.map(({ file: name, document, resource, field }) => [name, document, resource, field]),
      [
        ['mirrors.yaml', 1, '', ''],
        ['mirrors.yaml', 2, 'Mirror default/typing', 'spec.wieght'],
        ['mirrors.yaml', 3, 'Mirror default/sloppy', 'spec.endpoints[0].url'],
        ['mirrors.yaml', 4, 'Mirror default/secretive', 'spec.endpoints[0].url'],
        ['mirrors.yaml', 5, '', 'kind'],
        ['mirrors.yaml', 7, '', ''],
      ],
    );
    const told = problems.map(({ message }) => message).join('\n');
    for (const words of [
      /^line \d+ /,
      /did you mean weight\?/,
      /must end with a slash/,
      /Secret/,
      /did you mean Mirror\?/,
    ])
      assert.match(told, words);
    assert.equal((await geomirror.admin('/status')).body.includes('hunter2'), false);
    assert.equal(geomirror.process.output().includes('hunter2'), false);
    assert.match(geomirror.process.output(), /mirrors\.yaml, document 2 \(Mirror default\/typing\): spec\.wieght/);

    await geomirror.write('mirrors.yaml', mirror('near', endpoint(far.url) + scan));
    await world.sends(file, 'far');
    assert.deepEqual(await geomirror.problems(), []);
  });

  it('leave the last good version in use', async () => {
    await using world = await startMirrorWorld();
    const { geomirror } = world;
    await world.applyRepository();
    await world.applyMirror('near');
    await world.sends(file, 'near');

    await world.applyMirror('near', { spec: { weight: 5000, mode: 'Drained' } });
    const [problem] = await eventually('the problem', async () => {
      const problems = await geomirror.problems();
      return problems.length > 0 && problems;
    });
    assert.deepEqual([problem!.file, problem!.document, problem!.field], ['mirror-near.yaml', 1, 'spec.weight']);
    await world.applyRepository({ spec: { source: { interval: '1s' } } });
    await eventually('the second problem', async () => (await geomirror.problems()).length === 2);
    await geomirror.write('repository-tree.yaml', '');
    await eventually('an empty file to be named', async () =>
      /is empty/.test(JSON.stringify(await geomirror.problems())),
    );
    await world.source.write({ '1.3/player.zip': 'player 1.3' }, Math.floor(Date.now() / 1000));
    await world.near.tree.follow(world.source);
    await world.sends('/1.3/player.zip', 'near');

    await world.applyRepository();
    await world.applyMirror('near', { spec: { mode: 'Drained' } });
    await world.sends(file, 'fallback');
    assert.deepEqual(await geomirror.problems(), []);
  });

  it('a Mirror without its Repository says so, and works as soon as there is one', async () => {
    await using world = await startMirrorWorld();
    const { geomirror } = world;
    await world.applyMirror('near');
    const told = await says(geomirror, ['Mirror', 'near'], 'Ready', /^Ready=False RepositoryNotFound/);
    assert.match(told, /there is no Repository "tree" in this namespace/);
    assert.equal(await world.sentTo(file), '503');
    await world.applyRepository();
    await world.sends(file, 'near');
    await says(geomirror, ['Mirror', 'near'], 'Ready', /^Ready=True Serving/);

    await geomirror.remove({ kind: 'Repository', metadata: { name: 'tree' } });
    await says(geomirror, ['Mirror', 'near'], 'Ready', /^Ready=False RepositoryNotFound/);
    await eventually('nobody to be sent there', async () => !(await world.sentTo(file)).startsWith('near'));
    await world.applyRepository();
    await world.sends(file, 'near');
  });

  it('a missing or wrong Secret is a condition; with the right one a guarded rsyncd is listed', async () => {
    await using world = await startMirrorWorld();
    const { geomirror, near, source } = world;
    const users = { reader: 'correct horse' };
    await using guarded = await startRsyncd({
      modules: { mirror: { path: near.tree.path, users }, source: { path: source.path, users } },
    });
    const credentialsSecretRef = { name: 'login' };
    await world.applyRepository({
      spec: { source: { rsync: { url: `${guarded.url}source/`, credentialsSecretRef }, interval: '1s' } },
    });
    const missing = /CredentialsMissing: there is no Secret "login" in namespace default/;
    await says(geomirror, ['Repository', 'tree'], 'SourceIndexed', missing);
    assert.match(condition(await geomirror.status('Repository', 'tree'), 'Ready'), missing);

    await geomirror.apply({ kind: 'Secret', metadata: { name: 'login' }, stringData: { username: 'reader' } });
    await says(geomirror, ['Repository', 'tree'], 'SourceIndexed', /CredentialsMissing: .* lacks the key "password"/);
    const secret = (password: string) => ({
      kind: 'Secret',
      metadata: { name: 'login' },
      stringData: { username: 'reader', password },
    });
    await geomirror.apply(secret('wrong horse'));
    await says(geomirror, ['Repository', 'tree'], 'SourceIndexed', /LoginRefused/);
    await geomirror.apply(secret('correct horse'));
    await says(geomirror, ['Repository', 'tree'], 'SourceIndexed', /^SourceIndexed=True Succeeded/);

    const scan = { endpoints: [{ url: `${guarded.url}mirror/`, credentialsSecretRef }], interval: '1s' };
    await geomirror.remove(secret(''));
    await world.applyMirror('near', { spec: { scan } });
    await says(geomirror, ['Mirror', 'near'], 'Scanned', missing);
    assert.equal(await world.sentTo(file), 'fallback');
    await geomirror.apply(secret('correct horse'));
    await world.sends(file, 'near');
    for (const page of ['/status', '/metrics'])
      assert.equal((await geomirror.admin(page)).body.includes('horse'), false);
    assert.equal(geomirror.process.output().includes('horse'), false);
  });

  it('private addresses are refused, and nothing is sent there', async () => {
    using listener = await startListener('127.0.0.1');
    using second = await startListener('::1');
    await using geomirror = await startStandalone({ GEOMIRROR_ALLOW_PRIVATE_MIRRORS: 'false' });
    const fallbacks = [{ name: 'origin', url: `http://127.0.0.1:${listener.port}/` }];
    const repository = (name: string, source: object) => ({
      kind: 'Repository',
      metadata: { name },
      spec: { hosts: [`${name}.example`], source: { ...source, interval: '1s' }, fallbacks },
    });
    await geomirror.apply(repository('local', { directory: { path: tmpdir() } }));
    const hosts = { v4: `127.0.0.1:${listener.port}`, name: `localhost:${listener.port}`, v6: `[::1]:${second.port}` };
    for (const [name, host] of Object.entries(hosts)) {
      await geomirror.apply(repository(`http-${name}`, { http: { url: `http://${host}/` } }));
      await geomirror.apply(repository(`rsync-${name}`, { rsync: { url: `rsync://${host}/tree/` } }));
      for (const scheme of ['rsync', 'rsyncs', 'ftp', 'ftps', 'http', 'https']) {
        await geomirror.apply({
          kind: 'Mirror',
          metadata: { name: `${scheme}-${name}` },
          spec: {
            repositoryRef: { name: 'local' },
            endpoints: [{ url: `http://${host}/` }, { url: `https://${host}/` }],
            scan: { endpoints: [{ url: `${scheme}://${host}/tree/` }], interval: '1s' },
            healthCheck: { interval: '1s', failureThreshold: 1 },
          },
        });
      }
    }
    const refused = /AddressRefused: .*(127\.0\.0\.1|localhost|::1).*GEOMIRROR_ALLOW_PRIVATE_MIRRORS/;
    for (const name of Object.keys(hosts)) {
      for (const scheme of ['http', 'rsync'])
        await says(geomirror, ['Repository', `${scheme}-${name}`], 'SourceIndexed', refused);
      for (const scheme of ['rsync', 'rsyncs', 'ftp', 'ftps', 'http', 'https']) {
        await says(geomirror, ['Mirror', `${scheme}-${name}`], 'Scanned', refused);
        await says(geomirror, ['Mirror', `${scheme}-${name}`], 'Healthy', refused);
      }
    }
    assert.equal(listener.connections() + second.connections(), 0);
  });

  it('private addresses can be allowed one by one', async () => {
    await using world = await startMirrorWorld({ GEOMIRROR_ALLOW_PRIVATE_MIRRORS: '127.0.0.1/32' });
    await world.applyRepository();
    await world.applyMirror('near');
    await world.sends(file, 'near');
    const { port } = new URL(world.far.url);
    await world.applyMirror('far', { spec: { endpoints: [{ url: `http://127.0.0.2:${port}/` }] } });
    await says(world.geomirror, ['Mirror', 'far'], 'Healthy', /AddressRefused/);
  });
});
