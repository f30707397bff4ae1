import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { Failure, type FailureReason } from '../failures.ts';
import { listDirectory, type DirectoryRequest } from './directory.ts';
import { addFile, createTree, fillTree, unusualNames } from './http/testing/tree.ts';
import type { ListingEnd, ListingEntry } from './listing.ts';

const never = new AbortController().signal;

async function list(
  root: string,
  request: Partial<DirectoryRequest> = {},
): Promise<{ entries: ListingEntry[]; end: ListingEnd }> {
  const listing = listDirectory({ root, signal: never, ...request });
  const entries: ListingEntry[] = [];
  for (;;) {
    const next = await listing.next();
    if (next.done === true) return { entries, end: next.value };
    entries.push(...next.value);
  }
}

const pathsOf = (entries: readonly ListingEntry[]): string[] => entries.map(({ path }) => path).sort();

describe('a walk of a folder', () => {
  test('shows every file with its size and time, whatever its name', async () => {
    await using tree = await createTree();
    await fillTree(tree.root);
    const { entries, end } = await list(tree.root);
    const files = entries.filter((entry) => entry.kind === 'File');
    const all = await tree.truth();
    const truth = new Map([...all].filter(([path]) => path !== 'deep/link.txt'));
    assert.deepEqual(new Map(files.map(({ path, size, modifiedAt }) => [path, { size, modifiedAt }])), truth);
    assert.ok(files.every(({ sizeSlack, timeSlack }) => sizeSlack === 0 && timeSlack === 0));
    assert.deepEqual(end, { unreadable: [], partlyUnseen: false, refused: { count: 0, examples: [] } });
    assert.ok(unusualNames.every((name) => truth.has(`names/${name}`)));
  });

  test('shows links as they are written and follows none, not even round and round or out of the root', async () => {
    await using tree = await createTree();
    await using outside = await createTree();
    await addFile(outside.root, 'secret', 3);
    await addFile(tree.root, '1.2/file', 3);
    const links = {
      latest: '1.2',
      up: '..',
      self: '.',
      loop: 'loop',
      out: outside.root,
      gone: 'nowhere',
      é: 'ü/ -> x',
    };
    for (const [name, target] of Object.entries(links)) await symlink(target, join(tree.root, name));
    const { entries } = await list(tree.root);
    const listed = entries.flatMap((entry) => (entry.kind === 'Link' ? [[entry.path, entry.target] as const] : []));
    assert.deepEqual(Object.fromEntries(listed), links);
    assert.deepEqual(pathsOf(entries.filter((entry) => entry.kind === 'File')), ['1.2/file']);
  });

  test('counts names that cannot stand in the catalog, and does not enter such folders', async () => {
    await using tree = await createTree();
    await addFile(tree.root, 'good', 1);
    const latin = Buffer.concat([Buffer.from(`${tree.root}/latin-`), Buffer.from([0xe9])]);
    await mkdir(latin);
    await writeFile(Buffer.concat([latin, Buffer.from('/inside')]), '');
    await writeFile(join(tree.root, 'new\nline'), '');
    await writeFile(join(tree.root, 'x'.repeat(255)), '');
    const { entries, end } = await list(tree.root);
    assert.deepEqual(pathsOf(entries), ['good', 'x'.repeat(255)]);
    assert.equal(end.refused.count, 2);
    assert.deepEqual(end.refused.examples.map(({ reason }) => reason).sort(), ['ControlCharacter', 'NotUTF8']);
  });

  test('leaves out pipes and sockets', async () => {
    await using tree = await createTree();
    await addFile(tree.root, 'file', 1);
    await promisify(execFile)('mkfifo', [join(tree.root, 'pipe')]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(tree.root, 'socket'), resolve));
    try {
      assert.deepEqual(pathsOf((await list(tree.root)).entries), ['file']);
    } finally {
      server.close();
    }
  });

  test('does not enter folders that need not be entered', async () => {
    await using tree = await createTree();
    await addFile(tree.root, 'a/b/c', 1);
    await addFile(tree.root, 'a/skipped/c', 1);
    const asked: string[] = [];
    const skipFolder = (path: string): boolean => (asked.push(path), path === 'a/skipped');
    assert.deepEqual(pathsOf((await list(tree.root, { skipFolder })).entries), ['a/b/c']);
    assert.deepEqual(asked.sort(), ['a', 'a/b', 'a/skipped']);
  });

  test('names folders that it cannot read or look into, and shows the rest', async (t) => {
    await using tree = await createTree();
    for (const path of ['open/file', 'closed/file', 'dark/file', 'dark/er/file']) await addFile(tree.root, path, 1);
    await chmod(tree.root, 0o755);
    await chmod(join(tree.root, 'closed'), 0o700);
    await chmod(join(tree.root, 'dark'), 0o744);
    const { seteuid } = process;
    if (seteuid === undefined || process.getuid?.() !== 0) return t.skip('only root can become somebody else');
    seteuid(65_534);
    try {
      const { entries, end } = await list(tree.root);
      assert.deepEqual(pathsOf(entries), ['open/file']);
      assert.deepEqual([...end.unreadable].sort(), ['closed', 'dark', 'dark/er']);
    } finally {
      seteuid(0);
    }
  });

  test('goes on when files and folders vanish under it', async () => {
    await using tree = await createTree();
    for (let i = 0; i < 3000; i += 1) await writeFile(join(tree.root, `file-${i}`), '');
    await addFile(tree.root, 'folder/file', 1);
    const listing = listDirectory({ root: tree.root, signal: never });
    const first = await listing.next();
    assert.ok(first.done !== true && first.value.length < 3000);
    await rm(join(tree.root, 'folder'), { recursive: true });
    for (let i = 0; i < 3000; i += 1) await rm(join(tree.root, `file-${i}`));
    let step = await listing.next();
    while (step.done !== true) step = await listing.next();
    assert.deepEqual(step.value.unreadable, []);
  });

  test('does not follow a link that took the place of a folder', async () => {
    await using tree = await createTree();
    await using outside = await createTree();
    await addFile(outside.root, 'secret', 3);
    for (let i = 0; i < 1500; i += 1) await writeFile(join(tree.root, `file-${i}`), '');
    await addFile(tree.root, 'folder/file', 1);
    const listing = listDirectory({ root: tree.root, signal: never });
    const seen: string[] = [];
    for (let step = await listing.next(); step.done !== true; step = await listing.next()) {
      seen.push(...pathsOf(step.value));
      if (seen.length > 1100) continue;
      await rename(join(tree.root, 'folder'), join(tree.root, 'moved'));
      await symlink(outside.root, join(tree.root, 'folder'));
    }
    assert.ok(!seen.includes('folder/secret'));
  });

  test('stays in the tree that a linked root led to at first', async () => {
    await using tree = await createTree();
    await addFile(tree.root, '1/a/file', 1);
    await addFile(tree.root, '2/b/file', 1);
    const current = join(tree.root, 'current');
    await symlink('1', current);
    assert.deepEqual(pathsOf((await list(current)).entries), ['a/file']);
  });

  test('stops when it is told to', async () => {
    await using tree = await createTree();
    for (let i = 0; i < 1500; i += 1) await writeFile(join(tree.root, `file-${i}`), '');
    const stop = new AbortController();
    const listing = listDirectory({ root: tree.root, signal: stop.signal });
    await listing.next();
    stop.abort();
    await assert.rejects(listing.next(), failure('Cancelled', /cancelled/));
  });

  for (const [title, path, message] of [
    ['that does not exist', 'missing', /it does not exist; mount the volume there/],
    ['that is a file', 'file', /it is not a folder/],
  ] as const)
    test(`fails at a root ${title}`, async () => {
      await using tree = await createTree();
      await addFile(tree.root, 'file', 1);
      await assert.rejects(list(join(tree.root, path)), failure('SourceUnreadable', message));
    });
});

test('an empty folder is an empty tree', async () => {
  await using tree = await createTree();
  assert.deepEqual((await list(tree.root)).entries, []);
});

function failure(reason: FailureReason, message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof Failure && error.reason === reason && message.test(error.message);
}
