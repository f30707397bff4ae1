import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startRsyncd } from '@geomirror/e2e/servers/rsyncd.ts';
import { Failure, type FailureReason } from '../failures.ts';
import { createAddressGuard } from '../network/guard.ts';
import { addFile, createTree } from './http/testing/tree.ts';
import type { ListingRequest } from './listing.ts';
import { fetchByRsync } from './rsync-fetch.ts';

const guard = createAddressGuard({ allow: ['127.0.0.0/8'] });

async function fetch(
  url: string,
  paths: readonly string[],
  request: Partial<ListingRequest> = {},
): Promise<Map<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'geomirror-fetch-'));
  try {
    const asked = { url: new URL(url), timeoutMs: 10_000, signal: AbortSignal.timeout(60_000), ...request };
    const to = await fetchByRsync({ guard }, asked, { paths, maxFileBytes: 1000, folder });
    const found = await readdir(to, { recursive: true, withFileTypes: true });
    const files = found.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
    return new Map(
      await Promise.all(files.map(async (file) => [file.slice(to.length + 1), await readFile(file, 'utf8')] as const)),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('files come by their paths, whatever their names, and nothing else does', async () => {
  await using tree = await createTree();
  const names = ['a/b/SHA256SUMS', '#x.sha256', ';y', '-z', '*', ' a b ', 'é', '"q"', 'back\\slash'];
  for (const name of [...names, 'other']) {
    await addFile(tree.root, name);
    await writeFile(join(tree.root, name), `content of ${name}`);
  }
  await using daemon = await startRsyncd({ modules: { m: { path: tree.root } } });
  const files = await fetch(`${daemon.url}m/`, names);
  assert.deepEqual(files, new Map(names.map((name) => [name, `content of ${name}`])));
  assert.deepEqual(
    await fetch(`${daemon.url}m/a`, ['b/SHA256SUMS']),
    new Map([['b/SHA256SUMS', 'content of a/b/SHA256SUMS']]),
  );
});

test('what is missing, too large or a link is left out', async () => {
  await using tree = await createTree();
  await addFile(tree.root, 'good', 1000);
  await addFile(tree.root, 'large', 1001);
  await symlink('/etc/passwd', join(tree.root, 'link'));
  await using daemon = await startRsyncd({ modules: { m: { path: tree.root } } });
  const files = await fetch(`${daemon.url}m/`, ['good', 'large', 'link', 'missing']);
  assert.deepEqual([...files.keys()], ['good']);
});

test('a password is used, and a wrong one is a failure', async () => {
  await using tree = await createTree();
  await addFile(tree.root, 'a', 5);
  await using daemon = await startRsyncd({ modules: { m: { path: tree.root, users: { me: 'secret' } } } });
  const login = (password: string): Promise<unknown> =>
    fetch(`${daemon.url}m/`, ['a'], { credentials: { username: 'me', password } });
  await login('secret');
  await assert.rejects(login('wrong'), failure('LoginRefused'));
});

test('an address that the guard refuses is not spoken to', async () => {
  await assert.rejects(fetch('rsync://[::1]/m/', ['a']), failure('AddressRefused'));
  await assert.rejects(fetch('rsync://127.0.0.1:1/m/', ['a']), failure('Unreachable'));
});

test('an abort ends it', async () => {
  await assert.rejects(fetch('rsync://127.0.0.1:1/m/', ['a'], { signal: AbortSignal.abort() }), failure('Cancelled'));
});

function failure(reason: FailureReason): (error: unknown) => boolean {
  return (error) => error instanceof Failure && error.reason === reason;
}
