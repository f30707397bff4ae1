import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makeCertificate } from '@geomirror/e2e/servers/certificate.ts';
import { startProftpd } from '@geomirror/e2e/servers/proftpd.ts';
import { startVsftpd, type FTPServer } from '@geomirror/e2e/servers/vsftpd.ts';
import { Failure, type FailureReason } from '../failures.ts';
import { createAddressGuard } from '../network/guard.ts';
import { listFTP, type FTPDeps } from './ftp.ts';
import type { ListingEnd, ListingEntry, ListingRequest } from './listing.ts';

const deps: FTPDeps = { guard: createAddressGuard({ allow: ['127.0.0.0/8'] }), now: Date.now };
const modifiedAt = Date.UTC(2024, 1, 29, 12, 34, 56) / 1000;
const dayOfModification = Date.UTC(2024, 1, 29) / 1000;
const names = [
  'a',
  '.hidden',
  ' lead',
  'a%2fb#c?d',
  'a*[b]',
  'café/日本',
  '-dash/-a',
  'sub/deep/b',
  'quo"ted/c',
  'back\\slash',
  'x -> y',
];
const long = `${'x'.repeat(251)}.iso`;

describe('a listing by FTP', () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'geomirror-tree-'));
    await chmod(root, 0o755);
    for (const path of [...names, long, 'shut/a', 'half/b', 'blind/c', 'new\nline'])
      await place(join(root, path), path);
    await writeFile(Buffer.concat([Buffer.from(join(root, 'caf')), Buffer.from([0xe9])]), '');
    await mkdir(Buffer.concat([Buffer.from(join(root, 'dir')), Buffer.from([0xe9])]));
    await mkdir(join(root, 'empty'));
    await symlink('../../café', join(root, 'sub/deep/up'));
    await symlink('sub/deep', join(root, 'latest -> deep'));
    await chmod(join(root, 'shut'), 0o700);
    await chmod(join(root, 'half'), 0o744);
    await chmod(join(root, 'blind'), 0o711);
  });
  after(() => rm(root, { recursive: true, force: true }));

  const links: ListingEntry[] = [
    { kind: 'Link', path: 'latest -> deep', target: 'sub/deep' },
    { kind: 'Link', path: 'sub/deep/up', target: '../../café' },
  ];
  const exact = (): ListingEntry[] => sorted([...names, long].map((path) => file(path, 0)).concat(links));
  /** Every server lets what has no escape in the protocol look like two lines. */
  const sane = (entries: ListingEntry[]): ListingEntry[] => entries.filter(({ path }) => path !== 'new');

  const servers: ReadonlyArray<[string, () => Promise<FTPServer>]> = [
    ['vsftpd (LIST and MDTM)', () => startVsftpd({ root })],
    ['proftpd (MLSD)', () => startProftpd({ root })],
  ];
  for (const [name, start] of servers) {
    describe(`from ${name}`, () => {
      let server: FTPServer;
      before(async () => {
        server = await start();
      });
      after(() => server[Symbol.asyncDispose]());
      const url = (path: string): URL => new URL(path, server.url);

      it('gives sizes, times to the second and links, whatever the names; what it cannot show is told', async () => {
        const { entries, end } = await list(url(''));
        assert.deepEqual(sane(entries), exact());
        assert.deepEqual([...end.unreadable].sort(), ['blind', 'half', 'shut']);
        assert.equal(end.partlyUnseen, false);
        assert.deepEqual(end.refused.examples.map(({ name: refused, reason }) => `${refused}: ${reason}`).sort(), [
          'caf\ufffd: NotUTF8',
          'dir\ufffd: NotUTF8',
          'line: ControlCharacter',
        ]);
        assert.equal(end.refused.count, 3);
      });

      it('takes folders by encoded paths and leaves out what need not be entered', async () => {
        assert.deepEqual((await list(url('caf%C3%A9/'))).entries, [file('日本', 0, 'café/日本')]);
        assert.deepEqual((await list(url('-dash'))).entries, [file('-a', 0, '-dash/-a')]);
        assert.deepEqual((await list(url('empty/'))).entries, []);
        const skipping = await list(url('sub/'), { skipFolder: (path) => path === 'deep' });
        assert.deepEqual(skipping.entries, []);
        assert.deepEqual(skipping.end.unreadable, []);
      });

      it('fails by reason', async () => {
        await fails(list(url('none/')), 'NotFound');
        await fails(list(url('shut/')), 'NotFound');
        await fails(list(url('a/')), 'NotFound');
        const credentials = { username: 'nobody-at-all', password: 'geheim' };
        await assert.rejects(list(url(''), { credentials }), (error: Failure) => {
          assert.equal(error.reason, 'LoginRefused');
          assert.doesNotMatch(error.message, /geheim/);
          return true;
        });
        await fails(list(url(''), { credentials: { username: 'nobody-at-all', password: '' } }), 'CredentialsMissing');
        await fails(list(url(''), {}, { ...deps, maxEntries: 5 }), 'TooLarge');
        await fails(list(new URL(`ftps://127.0.0.1:${server.port}/`)), 'ProtocolError');
        await fails(list(url(''), { signal: AbortSignal.abort() }), 'Cancelled');
        await fails(list(url(''), {}, { ...deps, guard: createAddressGuard({ allow: [] }) }), 'AddressRefused');
      });

      it('may be left in the middle', async () => {
        for await (const batch of listFTP(deps, request(url('')))) {
          assert.ok(batch.length > 0);
          break;
        }
      });
    });
  }

  it('keeps the coarse times of LIST where asking would cost too much', async () => {
    await using server = await startVsftpd({ root });
    const { entries } = await list(new URL('sub/', server.url), {}, { ...deps, maxTimesAsked: 0 });
    assert.deepEqual(entries[0], {
      ...file('deep/b', 0, 'sub/deep/b'),
      modifiedAt: dayOfModification,
      timeSlack: 86_399,
    });
  });

  it('gives a large flat folder in batches without blocking', async () => {
    const flat = await mkdtemp(join(tmpdir(), 'geomirror-flat-'));
    try {
      await chmod(flat, 0o755);
      for (let i = 0; i < 3000; i++) await writeFile(join(flat, `file-${i}`), '');
      await using server = await startProftpd({ root: flat });
      const sizes: number[] = [];
      for await (const batch of listFTP(deps, request(new URL(server.url)))) sizes.push(batch.length);
      assert.equal(
        sizes.reduce((sum, size) => sum + size),
        3000,
      );
      assert.ok(sizes.length > 1 && Math.max(...sizes) <= 2000, sizes.join(' '));
    } finally {
      await rm(flat, { recursive: true, force: true });
    }
  });

  it('logs in with a password', async () => {
    const passwordHash = execFileSync('openssl', ['passwd', '-1', 'geheim']).toString().trim();
    await using server = await startProftpd({ root, passwordHash });
    const credentials = { username: 'anonymous', password: 'geheim' };
    assert.equal((await list(new URL('sub/', server.url), { credentials })).entries.length, 2);
    await fails(list(new URL(server.url)), 'CredentialsMissing');
    await fails(list(new URL(server.url), { credentials: { ...credentials, password: 'x' } }), 'LoginRefused');
  });

  describe('in TLS', () => {
    for (const implicit of [false, true]) {
      // Implicit TLS is told by its port, so this one needs the real one.
      const port = implicit ? { port: 990 } : {};
      it(`${implicit ? 'on port 990 from the first byte' : 'by AUTH TLS'} verifies the certificate`, async () => {
        const tls = await makeCertificate({ names: ['DNS:localhost'] });
        await using server = await startProftpd({ root, tls, implicit, ...port });
        const named = new URL(`ftps://localhost:${server.port}/`);
        const trusting = { ...deps, ca: [tls.certificate] };
        const { entries } = await list(named, {}, trusting);
        assert.deepEqual(sane(entries), exact());
        await fails(list(named), 'CertificateInvalid');
        await fails(list(new URL(server.url), {}, trusting), 'CertificateInvalid');
      });
    }
  });

  describe('from a hostile server', () => {
    it('never connects anywhere but to the server, whatever PASV says', async () => {
      let bounced = 0;
      const victim = createServer(() => bounced++).listen(0, '127.0.0.9');
      await once(victim, 'listening');
      const { port } = victim.address() as AddressInfo;
      await using server = await startScript({
        EPSV: () => '500 no',
        PASV: () => `227 Entering Passive Mode (127,0,0,9,${port >> 8},${port & 255})`,
      });
      await fails(list(server.url), 'Unreachable');
      assert.equal(bounced, 0);
      victim.close();
    });

    it('refuses names that lead elsewhere and stops at cycles without end', async () => {
      const stamp = 'modify=20240229123456';
      const content = [
        `type=file;size=1;${stamp}; ../evil`,
        `type=file;size=1;${stamp}; /etc/passwd`,
        `type=file;size=1;${stamp}; ..`,
        `type=file;size=1;${stamp}; nul\0`,
        `type=file;size=1;${stamp}; ${'x'.repeat(10_000)}`,
        `type=file;size=1;${stamp}; `,
        'type=dir; ..',
        'type=dir; again',
        `type=file;size=1;${stamp}; good`,
      ].join('\r\n');
      await using server = await startScript({ data: () => `${content}\r\n` });
      const { entries, end } = await list(server.url);
      assert.ok(entries.every(({ path }) => /^(again\/)*good$/.test(path)));
      assert.equal(entries.length, 65);
      assert.deepEqual(
        end.unreadable.map((path) => path.split('/').length),
        [65],
      );
      assert.equal(end.refused.count, 65 * 7);
    });

    it('does not enter a folder that it is already in', async () => {
      const content = 'type=cdir;unique=1; .\r\ntype=dir;unique=2; sub\r\ntype=file;size=1; f\r\n';
      await using server = await startScript({ data: () => content });
      const { entries, end } = await list(server.url);
      assert.deepEqual(
        entries.map(({ path }) => path),
        ['f', 'sub/f'],
      );
      assert.deepEqual(end.unreadable, []);
    });

    it('bounds lines and entries', async () => {
      const endless = (line: string) => (socket: Socket) => {
        const more = (): void => {
          while (socket.writable && socket.write(line));
        };
        socket.on('drain', more);
        more();
        return undefined;
      };
      await using lines = await startScript({ data: endless('type=file;size=1; f\r\n') });
      await fails(list(lines.url, {}, { ...deps, maxEntries: 10_000 }), 'TooLarge');
      await using line = await startScript({ data: endless('x'.repeat(1000)) });
      await fails(list(line.url), 'ProtocolError');
      await using garbage = await startScript({ data: () => 'nothing\r\nto see\r\n' });
      await fails(list(garbage.url), 'ProtocolError');
    });

    it('gives up on silence: at the greeting, at a command, on the data connection', async () => {
      for (const silent of [
        { greeting: '' },
        { USER: () => '' },
        { PWD: () => '' },
        { EPSV: () => '' },
        { data: () => undefined },
      ]) {
        await using server = await startScript(silent);
        await fails(list(server.url, { timeoutMs: 250 }), 'Timeout');
      }
      await using tls = await startScript({ AUTH: () => '234 go on' });
      await fails(list(new URL(tls.url.href.replace('ftp:', 'ftps:')), { timeoutMs: 250 }), 'Timeout');
    });

    it('says what it is when it is no FTP server, or is busy', async () => {
      await using web = await startScript({ greeting: 'HTTP/1.1 400 Bad Request\r\n\r\n', closes: true });
      await fails(list(web.url), 'Unreachable');
      await using busy = await startScript({ greeting: '421 Too many connections\r\n' });
      await fails(list(busy.url), 'Unreachable');
      await fails(list(new URL('ftp://127.0.0.1:1/')), 'Unreachable');
      await fails(list(new URL('ftp://no-such-host.invalid/')), 'UnresolvableHost');
    });
  });
});

/** Files hold their own name, so that sizes tell them apart. */
async function place(path: string, name: string): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, name);
  await utimes(path, modifiedAt, modifiedAt);
}

const file = (path: string, timeSlack: number, content = path): ListingEntry => ({
  kind: 'File',
  path,
  size: Buffer.byteLength(content),
  sizeSlack: 0,
  modifiedAt,
  timeSlack,
});

const sorted = (entries: ListingEntry[]): ListingEntry[] =>
  entries.sort((one, other) => (one.path < other.path ? -1 : 1));

function request(url: URL, options: Partial<ListingRequest> = {}): ListingRequest {
  return { url, timeoutMs: 10_000, signal: new AbortController().signal, ...options };
}

async function list(
  url: URL,
  options: Partial<ListingRequest> = {},
  using: FTPDeps = deps,
): Promise<{ entries: ListingEntry[]; end: ListingEnd }> {
  const entries: ListingEntry[] = [];
  const listing = listFTP(using, request(url, options));
  for (;;) {
    const next = await listing.next();
    if (next.done === true) return { entries: sorted(entries), end: next.value };
    entries.push(...next.value);
  }
}

async function fails(promise: Promise<unknown>, reason: FailureReason): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(error instanceof Failure, String((error as Error).stack));
    assert.equal(error.reason, reason, error.message);
    return true;
  });
}

type Script = {
  readonly greeting?: string;
  /** Whether the greeting is all it says. */
  readonly closes?: boolean;
  /** What comes on the data connection; undefined leaves it open. */
  readonly data?: (socket: Socket) => string | undefined;
} & Readonly<Record<string, unknown>>;

/** An FTP server that answers as told, and sensibly where nothing is told; it has MLSD. */
async function startScript(script: Script): Promise<AsyncDisposable & { url: URL }> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => undefined);
  };
  const data = createServer((socket) => {
    keep(socket);
    const said = (script.data ?? (() => ''))(socket);
    if (said !== undefined) socket.end(Buffer.from(said, 'latin1'));
  }).listen(0, '127.0.0.1');
  await once(data, 'listening');
  const replies: Readonly<Record<string, string>> = {
    USER: '230 in',
    FEAT: '211-Features:\r\n MLST type*;size*;\r\n211 End',
    PWD: '257 "/"',
    EPSV: `229 Entering Extended Passive Mode (|||${(data.address() as AddressInfo).port}|)`,
    MLSD: '150 here it comes\r\n226 done',
    AUTH: '502 no',
  };
  const control = createServer((socket) => {
    keep(socket).setEncoding('latin1');
    socket.write(script.greeting ?? '220 ready\r\n');
    if (script.closes === true) return void socket.end();
    socket.on('data', (text) => {
      for (const line of text
        .toString()
        .split('\r\n')
        .filter((each) => each !== '')) {
        const command = /^[A-Z]{3,4}\b/.exec(line)?.[0];
        if (command === undefined) continue;
        const own = script[command];
        const reply = typeof own === 'function' ? String(own()) : (replies[command] ?? '200 fine');
        if (reply !== '') socket.write(`${reply}\r\n`);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(control, 'listening');
  return {
    url: new URL(`ftp://127.0.0.1:${(control.address() as AddressInfo).port}/`),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      control.close();
      data.close();
      await Promise.all([once(control, 'close'), once(data, 'close')]);
    },
  };
}
