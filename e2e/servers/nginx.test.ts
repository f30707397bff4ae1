import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { startNginx } from './nginx.ts';
import { accepts } from './process.ts';

test('nginx serves a folder, takes a snippet, ends when stopped and starts again on its port', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'geomirror-nginx-test-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  await writeFile(join(root, 'a.txt'), 'hello');
  const first = await startNginx({ root, autoindex: 'json', extra: 'location = /moved { return 302 /a.txt; }' });
  t.after(first.stop);
  assert.equal(await (await fetch(`${first.url}a.txt`)).text(), 'hello');
  assert.equal(await (await fetch(`${first.url}moved`)).text(), 'hello');
  assert.match(await (await fetch(first.url)).text(), /"name":"a.txt"/);
  await first.stop();
  assert.equal(await accepts(first.port), false);
  await using again = await startNginx({ root, port: first.port });
  assert.equal((await fetch(again.url)).status, 403);
});
