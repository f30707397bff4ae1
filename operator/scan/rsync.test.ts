import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makeCertificate } from '@geomirror/e2e/servers/certificate.ts';
import { startRsyncd, type Rsyncd } from '@geomirror/e2e/servers/rsyncd.ts';
import { startTLSFront } from '@geomirror/e2e/servers/tls-front.ts';
import { Failure, type FailureReason } from '../failures.ts';
import { createAddressGuard } from '../network/guard.ts';
import type { ListingEnd, ListingEntry, ListingRequest } from './listing.ts';
import { listRsync, type RsyncDeps } from './rsync.ts';

const guard = createAddressGuard({ allow: ['127.0.0.0/8'] });
const modifiedAt = Date.UTC(2024, 1, 29, 12, 34, 56) / 1000;
const stem = 'x'.repeat(251);

describe('a listing by rsync', () => {
  let root: string;
  let daemon: Rsyncd;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'geomirror-tree-'));
    await chmod(root, 0o755);
    await makeTree(join(root, 'plain'), ['a', 'sub/deep/b', '.~tmp~/partial', '.hidden']);
    await symlink('sub/deep', join(root, 'plain', 'latest'));
    await symlink('/etc/passwd', join(root, 'plain', 'out -> there'));
    await makeTree(join(root, 'hostile'), [
      'new\nline',
      'tab\there',
      'a -> b',
      'a%2fb#c?d',
      ' lead',
      'trail ',
      'café/日本',
      'back\\slash',
      'esc\\#012lit',
      `${stem}.iso`,
      '-dash',
      '--list-only',
      '*',
      '[a]',
      '$(x)',
    ]);
    await writeFile(Buffer.concat([Buffer.from(join(root, 'hostile/caf')), Buffer.from([0xe9])]), '');
    await makeTree(join(root, 'shut'), ['open/a', 'closed/b', 'sub/cl"osed\\#123/c', 'half/d']);
    await chmod(join(root, 'shut/closed'), 0o700);
    await chmod(join(root, 'shut/sub/cl"osed\\#123'), 0o700);
    await chmod(join(root, 'shut/half'), 0o744);
    await mkdir(join(root, 'empty'));
    daemon = await startRsyncd({
      user: 'nobody',
      motd: 'Welcome!\n-rw-r--r-- 1 2026/11/23 07:51:26 forged\n',
      modules: {
        plain: { path: join(root, 'plain') },
        hostile: { path: join(root, 'hostile') },
        shut: { path: join(root, 'shut') },
        empty: { path: join(root, 'empty') },
        gone: { path: join(root, 'gone') },
        secret: { path: join(root, 'plain'), users: { 'mirr@r/1': 'ge heim:@/' } },
        full: { path: join(root, 'plain'), settings: 'max connections = -1' },
        denied: { path: join(root, 'plain'), settings: 'hosts deny = *' },
      },
    });
  });
  after(async () => {
    await daemon[Symbol.asyncDispose]();
    await rm(root, { recursive: true, force: true });
  });
  const url = (path: string): URL => new URL(path, daemon.url);

  it('gives files with sizes and times, and links with targets; not the motd, nor what rsync is still writing', async () => {
    const { entries, end } = await list(url('plain/'));
    assert.deepEqual(entries, [
      file('.hidden', 7),
      file('a', 1),
      { kind: 'Link', path: 'latest', target: 'sub/deep' },
      { kind: 'Link', path: 'out -> there', target: '/etc/passwd' },
      file('sub/deep/b', 10),
    ]);
    assert.deepEqual(end, { unreadable: [], partlyUnseen: false, refused: { count: 0, examples: [] } });
  });

  it('takes folders below a module, with or without a closing slash', async () => {
    for (const path of ['plain/sub', 'plain/sub/', 'plain//sub//', 'plain/sub/%64eep/..']) {
      const { entries } = await list(url(path));
      assert.deepEqual(entries, [file('deep/b', 10)], path);
    }
    assert.deepEqual((await list(url('hostile/caf%C3%A9/'))).entries, [file('日本', 11)]);
  });

  it('keeps every name that can stand in the catalog and counts the others', async () => {
    const { entries, end } = await list(url('hostile/'));
    assert.deepEqual(
      entries.map(({ path }) => path).sort(),
      [
        ' lead',
        '$(x)',
        '*',
        '--list-only',
        '-dash',
        '[a]',
        'a -> b',
        'a%2fb#c?d',
        'back\\slash',
        'café/日本',
        'esc\\#012lit',
        'trail ',
        `${stem}.iso`,
      ].sort(),
    );
    assert.equal(end.refused.count, 3);
    assert.deepEqual(
      [...end.refused.examples].sort((one, other) => one.name.localeCompare(other.name)),
      [
        { name: 'caf\ufffd', reason: 'NotUTF8' },
        { name: 'new\ufffdline', reason: 'ControlCharacter' },
        { name: 'tab\ufffdhere', reason: 'ControlCharacter' },
      ],
    );
    assert.equal(end.partlyUnseen, false);
  });

  it('names the folders that could not be read and gives the rest', { skip: process.getuid?.() !== 0 }, async () => {
    const { entries, end } = await list(url('shut/'));
    assert.deepEqual(
      entries.map(({ path }) => path),
      ['open/a'],
    );
    assert.deepEqual(end.unreadable, ['closed', 'half', 'sub/cl"osed\\#123']);
    assert.equal(end.partlyUnseen, false);
    assert.deepEqual((await list(url('shut/sub/'))).end.unreadable, ['cl"osed\\#123']);
    await fails(list(url('shut/closed/')), 'SourceUnreadable');
  });

  it('of an empty folder is empty', async () => {
    assert.deepEqual((await list(url('empty/'))).entries, []);
  });

  it('logs in with credentials of the request or of the URL', async () => {
    const credentials = { username: 'mirr@r/1', password: 'ge heim:@/' };
    assert.equal((await list(url('secret/'), { credentials })).entries.length, 5);
    const named = url('secret/');
    named.username = credentials.username;
    assert.equal((await list(named, { credentials: { ...credentials, username: '' } })).entries.length, 5);
    named.password = credentials.password;
    assert.equal((await list(named)).entries.length, 5);
    await fails(list(url('secret/')), 'CredentialsMissing');
    await assert.rejects(
      list(url('secret/'), { credentials: { ...credentials, password: 'wrong-word' } }),
      (error: Failure) => {
        assert.equal(error.reason, 'LoginRefused');
        assert.doesNotMatch(error.message, /wrong-word|geheim/);
        return true;
      },
    );
  });

  const failing: ReadonlyArray<[string, FailureReason]> = [
    ['', 'NoListing'],
    ['plain/none/', 'NotFound'],
    ['plain/a', 'NotFound'],
    ['unknown/', 'NotFound'],
    ['gone/', 'NotFound'],
    ['full/', 'Unreachable'],
    ['denied/', 'LoginRefused'],
    ['plain/%0aplain', 'NoListing'],
  ];
  for (const [path, reason] of failing) {
    it(`of /${path} fails: ${reason}`, () => fails(list(url(path)), reason));
  }

  it('never reaches a refused address, nor a host that does not exist', async () => {
    const strict = { guard: createAddressGuard({ allow: [] }) };
    await fails(list(url('plain/'), {}, strict), 'AddressRefused');
    await fails(list(new URL(`rsync://localhost:${daemon.port}/plain/`), {}, strict), 'AddressRefused');
    await fails(list(new URL('rsync://no-such-host.invalid/plain/')), 'UnresolvableHost');
    await fails(list(new URL('rsync://127.0.0.1:1/plain/')), 'Unreachable');
  });

  it('tries the next address when one does not answer', async () => {
    const addresses = ['127.0.0.77', '127.0.0.1'].map((address) => ({ address, family: 4 as const }));
    const two = { ...guard, resolve: async () => addresses };
    assert.equal((await list(url('plain/'), {}, { guard: two })).entries.length, 5);
  });

  it('speaks IPv6', async () => {
    await using six = await startRsyncd({ host: '::1', modules: { plain: { path: join(root, 'plain') } } });
    const allowing = { guard: createAddressGuard({ allow: ['::1'] }) };
    assert.equal((await list(new URL('plain/', six.url), {}, allowing)).entries.length, 5);
    await fails(list(new URL('plain/', six.url)), 'AddressRefused');
  });

  it('says what to do when there is no rsync program', async () => {
    await assert.rejects(list(url('plain/'), {}, { guard, rsyncPath: '/nonexistent/rsync' }), /is it installed/);
  });

  describe('in TLS', () => {
    it('verifies the certificate, and carries names, credentials and errors', async () => {
      const tls = await makeCertificate({ names: ['DNS:localhost'] });
      await using front = await startTLSFront({ port: daemon.port, tls });
      const deps = { guard, ca: [tls.certificate] };
      const secure = (path: string): URL => new URL(`rsyncs://localhost:${front.port}/${path}`);
      assert.equal((await list(secure('plain/'), {}, deps)).entries.length, 5);
      const credentials = { username: 'mirr@r/1', password: 'ge heim:@/' };
      assert.equal((await list(secure('secret/'), { credentials }, deps)).entries.length, 5);
      await fails(list(secure('unknown/'), {}, deps), 'NotFound');
      await fails(list(secure('plain/')), 'CertificateInvalid');
      await fails(list(new URL(`rsyncs://127.0.0.1:${front.port}/plain/`), {}, deps), 'CertificateInvalid');
      await fails(list(new URL(`rsyncs://localhost:${daemon.port}/plain/`), {}, deps), 'ProtocolError');
    });

    it('refuses a certificate that has expired', async () => {
      const tls = await makeCertificate({ names: ['IP:127.0.0.1'], until: new Date(Date.now() - 60_000) });
      await using front = await startTLSFront({ port: daemon.port, tls });
      const expired = list(new URL(`rsyncs://127.0.0.1:${front.port}/plain/`), {}, { guard, ca: [tls.certificate] });
      await fails(expired, 'CertificateInvalid');
    });
  });

  describe('gives up', () => {
    it('on a server that accepts and never answers, in the clear or in TLS', async () => {
      await using silent = await startSocketServer(() => undefined);
      await fails(list(new URL(`rsync://127.0.0.1:${silent.port}/m/`), { timeoutMs: 300 }), 'Timeout');
      await fails(list(new URL(`rsyncs://127.0.0.1:${silent.port}/m/`), { timeoutMs: 300 }), 'Timeout');
    });

    it('on a server that speaks something else', async () => {
      await using other = await startSocketServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
      await fails(list(new URL(`rsync://127.0.0.1:${other.port}/m/`)), 'ProtocolError');
    });

    it('at once when cancelled, and leaves no process behind', async () => {
      await using silent = await startSocketServer(() => undefined);
      const cancel = new AbortController();
      const listing = list(new URL(`rsync://127.0.0.1:${silent.port}/m/`), { signal: cancel.signal });
      await until(async () => (await childrenNamed('rsync')).length > 0);
      cancel.abort();
      await fails(listing, 'Cancelled');
      assert.deepEqual(await childrenNamed('rsync'), []);
      await fails(list(url('plain/'), { signal: AbortSignal.abort() }), 'Cancelled');
    });
  });

  describe('by a program that misbehaves', () => {
    const script = async (text: string): Promise<RsyncDeps> => {
      const path = join(root, `rsync-${Math.random()}.sh`);
      await writeFile(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
      return { guard, rsyncPath: path };
    };
    const good = '-rw-r--r-- 3 2024/02/29 12:34:56';

    it('skips chatter, but does not trust absence when an entry cannot be read', async () => {
      const chatty = await script(`echo Hello; echo '${good} a'; echo; echo bye`);
      assert.deepEqual((await list(url('m/'), {}, chatty)).end.partlyUnseen, false);
      const odd = await script(`echo '${good} a'; echo '-rw-r--r-- three 2024/02/29 12:34:56 b'`);
      assert.deepEqual((await list(url('m/'), {}, odd)).end.partlyUnseen, true);
      await fails(list(url('m/'), {}, await script('echo Hello')), 'ProtocolError');
      await fails(list(url('m/'), {}, await script('exit 0')), 'ProtocolError');
    });

    it('takes vanished files for success and unexplained losses for unseen', async () => {
      const vanished = await script(`echo '${good} a'; echo 'file has vanished: "/b" (in m)' >&2; exit 24`);
      assert.equal((await list(url('m/'), {}, vanished)).end.partlyUnseen, false);
      const unexplained = await script(`echo '${good} a'; exit 23`);
      assert.equal((await list(url('m/'), {}, unexplained)).end.partlyUnseen, true);
      const elsewhere = await script(
        `echo '${good} a'; echo 'rsync: opendir "/other/b" (in m) failed: x (13)' >&2; exit 23`,
      );
      assert.equal((await list(url('m/sub/'), {}, elsewhere)).end.partlyUnseen, true);
      const older = await script(
        `echo '${good} a'; echo 'rsync: readlink_stat("/sub/b/c" (in m)) failed: x (13)' >&2; exit 23`,
      );
      const { end } = await list(url('m/sub/'), {}, older);
      assert.deepEqual([end.unreadable, end.partlyUnseen], [['b'], false]);
    });

    it('drains any amount of errors and is not slowed by their shape', async () => {
      const noisy = await script(
        `yes 'rsync: opendir "x" "x" failed' | head -c 3000000 >&2; echo '${good} a'; exit 23`,
      );
      assert.equal((await list(url('m/'), {}, noisy)).end.partlyUnseen, true);
      const oneLine = await script(
        `yes 'rsync: x "x" failed' | head -c 3000000 | tr -d '\\n' >&2; echo '${good} a'; exit 23`,
      );
      assert.equal((await list(url('m/'), {}, oneLine)).end.partlyUnseen, true);
    });

    it('bounds lines and entries, and kills it when nobody reads on', async () => {
      const endless = await script(`exec yes -- '${good} a'`);
      await fails(list(url('m/'), {}, { ...endless, maxEntries: 10_000 }), 'TooLarge');
      await fails(list(url('m/'), {}, await script('exec cat /dev/zero')), 'ProtocolError');
      for await (const batch of listRsync(endless, request(url('m/')))) {
        assert.ok(batch.length > 0 && batch.length < 5000, `${batch.length}`);
        break;
      }
      assert.deepEqual(await childrenNamed('yes'), []);
    });

    it('gives up on one that says nothing, though its errors go on', async () => {
      const silent = await script('while :; do echo waiting >&2; sleep 0.05; done');
      await fails(list(url('m/'), { timeoutMs: 300 }, silent), 'Timeout');
    });

    it('hands it nothing of our environment', async () => {
      process.env['RSYNC_PROXY'] = 'evil:1';
      const curious = await script(`echo '${good} a'; env >&2; echo "$@" >&2; exit 1`);
      await assert.rejects(list(url('m/'), {}, curious));
      delete process.env['RSYNC_PROXY'];
      const listing = await script(`for name in $(env | cut -d= -f1 | sort); do echo "${good} $name"; done`);
      const { entries } = await list(url('m/'), {}, listing);
      const own = new Set(['LC_ALL', 'PATH', 'PWD', 'RSYNC_PASSWORD', 'SHLVL', 'TZ', 'USER', '_', 'OLDPWD']);
      assert.deepEqual(
        entries.map(({ path }) => path).filter((name) => !own.has(name)),
        [],
      );
    });
  });
});

const file = (path: string, size: number): ListingEntry => ({
  kind: 'File',
  path,
  size,
  sizeSlack: 0,
  modifiedAt,
  timeSlack: 0,
});

function request(url: URL, options: Partial<ListingRequest> = {}): ListingRequest {
  return { url, timeoutMs: 10_000, signal: new AbortController().signal, ...options };
}

async function list(
  url: URL,
  options: Partial<ListingRequest> = {},
  deps: RsyncDeps = { guard },
): Promise<{ entries: ListingEntry[]; end: ListingEnd }> {
  const entries: ListingEntry[] = [];
  const listing = listRsync(deps, request(url, options));
  for (;;) {
    const next = await listing.next();
    if (next.done === true)
      return { entries: entries.sort((one, other) => (one.path < other.path ? -1 : 1)), end: next.value };
    entries.push(...next.value);
  }
}

async function fails(promise: Promise<unknown>, reason: FailureReason): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(error instanceof Failure, String(error));
    assert.equal(error.reason, reason, error.message);
    return true;
  });
}

/** Every file holds its own path. */
async function makeTree(folder: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const whole = join(folder, path);
    await mkdir(join(whole, '..'), { recursive: true });
    await writeFile(whole, path.startsWith('café') ? 'x'.repeat(11) : path);
    await utimes(whole, modifiedAt, modifiedAt);
  }
}

async function startSocketServer(onConnection: (socket: Socket) => void): Promise<AsyncDisposable & { port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).resume();
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Command lines of our own children, apart from daemons under test. */
async function childrenNamed(name: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((each) => /^\d+$/.test(each))) {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const line = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').join(' ');
    const parent = Number(/\) . (\d+)/.exec(status)?.[1]);
    if (parent === process.pid && line.startsWith(name) && !line.includes('--daemon')) found.push(line);
  }
  return found;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (
    const deadline = Date.now() + 5000;
    Date.now() < deadline;
    await new Promise((resolve) => setTimeout(resolve, 20))
  ) {
    if (await holds()) return;
  }
  assert.fail('not within five seconds');
}
