import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';

import { startNginx } from '@geomirror/e2e/servers/nginx.ts';
import { createHTTPClient } from '../network/client.ts';
import { createAddressGuard } from '../network/guard.ts';
import type { FileSource, ProbeFile } from './choose-files.ts';
import { startLiar, type Liar } from './liar.ts';
import { createProber, type ProberSettings } from './prober.ts';
import type { MirrorProbeState, ProbedMirror } from './watched-mirror.ts';

const guard = createAddressGuard({ allow: ['127.0.0.0/8'] });
const text = 'what the source has';
const sha256 = createHash('sha256').update(text).digest('hex');
const paths = Array.from({ length: 40 }, (_, number) => `file ${number}.bin`);
let root: string;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'geomirror-prober-'));
  for (const path of paths) await writeFile(join(root, path), text);
});
after(() => rm(root, { recursive: true, force: true }));

const honest: RequestListener = (request, response) => {
  response.writeHead(200, { 'content-length': text.length }).end(request.method === 'HEAD' ? '' : text);
};
const missing: RequestListener = (_, response) => void response.writeHead(404).end();
const silent: RequestListener = () => undefined;
const broken: RequestListener = (_, response) => void response.writeHead(503).end();

/** A prober at work, with a column per mirror that follows what it says. */
async function startProber(settings: Partial<ProberSettings> = {}) {
  const client = createHTTPClient({ guard, userAgent: 'geomirror-test' });
  const stop = new AbortController();
  const wrong = new Map<string, Set<string>>();
  const told: string[] = [];
  const changes: string[] = [];
  const holds: boolean[] = [];
  const disputed: string[] = [];
  const of = (uid: string): Set<string> => wrong.get(uid) ?? wrong.set(uid, new Set()).get(uid)!;
  const prober = createProber(
    {
      client,
      guard,
      now: Date.now,
      random: Math.random,
      log: pino({ level: 'silent' }),
      onChange: (uid) => changes.push(uid),
      onWrongFile: (uid, path, reason) => {
        of(uid).add(path);
        told.push(`${uid} ${path} ${reason}`);
      },
      onCleanFile: (uid, path) => {
        of(uid).delete(path);
        told.push(`${uid} ${path} clean`);
      },
      onForgottenFile: (uid, path) => {
        of(uid).delete(path);
        told.push(`${uid} ${path} forgotten`);
      },
      onDisputed: (slot) => disputed.push(slot),
      onHold: (hold) => holds.push(hold !== undefined),
    },
    { canaries: [], atOnce: 8, pace: { afterMs: 200, bytesPerSecond: 8000, longestMs: 2000 }, ...settings },
  );
  const running = prober.run(stop.signal);
  const files = (uid: string): FileSource => {
    const file = (path: string): ProbeFile => {
      return { number: paths.indexOf(path), path, size: text.length, modifiedAt: 0, digests: { sha256 } };
    };
    const current = (): readonly string[] => paths.filter((path) => !of(uid).has(path));
    const any = (random: () => number): ProbeFile | undefined => {
      const path = current()[Math.floor(random() * current().length)];
      return path === undefined ? undefined : file(path);
    };
    const held = (path: string): ProbeFile | undefined => (of(uid).has(path) ? undefined : file(path));
    return { randomCurrent: any, recentlyAsked: any, find: file, held };
  };
  const mirror = (uid: string, url: string, check: Partial<ProbedMirror['healthCheck']> = {}): ProbedMirror => ({
    uid,
    name: uid,
    slot: 'test/files',
    endpoints: [url],
    healthCheck: { intervalMs: 20, timeoutMs: 300, failureThreshold: 3, successThreshold: 2, path: '', ...check },
    verification: { window: 20, maxWrongPercent: 5, maxBytesPerHour: 2 ** 20 },
    redirects: 'Forbid',
    files: files(uid),
  });
  return {
    prober,
    mirror,
    wrong: of,
    told,
    changes,
    holds,
    disputed,
    up: (uid: string) => prober.state(uid)?.endpoints[0]?.up,
    reason: (uid: string) => prober.state(uid)?.endpoints[0]?.reason ?? '',
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await client.close();
    },
  };
}

async function until(what: string, holds: () => unknown): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (holds() !== true) {
    if (Date.now() > deadline) assert.fail(`never: ${what}`);
    await sleep(5);
  }
}

const verdict = (state: MirrorProbeState | undefined): string | undefined => state?.verification.verdict;

describe('the prober', () => {
  it('finds a mirror up at once, notices when it dies and when it is back', async () => {
    await using world = await startProber();
    const nginx = await startNginx({ root });
    world.prober.set([world.mirror('a', nginx.url)]);
    await until('up', () => world.up('a'));
    assert.deepEqual(world.changes, ['a']);
    await nginx.stop();
    await until('down', () => world.up('a') === false);
    assert.match(world.reason('a'), /^Unreachable: HEAD http:\/\/127\.0\.0\.1:\d+\/file%20\d+\.bin/);
    await using _again = await startNginx({ root, port: nginx.port });
    await until('up again', () => world.up('a'));
    assert.equal(world.told.length, 0);
  });

  it('gives an honest mirror no reason to be withheld', async () => {
    await using world = await startProber();
    await using nginx = await startNginx({ root });
    world.prober.set([world.mirror('a', nginx.url)]);
    await until('sampled', () => world.prober.state('a')?.verification.sampled === 20);
    assert.equal(verdict(world.prober.state('a')), undefined);
    assert.deepEqual(world.told, []);
  });

  it('keeps what is known of mirrors that stay, and forgets those that leave', async () => {
    await using world = await startProber();
    await using one = await startLiar(honest);
    await using other = await startLiar(honest);
    const [a, b] = [world.mirror('a', one.url), world.mirror('b', other.url)];
    world.prober.set([a, b]);
    await until('both up', () => world.up('a') === true && world.up('b') === true);
    const since = world.prober.state('a')?.endpoints[0]?.since;
    world.prober.set([{ ...a, healthCheck: { ...a.healthCheck, intervalMs: 10 } }]);
    assert.equal(world.prober.state('b'), undefined);
    assert.equal(world.prober.state('a')?.endpoints[0]?.since, since);
    const requests = other.requests.length;
    const seen = one.requests.length;
    await until('more probes', () => one.requests.length > seen + 5);
    assert.ok(other.requests.length <= requests + 1);
    world.prober.set([{ ...a, endpoints: [other.url] }]);
    await until('moved', () => world.prober.state('a')?.endpoints[0]?.url === other.url);
  });

  it('probes at once when asked to, whatever the interval', async () => {
    await using world = await startProber();
    await using liar = await startLiar(honest);
    world.prober.set([world.mirror('a', liar.url, { intervalMs: 3_600_000 })]);
    world.prober.probeNow('a');
    await until('up', () => world.up('a'));
  });

  it('has one probe at a time at one host, and so many at all', async () => {
    await using world = await startProber({ atOnce: 3 });
    let busy = 0;
    let busiest = 0;
    const slow: RequestListener = (request, response) => {
      if (request.method !== 'HEAD') return honest(request, response);
      busiest = Math.max(busiest, ++busy);
      setTimeout(() => {
        busy -= 1;
        honest(request, response);
      }, 15);
    };
    await using first = await startLiar(slow);
    await using second = await startLiar(slow);
    await using third = await startLiar(slow);
    await using fourth = await startLiar(slow);
    const liars: readonly Liar[] = [first, second, third, fourth];
    const mirrors = liars.flatMap(({ url }, i) => [0, 1, 2].map((j) => world.mirror(`${i}${j}`, url)));
    world.prober.set(mirrors);
    await until('all up', () => mirrors.every(({ uid }) => world.up(uid)));
    assert.equal(busiest, 3);
    // One probe, and one look at content.
    for (const liar of liars) assert.ok(liar.busiest() <= 2, `${liar.busiest()}`);
  });

  it('does not let a silent host keep others waiting', async () => {
    await using world = await startProber();
    await using dead = await startLiar(silent);
    await using alive = await startLiar(honest);
    const mirrors = Array.from({ length: 10 }, (_, i) => world.mirror(`dead${i}`, dead.url, { timeoutMs: 60_000 }));
    world.prober.set([...mirrors, world.mirror('alive', alive.url)]);
    await until('up', () => world.up('alive'));
  });

  it('tells of a file that is missing, keeps the mirror, and tells when the file is back', async () => {
    await using world = await startProber();
    const lost = paths[3]!;
    let mended = false;
    await using liar = await startLiar((request, response) => {
      const isLost = decodeURIComponent(request.url ?? '') === `/${lost}`;
      return isLost && !mended ? missing(request, response) : honest(request, response);
    });
    world.prober.set([world.mirror('a', liar.url)]);
    await until('told', () => world.told.includes(`a ${lost} ContentMissing`));
    assert.equal(world.up('a'), true);
    mended = true;
    await until('clean', () => world.told.includes(`a ${lost} clean`));
    assert.equal(world.prober.state('a')?.verification.wrongFiles.size, 0);
  });

  it('believes mirrors that agree against a source whose digests are wrong, and asks others at once', async () => {
    await using world = await startProber();
    await using nginx = await startNginx({ root });
    await using other = await startNginx({ root });
    await using third = await startNginx({ root });
    const wrongly = ({ files, ...mirror }: ProbedMirror): ProbedMirror => {
      const misprint = (file: ProbeFile | undefined): ProbeFile | undefined =>
        file && { ...file, digests: { sha256: '0'.repeat(64) } };
      return {
        ...mirror,
        files: {
          randomCurrent: (random) => misprint(files.randomCurrent(random)),
          recentlyAsked: (random) => misprint(files.recentlyAsked(random)),
          find: (path) => misprint(files.find(path)),
          held: (path) => misprint(files.held(path)),
        },
      };
    };
    const slow = { intervalMs: 400 };
    world.prober.set([
      wrongly(world.mirror('a', nginx.url, slow)),
      wrongly(world.mirror('b', other.url, slow)),
      wrongly(world.mirror('c', third.url, slow)),
    ]);
    await until('many files disputed', () => (world.prober.disputed('test/files')?.files ?? 0) >= 15);
    await until('nothing is left against anybody', () => {
      const all = ['a', 'b', 'c'].map((uid) => world.prober.state(uid)?.verification);
      return all.every((each) => each?.wrong === 0 && each.verdict === undefined && each.wrongFiles.size === 0);
    });
    for (const uid of ['a', 'b', 'c']) assert.equal(world.wrong(uid).size, 0);
    assert.ok(world.disputed.length > 0);
    assert.equal(world.prober.disputed('test/other'), undefined);
    world.prober.set([world.mirror('a', nginx.url), world.mirror('b', other.url)]);
    assert.equal(world.prober.disputed('test/files'), undefined);
  });

  it('does not let two liars win who agree, while one mirror is honest', async () => {
    await using world = await startProber();
    const other: RequestListener = (request, response) => {
      response
        .writeHead(200, { 'content-length': text.length })
        .end(request.method === 'HEAD' ? '' : text.toUpperCase());
    };
    await using first = await startLiar(other);
    await using second = await startLiar(other);
    await using nginx = await startNginx({ root });
    world.prober.set([world.mirror('a', first.url), world.mirror('b', second.url), world.mirror('c', nginx.url)]);
    await until('both found out', () =>
      ['a', 'b'].every((uid) => verdict(world.prober.state(uid)) === 'ContentWrong' && world.wrong(uid).size > 10),
    );
    await until('no dispute left', () => world.prober.disputed('test/files') === undefined);
    assert.equal(world.wrong('c').size, 0);
  });

  it('shows the reason and the example of a mirror that lies, and takes it back when it is mended', async () => {
    const page: RequestListener = (_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    const corrupt: RequestListener = (request, response) => {
      response
        .writeHead(200, { 'content-length': text.length })
        .end(request.method === 'HEAD' ? '' : text.toUpperCase());
    };
    const truncated: RequestListener = (request, response) => {
      response.writeHead(200, { 'content-length': text.length });
      if (request.method === 'HEAD') return void response.end();
      response.write('what', () => setImmediate(() => response.destroy()));
    };
    const trickling: RequestListener = (request, response) => {
      response.writeHead(200, { 'content-length': text.length });
      if (request.method === 'HEAD') response.end();
      else response.write('w');
    };
    const onlyHalf: RequestListener = (request, response) => {
      return /[02468]\.bin$/.test(request.url ?? '') ? missing(request, response) : honest(request, response);
    };
    const lies = { page, corrupt, truncated, trickling, onlyHalf };
    const expected = {
      page: 'ContentWrong',
      corrupt: 'ContentWrong',
      truncated: 'ContentWrong',
      trickling: 'TooSlow',
      onlyHalf: 'ContentMissing',
    };
    await using world = await startProber();
    await using stack = new AsyncDisposableStack();
    const liars = await Promise.all(
      Object.entries(lies).map(async ([name, lie]) => [name, stack.use(await startLiar(honest)), lie] as const),
    );
    // Samples alone shall see through them.
    world.prober.set(liars.map(([name, liar]) => world.mirror(name, liar.url, { path: 'file 1.bin' })));
    await until('up', () => liars.every(([name]) => world.up(name)));
    for (const [, liar, lie] of liars) liar.answer = lie;
    // A mirror whose wrong files are all known may come back with the others before the last one is seen through.
    const seen = new Map<string, string | undefined>();
    await until('seen through', () => {
      for (const [name] of liars) {
        const state = world.prober.state(name);
        if (verdict(state) === undefined) continue;
        seen.set(name, verdict(state));
        assert.match(state?.verification.lastWrong?.detail ?? '', /^(GET|HEAD) http/);
      }
      return seen.size === liars.length;
    });
    assert.deepEqual(Object.fromEntries(seen), expected);
    for (const [, liar] of liars) liar.answer = honest;
    await until('back', () =>
      liars.every(([name]) => world.up(name) === true && verdict(world.prober.state(name)) === undefined),
    );
    await until('whole', () => liars.every(([name]) => world.wrong(name).size === 0));
  });

  it('never samples where the window is empty', async () => {
    await using world = await startProber();
    await using liar = await startLiar((request, response) => {
      return request.url?.includes('3.bin') === true ? missing(request, response) : honest(request, response);
    });
    const mirror = world.mirror('a', liar.url);
    world.prober.set([{ ...mirror, verification: { ...mirror.verification, window: 0 } }]);
    await until('many probes', () => liar.requests.length > 50);
    assert.ok(liar.requests.every((request) => request.startsWith('HEAD ')));
    assert.deepEqual(world.prober.state('a')?.verification, { sampled: 0, wrong: 0, wrongFiles: new Map() });
    assert.deepEqual(world.told, []);
  });

  it('takes a mirror down whose tree is gone, and does not call it alive when no file is left', async () => {
    await using world = await startProber();
    await using liar = await startLiar(honest);
    world.prober.set([world.mirror('a', liar.url)]);
    await until('up', () => world.up('a'));
    liar.answer = missing;
    await until('down', () => world.up('a') === false);
    for (const path of paths) world.wrong('a').add(path);
    const seen = liar.requests.length;
    await until('more probes', () => liar.requests.length > seen + 5);
    assert.equal(world.up('a'), false);
    assert.match(world.reason('a'), /^ContentMissing: /);
  });
});

describe('a mass failure', () => {
  async function startThree(stack: AsyncDisposableStack) {
    return [
      stack.use(await startLiar(honest)),
      stack.use(await startLiar(honest)),
      stack.use(await startLiar(honest)),
    ] as const;
  }

  it('holds all verdicts', async () => {
    await using world = await startProber();
    await using stack = new AsyncDisposableStack();
    const liars = await startThree(stack);
    world.prober.set(liars.map(({ url }, i) => world.mirror(`${i}`, url)));
    await until('all up', () => ['0', '1', '2'].every(world.up));
    for (const liar of liars) liar.answer = broken;
    await until('held', () => world.prober.hold() !== undefined);
    const seen = liars.map(({ requests }) => requests.length);
    await until('many failures', () => liars.every(({ requests }, i) => requests.length > seen[i]! + 20));
    assert.ok(['0', '1', '2'].filter(world.up).length >= 2);
    for (const liar of liars) liar.answer = honest;
    await until('over', () => world.prober.hold() === undefined);
    await until('all up', () => ['0', '1', '2'].every(world.up));
    assert.deepEqual(world.holds, [true, false]);
  });

  it('is theirs if a canary answers', async () => {
    await using canary = await startLiar(missing);
    await using world = await startProber({ canaries: [new URL('http://127.0.0.1:1/'), new URL(canary.url)] });
    await using stack = new AsyncDisposableStack();
    const liars = await startThree(stack);
    world.prober.set(liars.map(({ url }, i) => world.mirror(`${i}`, url)));
    await until('all up', () => ['0', '1', '2'].every(world.up));
    for (const liar of liars) liar.answer = broken;
    await until('all down', () => !['0', '1', '2'].some(world.up));
    assert.deepEqual(world.holds, [true, false]);
  });

  it('is ours if all canaries are dead', async () => {
    await using world = await startProber({ canaries: [new URL('http://127.0.0.1:1/')] });
    await using stack = new AsyncDisposableStack();
    const liars = await startThree(stack);
    world.prober.set(liars.map(({ url }, i) => world.mirror(`${i}`, url)));
    await until('all up', () => ['0', '1', '2'].every(world.up));
    for (const liar of liars) liar.answer = broken;
    await until('held', () => world.prober.hold() !== undefined);
    const seen = liars.map(({ requests }) => requests.length);
    await until('many failures', () => liars.every(({ requests }, i) => requests.length > seen[i]! + 20));
    assert.notEqual(world.prober.hold(), undefined);
  });

  it('is none if one of three dies', async () => {
    await using world = await startProber();
    await using stack = new AsyncDisposableStack();
    const liars = await startThree(stack);
    world.prober.set(liars.map(({ url }, i) => world.mirror(`${i}`, url)));
    await until('all up', () => ['0', '1', '2'].every(world.up));
    liars[0].answer = broken;
    await until('down', () => world.up('0') === false);
    assert.deepEqual(world.holds, []);
  });
});
