import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { startNginx } from '@geomirror/e2e/servers/nginx.ts';
import { startRsyncd } from '@geomirror/e2e/servers/rsyncd.ts';
import { createLedger, type Ledger } from '../../publish/ledger.ts';
import type { Repository, RepositorySource } from '../../resources/repository.ts';
import { play } from '../../scan/http/testing/play.ts';
import { createTree } from '../../scan/http/testing/tree.ts';
import { loopbackOutside } from '../../scan/listing-file/testing/list-file.ts';
import { compileScope } from '../freshness.ts';
import { compareSource } from '../plan.ts';
import { openSource, type SourceDeps } from '../source.ts';
import { createReadPublishedSums } from './read-published-sums.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const names = ['a.iso', 'sub/b c.iso', 'sub/é#%.iso', 'single.iso'];
const globs = ['**/SHA256SUMS', '**/*.sha256'];

/** A tree whose checksums were made by the real program. */
async function fill(root: string, content = 'content'): Promise<void> {
  for (const name of names) await write(root, name, `${content} of ${name}`);
  const { stdout } = await promisify(execFile)('sha256sum', ['./a.iso', 'sub/b c.iso', 'sub/é#%.iso'], { cwd: root });
  await write(root, 'SHA256SUMS', stdout);
  await write(root, 'single.iso.sha256', `${sha256(`${content} of single.iso`)}\n`);
}

async function write(root: string, name: string, content: string): Promise<void> {
  await mkdir(dirname(join(root, name)), { recursive: true });
  await writeFile(join(root, name), content);
}

type Logged = { readonly message: string; readonly fields: Record<string, unknown> };

/** A repository that is indexed and whose published checksums are then read, as often as told. */
async function follow(source: Partial<RepositorySource>): Promise<
  AsyncDisposable & {
    readonly ledger: Ledger;
    readonly index: () => Promise<void>;
    readonly readSums: (files?: readonly string[]) => Promise<Logged[]>;
    readonly digests: () => (string | undefined)[];
  }
> {
  const outside = loopbackOutside();
  let logged: Logged[] = [];
  const log = (fields: Record<string, unknown>, message: string): void => void logged.push({ message, fields });
  const deps = {
    ...outside,
    log: { info: log, warn: log, debug: () => undefined },
    resources: { secret: () => Promise.resolve(undefined) },
  } as unknown as SourceDeps;
  const ledger = createLedger();
  const { signal } = new AbortController();
  const repository = (files: readonly string[]): Repository =>
    ({
      metadata: { namespace: 'ns', name: 'name' },
      spec: { source, checksums: { compute: ['SHA256'], files } },
    }) as unknown as Repository;
  const readSums = createReadPublishedSums(deps);
  return {
    ledger,
    async index() {
      const comparison = compareSource(
        ledger.table,
        () => true,
        (number) => ledger.isRetained(number),
      );
      for await (const entries of await openSource(deps, repository([]), compileScope([], []), signal))
        comparison.add(entries);
      const rules = { now: 0, graceMs: () => 0, retainMs: 0, matches: () => false };
      await ledger.applySource(await comparison.finish([]), rules);
    },
    async readSums(files = globs) {
      logged = [];
      await readSums({ repository: repository(files), slot: 'ns/name', ledger, signal });
      return logged;
    },
    digests: () => names.map((name) => ledger.table.digests(ledger.table.find(name)).sha256),
    [Symbol.asyncDispose]: () => outside[Symbol.asyncDispose](),
  };
}

const right = (content = 'content'): string[] => names.map((name) => sha256(`${content} of ${name}`));

describe('checksums that a project publishes are taken', () => {
  test('from a directory', async () => {
    await using tree = await createTree();
    await fill(tree.root);
    await using followed = await follow({ directory: { path: tree.root } });
    await followed.index();
    await followed.readSums();
    assert.deepEqual(followed.digests(), right());
  });

  test('over HTTP', async () => {
    await using tree = await createTree();
    await fill(tree.root);
    await using server = await startNginx({ root: tree.root, autoindex: 'json' });
    await using followed = await follow({ http: { url: server.url.slice(0, -1) } });
    await followed.index();
    await followed.readSums();
    assert.deepEqual(followed.digests(), right());
  });

  test('by rsync', async () => {
    await using tree = await createTree();
    await fill(join(tree.root, 'folder'));
    await using daemon = await startRsyncd({ modules: { m: { path: tree.root } } });
    await using followed = await follow({ rsync: { url: `${daemon.url}m/folder/` } });
    await followed.index();
    await followed.readSums();
    assert.deepEqual(followed.digests(), right());
  });

  test('beside a published listing', async () => {
    await using tree = await createTree();
    await fill(join(tree.root, 'pub'));
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
    const { stdout } = await promisify(execFile)('ls', ['-lR'], { cwd: join(tree.root, 'pub'), env });
    await write(tree.root, 'pub/ls-lR', stdout);
    await using server = await startNginx({ root: tree.root });
    await using followed = await follow({ listing: { url: `${server.url}pub/ls-lR`, format: 'LsLR' } });
    await followed.index();
    await followed.readSums();
    assert.deepEqual(followed.digests(), right());
  });
});

test('files of checksums are read again only when they or what they name changed', async () => {
  await using tree = await createTree();
  await fill(tree.root);
  await using server = await startNginx({ root: tree.root, autoindex: 'json' });
  let asked: string[] = [];
  await using player = await play((request, response) => {
    if (request.url?.endsWith('/') !== true) asked.push(request.url ?? '');
    void fetch(new URL(request.url ?? '', server.url)).then(async (answer) => {
      response.setHeader('content-type', answer.headers.get('content-type') ?? '');
      response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
    });
  });
  await using followed = await follow({ http: { url: player.url } });
  const round = async (): Promise<string[]> => {
    asked = [];
    await followed.index();
    await followed.readSums();
    return asked.sort();
  };
  assert.deepEqual(await round(), ['/SHA256SUMS', '/single.iso.sha256']);
  assert.deepEqual(await round(), []);
  await fill(tree.root, 'more content');
  assert.deepEqual(await round(), ['/SHA256SUMS', '/single.iso.sha256']);
  assert.deepEqual(followed.digests(), right('more content'));
  await write(tree.root, 'new', 'x');
  assert.deepEqual(await round(), ['/SHA256SUMS']);
  await followed.readSums(['**/*.sha256']);
  assert.deepEqual(asked.slice(1), ['/single.iso.sha256']);
});

test('a checksum that was published before its file is found when the file comes', async () => {
  await using tree = await createTree();
  await write(tree.root, 'SHA256SUMS', `${sha256('content of a.iso')}  a.iso\n`);
  await using followed = await follow({ directory: { path: tree.root } });
  await followed.index();
  await followed.readSums();
  await write(tree.root, 'a.iso', 'content of a.iso');
  await followed.index();
  await followed.readSums();
  assert.equal(followed.digests()[0], sha256('content of a.iso'));
});

test('a changed file does not get the checksum of the version before, which is still published', async () => {
  await using tree = await createTree();
  await fill(tree.root);
  await using followed = await follow({ directory: { path: tree.root } });
  await followed.index();
  await followed.readSums();
  await write(tree.root, 'a.iso', 'something new');
  await followed.index();
  await followed.readSums();
  assert.equal(followed.digests()[0], undefined);
  await write(tree.root, 'SHA256SUMS', `${sha256('something new')}  a.iso\n`);
  await followed.index();
  await followed.readSums();
  assert.equal(followed.digests()[0], sha256('something new'));
});

test('what cannot be read is told once, and does not keep the rest from being read', async () => {
  await using tree = await createTree();
  await using outside = await createTree();
  await fill(tree.root);
  await write(outside.root, 'SHA256SUMS', `${sha256('x')}  single.iso\n`);
  await write(tree.root, 'page/SHA256SUMS', '<html>');
  await write(tree.root, 'moved/SHA256SUMS', `${sha256('x')}  x\n`);
  await using followed = await follow({ directory: { path: tree.root } });
  await followed.index();
  await rm(join(tree.root, 'moved'), { recursive: true });
  await symlink(outside.root, join(tree.root, 'moved'));
  const logged = await followed.readSums();
  assert.deepEqual(followed.digests(), right());
  const trouble = logged.find(({ message }) => message === 'files of checksums not read');
  assert.equal(trouble?.fields['files'], 2);
  assert.deepEqual(await followed.readSums(), []);
});

test('a checksum that contradicts a computed one is told, and the computed one stays', async () => {
  await using tree = await createTree();
  await write(tree.root, 'a.iso', 'content');
  await using followed = await follow({ directory: { path: tree.root } });
  await followed.index();
  const known = followed.ledger.table.file(0);
  assert.ok(known);
  await followed.ledger.setDigests([{ ...known, digests: { sha256: sha256('content') } }]);
  await write(tree.root, 'SHA256SUMS', `${sha256('other')}  a.iso\n`);
  await followed.index();
  const logged = await followed.readSums();
  assert.equal(logged[0]?.message, 'published checksums contradict what is known; the known ones stay');
  assert.deepEqual(logged[0]?.fields, { repository: 'ns/name', files: 1, example: 'a.iso' });
  assert.equal(followed.digests()[0], sha256('content'));
});

test('after a server that did not answer, the same files are due with the next index', async () => {
  await using tree = await createTree();
  await fill(tree.root);
  let isDown = false;
  await using server = await startNginx({ root: tree.root, autoindex: 'json' });
  await using player = await play((request, response) => {
    if (isDown && request.url?.endsWith('/') !== true) return request.socket.destroy();
    return void fetch(new URL(request.url ?? '', server.url)).then(async (answer) => {
      response.setHeader('content-type', answer.headers.get('content-type') ?? '');
      response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
    });
  });
  await using followed = await follow({ http: { url: player.url } });
  await followed.index();
  isDown = true;
  const logged = await followed.readSums();
  assert.equal(logged[0]?.fields['reason'], 'Unreachable');
  isDown = false;
  await followed.readSums();
  assert.deepEqual(followed.digests(), right());
});

test('times do not matter, only versions: a touched file of checksums is read again', async () => {
  await using tree = await createTree();
  await fill(tree.root);
  await using followed = await follow({ directory: { path: tree.root } });
  await followed.index();
  await followed.readSums();
  await utimes(join(tree.root, 'SHA256SUMS'), 1, 1);
  await followed.index();
  assert.deepEqual(await followed.readSums(), []);
  assert.deepEqual(followed.digests(), right());
});
