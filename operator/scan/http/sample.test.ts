import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startNginx } from '@geomirror/e2e/servers/nginx.ts';

import { Failure } from '../../failures.ts';
import type { HTTPClient } from '../../network/client.ts';
import { headFiles, type HeadAnswer, type HeadPlan } from './head-files.ts';
import { sampleHTTP, type SampleResult } from './sample.ts';
import { loopbackClient } from './testing/list.ts';
import { play } from './testing/play.ts';
import { addFile, createTree, unusualNames, type Tree } from './testing/tree.ts';

let client: HTTPClient;
before(() => {
  client = loopbackClient();
});
after(() => client.close());

const deps = (): { client: HTTPClient; random: () => number; now: () => number } => ({
  client,
  random: () => 0,
  now: Date.now,
});

function plan(url: string, options: Partial<HeadPlan> = {}): HeadPlan {
  const signal = AbortSignal.timeout(30_000);
  return {
    base: new URL(url),
    requestsPerSecond: 1000,
    atOnce: 4,
    timeoutMs: 5000,
    redirects: 'SameSite',
    signal,
    ...options,
  };
}

async function sample(
  url: string,
  files: SampleResult['wrong'] | readonly object[],
  options: Partial<HeadPlan> = {},
): Promise<SampleResult> {
  const wanted = files as { path: string; size?: number; modifiedAt?: number }[];
  return sampleHTTP(deps(), {
    ...plan(url, options),
    files: wanted.map(({ path, size, modifiedAt }) => ({ path, size, modifiedAt })),
  });
}

describe('a sample of a real server', () => {
  let tree: Tree;
  before(async () => {
    tree = await createTree();
    for (const name of unusualNames) await addFile(tree.root, `sub/${name}`, 5, 1_700_000_000);
  });
  after(() => tree[Symbol.asyncDispose]());

  test('finds files of any name, and their times', async () => {
    await using server = await startNginx({ root: tree.root });
    const files = unusualNames.map((name) => ({ path: `sub/${name}`, size: 5, modifiedAt: 1_700_000_060 }));
    const result = await sample(server.url, files);
    assert.deepEqual(result.wrong, []);
    assert.equal(result.checked, files.length);
    assert.equal(result.times.length, files.length);
    assert.deepEqual(new Set(result.times.map(({ expected, seen }) => expected - seen)), new Set([60]));
  });

  test('tells missing files, wrong sizes and pages in their place apart', async () => {
    await addFile(tree.root, 'right.iso', 10);
    await addFile(tree.root, 'short.iso', 9);
    await using server = await startNginx({
      root: tree.root,
      extra: `
        location = /page.iso { ssi on; default_type text/html; try_files /right.iso =404; ssi_types text/html; }
        location = /closed.iso { return 403; }
        location = /moved.iso { return 302 http://127.9.9.9/moved.iso; }
      `,
    });
    const names = ['right.iso', 'short.iso', 'missing.iso', 'page.iso', 'closed.iso', 'moved.iso'];
    const result = await sample(
      server.url,
      names.map((path) => ({ path, size: 10, modifiedAt: 1 })),
    );
    assert.deepEqual(
      result.wrong.toSorted((a, b) => names.indexOf(a.path) - names.indexOf(b.path)),
      [
        { path: 'short.iso', reason: 'WrongSize' },
        { path: 'missing.iso', reason: 'Missing' },
        { path: 'page.iso', reason: 'WrongType' },
        { path: 'closed.iso', reason: 'Unreachable' },
        { path: 'moved.iso', reason: 'Unreachable' },
      ],
    );
  });
});

test('an absent Content-Length or Last-Modified is tolerated and counted', async () => {
  await using server = await play((_, response) => {
    response.removeHeader('date');
    response.writeHead(200, { 'transfer-encoding': 'chunked', 'content-type': 'application/octet-stream' }).end();
  });
  const result = await sample(server.url, [{ path: 'a', size: 1, modifiedAt: 1 }]);
  assert.deepEqual(result, { checked: 1, wrong: [], unsized: 1, times: [] });
});

test('the length of encoded content says nothing about the file', async () => {
  await using server = await play((_, response) => {
    response.writeHead(200, { 'content-length': '3', 'content-encoding': 'gzip' }).end();
  });
  const result = await sample(server.url, [{ path: 'a', size: 1000 }]);
  assert.deepEqual(result, { checked: 1, wrong: [], unsized: 1, times: [] });
});

test('requests share a few connections', async () => {
  await using server = await play((_, response) => response.writeHead(200, { 'content-length': '1' }).end());
  const files = Array.from({ length: 60 }, (_, index) => ({ path: `file-${index}`, size: 1 }));
  const result = await sample(server.url, files, { atOnce: 3 });
  assert.deepEqual(result.wrong, []);
  assert.ok(server.connections() <= 4, String(server.connections()));
  assert.equal(server.requests.length, 60);
});

test('everyone leaves a busy server alone for as long as it asks', async () => {
  const seen: number[] = [];
  let refusals = 1;
  await using server = await play((_, response) => {
    seen.push(Date.now());
    refusals -= 1;
    if (refusals >= 0) response.writeHead(429, { 'retry-after': '1' }).end();
    else response.writeHead(200, { 'content-length': '1' }).end();
  });
  const files = Array.from({ length: 10 }, (_, index) => ({ path: `file-${index}`, size: 1 }));
  const result = await sample(server.url, files, { atOnce: 1 });
  assert.deepEqual(result.wrong, []);
  assert.equal(seen.length, 11);
  assert.ok(seen[1]! - seen[0]! >= 990, String(seen[1]! - seen[0]!));
});

test('a mirror that does not answer at all is a failure, not two hundred wrong files', async () => {
  await using server = await play((request) => request.socket.destroy());
  const files = Array.from({ length: 200 }, (_, index) => ({ path: `file-${index}`, size: 1 }));
  await assert.rejects(
    sample(server.url, files),
    (error) => error instanceof Failure && error.reason === 'Unreachable',
  );
  assert.ok(server.requests.length < 60, String(server.requests.length));
});

test('exact sizes come as they are found, for paths that are still being listed', async () => {
  await using server = await play((request, response) => {
    response.writeHead(200, {
      'content-length': request.url!.slice(2),
      'last-modified': 'Fri, 20 Nov 2026 10:00:00 GMT',
    });
    response.end();
  });
  async function* paths(): AsyncGenerator<string> {
    for (let i = 0; i < 20; i += 1) yield `f${i}`;
  }
  const answers: HeadAnswer[] = [];
  for await (const answer of headFiles(deps(), plan(server.url), paths())) answers.push(answer);
  assert.equal(answers.length, 20);
  for (const answer of answers) {
    assert.ok(answer.kind === 'Present');
    assert.equal(`f${answer.size}`, answer.path);
    assert.equal(answer.modifiedAt, Date.UTC(2026, 10, 20, 10) / 1000);
  }
});

test('asking ends at once when the signal aborts', async () => {
  const controller = new AbortController();
  await using server = await play(() => controller.abort());
  await assert.rejects(
    sample(server.url, [{ path: 'a', size: 1 }], { signal: controller.signal }),
    (error) => error instanceof Failure && error.reason === 'Cancelled',
  );
});
