import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { freePort } from '@geomirror/e2e/servers/process.ts';

/** Runs standalone until it ends by itself: its exit code and what it said on standard error. */
async function start(
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const ports = {
    GEOMIRROR_LISTEN: `127.0.0.1:${await freePort()}`,
    GEOMIRROR_ADMIN_LISTEN: `127.0.0.1:${await freePort()}`,
  };
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { ...process.env, GEOMIRROR_MANIFESTS: import.meta.dirname, ...ports, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const limit = setTimeout(() => child.kill('SIGKILL'), 20_000);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(limit);
  return { code, said };
}

test('a start that cannot succeed ends at once, with a sentence that says what to do', async () => {
  await using taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const rows: [Record<string, string>, RegExp][] = [
    [
      { GEOMIRROR_MANIFESTS: '/nowhere/at/all' },
      /^The folder of manifests \/nowhere\/at\/all cannot be read .*create it, or name another one\n$/,
    ],
    [{ GEOMIRROR_LISTEN: `127.0.0.1:${port}` }, /^listen EADDRINUSE.*Name another address in GEOMIRROR_LISTEN/],
    [
      { GEOMIRROR_ADMIN_LISTEN: `127.0.0.1:${port}` },
      /^listen EADDRINUSE.*Name another address in GEOMIRROR_LISTEN or GEOMIRROR_ADMIN_LISTEN/,
    ],
    [{ GEOMIRROR_STORE: 'sqlite:x' }, /^GEOMIRROR_STORE: Unknown kind of store. Write memory:/],
    [{ GEOMIRROR_LISTEN: 'x', GEOMIRROR_CANARIES: 'y' }, /^GEOMIRROR_LISTEN: .*\nGEOMIRROR_CANARIES: /],
  ];
  for (const [env, sentence] of rows) {
    const { code, said } = await start(env);
    assert.match(said, sentence);
    assert.equal(code, 1, JSON.stringify(env));
  }
});
