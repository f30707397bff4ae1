import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { FileVersion } from '@geomirror/catalog/file.ts';
import { createLedger, type Ledger } from '../publish/ledger.ts';
import { listDirectory } from '../scan/directory.ts';
import { createTree } from '../scan/http/testing/tree.ts';
import { digestTree, type DigestDeps, type DigestPlan } from './digest-tree.ts';
import { compareSource } from './plan.ts';

const never = new AbortController().signal;
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

async function index(ledger: Ledger, root: string, retainMs = 0): Promise<void> {
  const comparison = compareSource(
    ledger.table,
    () => true,
    (number) => ledger.isRetained(number),
  );
  for await (const entries of listDirectory({ root, signal: never })) comparison.add(entries);
  const rules = { now: 0, graceMs: () => 0, retainMs, matches: () => false };
  await ledger.applySource(await comparison.finish([]), rules);
}

type Logged = { readonly message: string; readonly fields: Record<string, unknown> };

async function digest(ledger: Ledger, root: string, plan: Partial<DigestPlan & DigestDeps> = {}): Promise<Logged[]> {
  const logged: Logged[] = [];
  const log = (fields: Record<string, unknown>, message: string): void => void logged.push({ message, fields });
  await digestTree(
    { log: { info: log, warn: log } as DigestDeps['log'], now: Date.now, onProgress: () => undefined, ...plan },
    { root, algorithms: ['sha256'], slot: 'ns/name', ledger, signal: never, ...plan },
  );
  return logged;
}

const digestIn = (ledger: Ledger, path: string): string | undefined =>
  ledger.table.digests(ledger.table.find(path)).sha256;

describe('the digests of a directory source', () => {
  test('are computed for each file, and only once', async () => {
    await using tree = await createTree();
    for (let i = 0; i < 50; i += 1) await writeFile(join(tree.root, `file-${i}`), `content ${i}`);
    const ledger = createLedger();
    await index(ledger, tree.root);
    const first = await digest(ledger, tree.root);
    for (let i = 0; i < 50; i += 1) assert.equal(digestIn(ledger, `file-${i}`), digestOf(`content ${i}`));
    assert.equal(first.at(-1)?.message, 'source hashed');
    assert.equal(first.at(-1)?.fields['files'], 50);
    await index(ledger, tree.root);
    assert.deepEqual(await digest(ledger, tree.root), []);
  });

  test('are computed again for a file that changed or was touched, and for no other', async () => {
    await using tree = await createTree();
    for (const name of ['same', 'touched', 'changed']) {
      await writeFile(join(tree.root, name), 'old');
      await utimes(join(tree.root, name), 1_700_000_000, 1_700_000_000);
    }
    const ledger = createLedger();
    await index(ledger, tree.root);
    await digest(ledger, tree.root);
    await writeFile(join(tree.root, 'changed'), 'new');
    await utimes(join(tree.root, 'touched'), 1_700_000_009, 1_700_000_009);
    await index(ledger, tree.root);
    assert.equal(digestIn(ledger, 'touched'), undefined);
    const logged = await digest(ledger, tree.root);
    assert.equal(logged.at(-1)?.fields['files'], 2);
    assert.deepEqual(
      ['same', 'touched', 'changed'].map((name) => digestIn(ledger, name)),
      ['old', 'old', 'new'].map(digestOf),
    );
  });

  test('are completed where an algorithm is added', async () => {
    await using tree = await createTree();
    await writeFile(join(tree.root, 'a'), 'text');
    const ledger = createLedger();
    await index(ledger, tree.root);
    await digest(ledger, tree.root);
    await digest(ledger, tree.root, { algorithms: ['md5', 'sha256'] });
    assert.deepEqual(ledger.table.digests(0), {
      md5: createHash('md5').update('text').digest('hex'),
      sha256: digestOf('text'),
    });
  });

  test('leave out what changed since it was listed, and what is only retained', async () => {
    await using tree = await createTree();
    await writeFile(join(tree.root, 'changed'), 'old');
    await writeFile(join(tree.root, 'gone'), 'x');
    const ledger = createLedger();
    await index(ledger, tree.root);
    await utimes(join(tree.root, 'gone'), 1, 1);
    const removed = [ledger.table.find('gone')];
    const rules = { now: 0, graceMs: () => 0, retainMs: 1000, matches: () => false };
    await ledger.applySource({ added: [], changed: [], removed }, rules);
    await writeFile(join(tree.root, 'changed'), 'longer');
    const logged = await digest(ledger, tree.root);
    assert.deepEqual(logged.at(-1)?.fields['files'], 1);
    assert.deepEqual(logged.at(-1)?.fields['skipped'], 1);
    assert.equal(digestIn(ledger, 'changed'), undefined);
  });

  test('are entered as the work goes on, with progress in the log', async () => {
    await using tree = await createTree();
    for (let i = 0; i < 40; i += 1) await writeFile(join(tree.root, `file-${i}`), `content ${i}`);
    const ledger = createLedger();
    await index(ledger, tree.root);
    let time = 0;
    const entered: number[] = [];
    const watched = {
      get table() {
        return ledger.table;
      },
      isRetained: (number: number) => ledger.isRetained(number),
      setDigests(files: readonly FileVersion[]): Promise<void> {
        entered.push(files.length);
        return ledger.setDigests(files);
      },
    };
    let told = 0;
    const logged = await digest(ledger, tree.root, {
      ledger: watched,
      // A second between any two looks at the clock.
      now: () => (time += 1000),
      onProgress: () => (told += 1),
    });
    assert.ok(entered.length > 3 && told === entered.length, String(entered));
    assert.equal(
      entered.reduce((sum, count) => sum + count, 0),
      40,
    );
    assert.ok(logged.some(({ message }) => message === 'hashing the source'));
  });

  test('end at once when told to, and keep what was read', async () => {
    await using tree = await createTree();
    for (let i = 0; i < 200; i += 1) await writeFile(join(tree.root, `file-${i}`), Buffer.alloc(100_000, i));
    const ledger = createLedger();
    await index(ledger, tree.root);
    const stop = new AbortController();
    let time = 0;
    await digest(ledger, tree.root, {
      signal: stop.signal,
      now: () => (time += 1000),
      onProgress: () => stop.abort(),
    });
    const known = [...ledger.table.live()].filter((number) => ledger.table.digests(number).sha256 !== undefined);
    assert.ok(known.length > 0 && known.length < 100, String(known.length));
  });

  test('are none where the folder is missing', async () => {
    assert.deepEqual(await digest(createLedger(), '/nowhere'), []);
  });
});
