import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openStore } from '@geomirror/catalog/store/open.ts';
import { publishCatalog } from '@geomirror/e2e/bench/build-catalog.ts';
import { freePort, startProcess } from '@geomirror/e2e/servers/process.ts';
import { settings } from './config.ts';
import { build, file, health, mirror, paris } from './testdata/world.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

/** Runs it with no environment but what is given, until it ends by itself. */
function run(args: readonly string[], env: Record<string, string>): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, ...args], { env }, (_error, out, err) =>
      resolve({ code: child.exitCode, out, err }),
    );
  });
}

test('--help names every setting', async () => {
  const { code, out } = await run(['--help'], {});
  assert.equal(code, 0);
  for (const { name } of Object.values(settings)) assert.ok(out.includes(name));
});

test('wrong settings are told all at once, without a stack', async () => {
  const { code, err } = await run([], { GEOMIRROR_LISTEN: 'here', GEOMIRROR_STORE: 'there' });
  assert.equal(code, 1);
  assert.deepEqual(
    err
      .trim()
      .split('\n')
      .map((line) => line.split(':')[0]),
    ['GEOMIRROR_LISTEN', 'GEOMIRROR_STORE'],
  );
});

test('it serves, says that it is ready, counts, and drains on SIGTERM', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'geomirror-redirector-'));
  const mirrors = [mirror('paris', paris)];
  {
    await using store = await openStore(`file:${folder}`, { report: assert.fail });
    await publishCatalog(store, 'mirrors/test', 1, await build({ files: [file('a.iso')], mirrors }));
    await store.writeHealth('mirrors/test', 1, health(mirrors));
  }
  const [port, adminPort] = [await freePort(), await freePort()];
  const env = {
    GEOMIRROR_LISTEN: `127.0.0.1:${port}`,
    GEOMIRROR_ADMIN_LISTEN: `127.0.0.1:${adminPort}`,
    GEOMIRROR_STORE: `file:${folder}`,
  };
  const admin = (path: string) => fetch(`http://127.0.0.1:${adminPort}${path}`);
  try {
    await using running = await startProcess({ file: process.execPath, args: [main], env, port });
    const deadline = Date.now() + 10_000;
    while ((await admin('/readyz')).status !== 200) {
      assert.ok(Date.now() < deadline, running.output());
      await sleep(20);
    }
    assert.equal((await admin('/livez')).status, 200);
    assert.equal((await admin('/nothing')).status, 404);
    const answer = await fetch(`http://127.0.0.1:${port}/a.iso`, { redirect: 'manual' });
    assert.deepEqual([answer.status, answer.headers.get('location')], [302, 'https://paris.example/a.iso']);
    const metrics = await (await admin('/metrics')).text();
    assert.match(
      metrics,
      /^geomirror_redirector_answers_total\{repository="mirrors\/test",outcome="Mirror",reason=""\} 1$/m,
    );
    assert.match(metrics, /^geomirror_redirector_store_up 1$/m);
    assert.match(metrics, /^geomirror_redirector_catalog_files\{repository="mirrors\/test"\} 1$/m);
    await running.stop();
    assert.match(running.output(), /Stopping/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a store that is not there yet does not keep it from living', async () => {
  const [port, adminPort, nobody] = [await freePort(), await freePort(), await freePort()];
  const env = {
    GEOMIRROR_LISTEN: `127.0.0.1:${port}`,
    GEOMIRROR_ADMIN_LISTEN: `127.0.0.1:${adminPort}`,
    GEOMIRROR_STORE: `redis://127.0.0.1:${nobody}`,
  };
  await using running = await startProcess({ file: process.execPath, args: [main], env, port });
  assert.equal((await fetch(`http://127.0.0.1:${adminPort}/livez`)).status, 200);
  assert.equal((await fetch(`http://127.0.0.1:${adminPort}/readyz`)).status, 503);
  assert.equal((await fetch(`http://127.0.0.1:${port}/a`)).status, 503, running.output());
});
