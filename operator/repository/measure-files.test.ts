import assert from 'node:assert/strict';
import { truncate, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { startApache } from '@geomirror/e2e/servers/apache.ts';
import { startLighttpd } from '@geomirror/e2e/servers/lighttpd.ts';
import { startNginx } from '@geomirror/e2e/servers/nginx.ts';
import { createLedger, type Ledger } from '../publish/ledger.ts';
import type { Repository } from '../resources/repository.ts';
import { play } from '../scan/http/testing/play.ts';
import { addFile, createTree, fillTree } from '../scan/http/testing/tree.ts';
import { loopbackOutside } from '../scan/listing-file/testing/list-file.ts';
import { compileScope } from './freshness.ts';
import { measureFiles } from './measure-files.ts';
import { compareSource, type SourcePlan } from './plan.ts';
import { openSource } from './source.ts';

type Indexed = { readonly plan: SourcePlan; readonly unmeasured: number };

async function index(ledger: Ledger, url: string): Promise<Indexed> {
  await using outside = loopbackOutside();
  const deps = { ...outside, resources: { secret: () => Promise.resolve(undefined) } };
  const repository = { metadata: { namespace: 'ns', name: 'name' }, spec: { source: { http: { url } } } } as Repository;
  const { signal } = new AbortController();
  const comparison = compareSource(
    ledger.table,
    () => true,
    (number) => ledger.isRetained(number),
  );
  const listing = await openSource(deps, repository, compileScope([], []), signal);
  for await (const entries of listing) comparison.add(entries);
  const plan = await comparison.finish([]);
  const { change, unmeasured } = await measureFiles(deps, { repository, signal }, plan);
  await ledger.applySource(change, { now: 0, graceMs: () => 0, retainMs: 0, matches: () => false });
  return { plan, unmeasured };
}

const changesOf = ({ plan }: Indexed): number => plan.added.length + plan.changed.length + plan.removed.length;

describe('a source whose pages round sizes or leave them out', () => {
  const cases = [
    ['Apache', (root: string) => startApache({ root, indexOptions: 'FancyIndexing HTMLTable' })],
    ['Apache with the plain list', (root: string) => startApache({ root, indexOptions: '' })],
    ['nginx', (root: string) => startNginx({ root, autoindex: 'html', extra: 'autoindex_exact_size off;' })],
    ['lighttpd', (root: string) => startLighttpd({ root, listing: 'on' })],
  ] as const;
  for (const [title, start] of cases)
    test(`has exact sizes and times in the catalog: ${title}`, async () => {
      await using tree = await createTree();
      await fillTree(tree.root);
      await using server = await start(tree.root);
      const ledger = createLedger();
      const { plan } = await index(ledger, server.url);
      const truth = await tree.truth();
      for (const number of ledger.table.live()) {
        const { path, size, modifiedAt, timeSlack } = ledger.table.file(number)!;
        const real = truth.get(path)!;
        // Apache does not tell by HEAD that a file is empty.
        assert.ok(size === real.size || (size === undefined && real.size === 0), `${path} ${size} ${real.size}`);
        // What a page says exactly is not asked for; no server admits to a time in the future.
        if (!plan.rounded.has(path) || real.modifiedAt > Date.now() / 1000) continue;
        assert.deepEqual([modifiedAt, timeSlack], [real.modifiedAt, 0], path);
      }
      assert.ok(ledger.table.liveFiles > 50);
      assert.equal(changesOf(await index(ledger, server.url)), 0);
    });

  test('is asked only for files that changed', async () => {
    await using tree = await createTree();
    for (const name of ['a', 'b', 'c']) await addFile(tree.root, name, 1_234_567);
    await using server = await startNginx({ root: tree.root, autoindex: 'html', extra: 'autoindex_exact_size off;' });
    const ledger = createLedger();
    await index(ledger, server.url);
    await truncate(join(tree.root, 'b'), 7_654_321);
    await utimes(join(tree.root, 'b'), 1_760_000_000, 1_760_000_000);
    const { plan } = await index(ledger, server.url);
    assert.deepEqual([plan.added.length, plan.changed.map(({ path }) => path)], [0, ['b']]);
    assert.equal(ledger.table.size(ledger.table.find('b')), 7_654_321);
    assert.equal(ledger.table.liveFiles, 3);
  });

  const page = (names: readonly string[]): string =>
    `<html><head><title>Index of /</title></head><body><h1>Index of /</h1><hr><pre><a href="../">../</a>\n${names
      .map((name) => `<a href="${name}">${name}</a>      23-Nov-2026 07:30      1.2M\n`)
      .join('')}</pre><hr></body></html>`;

  test('leaves a size unknown that HEAD does not tell, and asks again with the next index', async () => {
    let isBroken = true;
    await using player = await play((request, response) => {
      response.setHeader('content-type', 'text/html');
      if (request.url === '/') return response.end(page(['good', 'missing', 'lying']));
      response.setHeader('content-type', 'application/octet-stream');
      if (request.url === '/missing' && isBroken) response.statusCode = 404;
      else response.setHeader('content-length', request.url === '/lying' ? 5 : 1_250_000);
      return response.end();
    });
    const ledger = createLedger();
    assert.equal((await index(ledger, player.url)).unmeasured, 2);
    const size = (path: string): number | undefined => ledger.table.size(ledger.table.find(path));
    assert.deepEqual(['good', 'missing', 'lying'].map(size), [1_250_000, undefined, undefined]);
    isBroken = false;
    assert.equal((await index(ledger, player.url)).unmeasured, 1);
    assert.deepEqual(['good', 'missing', 'lying'].map(size), [1_250_000, 1_250_000, undefined]);
    assert.equal(player.requests.filter((each) => each === 'HEAD /good').length, 1);
  });

  test('keeps the times of the pages where the server prints another zone', async () => {
    await using player = await play((request, response) => {
      response.setHeader('content-type', 'text/html');
      if (request.url === '/') return response.end(page(['file']));
      const headers = { 'content-length': 1_250_000, 'last-modified': 'Mon, 23 Nov 2026 05:30:17 GMT' };
      return response.writeHead(200, { ...headers, 'content-type': 'application/octet-stream' }).end();
    });
    const ledger = createLedger();
    await index(ledger, player.url);
    assert.equal(ledger.table.modifiedAt(0), Date.parse('2026-11-23T07:30:00Z') / 1000);
    assert.equal(changesOf(await index(ledger, player.url)), 0);
  });
});
