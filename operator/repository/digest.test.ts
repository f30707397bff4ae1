import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createJobs } from '../jobs.ts';
import { createLedger } from '../publish/ledger.ts';
import type { Repository } from '../resources/repository.ts';
import { listDirectory } from '../scan/directory.ts';
import { createTree } from '../scan/http/testing/tree.ts';
import { loopbackOutside } from '../scan/listing-file/testing/list-file.ts';
import { digestSource, type DigestSourceDeps } from './digest.ts';
import { compareSource } from './plan.ts';
import type { RepositoryState } from './state.ts';

const digestOf = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');

async function indexed(root: string): Promise<RepositoryState> {
  const ledger = createLedger();
  const stop = new AbortController();
  const comparison = compareSource(
    ledger.table,
    () => true,
    () => false,
  );
  for await (const entries of listDirectory({ root, signal: stop.signal })) comparison.add(entries);
  const rules = { now: 0, graceMs: () => 0, retainMs: 0, matches: () => false };
  await ledger.applySource(await comparison.finish([]), rules);
  return { uid: 'uid', slot: 'ns/name', ledger, stop } as unknown as RepositoryState;
}

type Run = { readonly logged: readonly string[]; readonly published: number };

async function run(state: RepositoryState, spec: unknown): Promise<Run> {
  await using outside = loopbackOutside();
  const logged: string[] = [];
  let published = 0;
  const log = (fields: { files?: number; reason?: string }, message: string): void =>
    void logged.push(`${message}: ${fields.files ?? fields.reason}`);
  const digest = digestSource({
    ...outside,
    log: { info: log, warn: log } as unknown as DigestSourceDeps['log'],
    jobs: createJobs(4),
    wake: { publication: () => (published += 1) },
    resources: { secret: () => Promise.resolve(undefined) },
  });
  await digest({ metadata: { namespace: 'ns', name: 'name' }, spec } as Repository, state);
  return { logged, published };
}

describe('digests of a repository', () => {
  test('are taken from what is published, and computed for the rest of a directory', async () => {
    await using tree = await createTree();
    for (const name of ['a', 'b']) await writeFile(join(tree.root, name), name);
    await writeFile(join(tree.root, 'SHA256SUMS'), `${digestOf('sha256', 'a')}  a\n`);
    const state = await indexed(tree.root);
    const checksums = { compute: ['SHA256'], files: ['SHA256SUMS'] };
    const { logged, published } = await run(state, { source: { directory: { path: tree.root } }, checksums });
    assert.deepEqual(logged, ['published checksums entered: 1', 'source hashed: 2']);
    assert.equal(published, 2);
    for (const name of ['a', 'b'])
      assert.deepEqual(state.ledger.table.digests(state.ledger.table.find(name)), { sha256: digestOf('sha256', name) });
  });

  test('are computed with each algorithm that is asked for', async () => {
    await using tree = await createTree();
    await writeFile(join(tree.root, 'a'), 'a');
    const state = await indexed(tree.root);
    const checksums = { compute: ['MD5', 'SHA512'], files: [] };
    await run(state, { source: { directory: { path: tree.root } }, checksums });
    const expected = { md5: digestOf('md5', 'a'), sha512: digestOf('sha512', 'a') };
    assert.deepEqual(state.ledger.table.digests(0), expected);
  });

  test('stay unknown where a source cannot be reached, and the log says why', async () => {
    await using tree = await createTree();
    await writeFile(join(tree.root, 'SHA256SUMS'), `${digestOf('sha256', 'a')}  a\n`);
    const state = await indexed(tree.root);
    const source = { rsync: { url: 'rsync://127.0.0.1:1/module/' } };
    const { logged, published } = await run(state, {
      source,
      checksums: { compute: ['SHA256'], files: ['SHA256SUMS'] },
    });
    assert.deepEqual(logged, ['published checksums cannot be had: Unreachable']);
    assert.equal(published, 0);
  });

  test('are left when the repository is deleted', async () => {
    await using tree = await createTree();
    await writeFile(join(tree.root, 'a'), 'a');
    const state = await indexed(tree.root);
    state.stop.abort();
    const checksums = { compute: ['SHA256'], files: ['**'] };
    assert.deepEqual(await run(state, { source: { directory: { path: tree.root } }, checksums }), {
      logged: [],
      published: 0,
    });
  });
});
