import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { ask, eventually } from './standalone.ts';
import { freePort } from './servers/process.ts';

const root = join(import.meta.dirname, '..');

/** `npm start` on ports of its own; resolves with what it prints before anything can be tried. */
async function startDemo(): Promise<{
  readonly port: number;
  readonly printed: () => string;
  readonly stop: () => Promise<number | null>;
}> {
  const [port, admin] = [await freePort(), await freePort()];
  const env = { ...process.env, GEOMIRROR_LISTEN: `127.0.0.1:${port}`, GEOMIRROR_ADMIN_LISTEN: `127.0.0.1:${admin}` };
  const demo = spawn(process.execPath, ['standalone/main.ts'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  for (const stream of [demo.stdout, demo.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const ended = new Promise<number | null>((resolve) => demo.once('exit', resolve));
  await eventually(
    'the demo to be ready',
    async () => (await ask(admin, '/readyz').catch(() => undefined))?.status === 200,
  );
  return {
    port,
    printed: () => said.join(''),
    stop() {
      demo.kill('SIGTERM');
      return ended;
    },
  };
}

test('npm start runs a demo whose printed commands do what they say', async () => {
  const demo = await startDemo();
  try {
    const printed = demo.printed();
    assert.match(printed, /curl -i http:\/\/127\.0\.0\.1:/);
    const path = new URL(/curl -i (http\S+)/.exec(printed)?.[1] ?? '').pathname;
    const [france = '', brazil = ''] = [...printed.matchAll(/X-Forwarded-For: ([\d.]+)/g)].map((match) => match[1]);
    const control = /POST (http:\S+)\/stop/.exec(printed)?.[1] ?? '';

    // 1. A redirect whose link leads to the release behind "latest".
    const first = await ask(demo.port, path);
    assert.equal(first.status, 302);
    assert.match(first.location ?? '', /\/1\.2\/hello-1\.2-linux-amd64\.tar\.gz$/);

    // 2. Another client, another mirror.
    const paris = (await ask(demo.port, path, { from: france })).location ?? '';
    const saoPaulo = (await ask(demo.port, path, { from: brazil })).location ?? '';
    assert.notEqual(new URL(paris).port, new URL(saoPaulo).port);

    // 3. The same file while its nearest mirror is down, and after it is back and has been scanned.
    assert.equal((await fetch(`${control}/stop`, { method: 'POST' })).status, 200);
    await eventually('France to be sent elsewhere', async () => {
      const { location = '' } = await ask(demo.port, path, { from: france });
      return location !== '' && location !== paris;
    });
    assert.equal((await fetch(`${control}/start`, { method: 'POST' })).status, 200);
    await eventually(
      'France to be sent to Paris again',
      async () => (await ask(demo.port, path, { from: france })).location === paris,
    );

    // What a client gets is the file.
    const download = await fetch(paris);
    assert.equal((await download.arrayBuffer()).byteLength, 20_000);
  } finally {
    assert.equal(await demo.stop(), 0, 'ends without complaint');
  }
});
