import assert from 'node:assert/strict';
import { execFile, type ExecFileOptions } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { startNginx } from '@geomirror/e2e/servers/nginx.ts';
import type { WebServer } from '@geomirror/e2e/servers/web-server.ts';
import { Failure, type FailureReason } from '../../failures.ts';
import { play } from '../http/testing/play.ts';
import { addFile, createTree, unusualNames, type Tree } from '../http/testing/tree.ts';
import type { ListedFile, ListingEntry } from '../listing.ts';
import type { ListingFormat } from './listing-file.ts';
import { listFile } from './testing/list-file.ts';

const execute = promisify(execFile);

async function run(command: string, options: ExecFileOptions = {}): Promise<Buffer> {
  const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC', ...options.env };
  const { stdout } = await execute('bash', ['--norc', '-c', command], {
    maxBuffer: 2 ** 30,
    ...options,
    env,
    encoding: 'buffer',
  });
  return stdout;
}

let tree: Tree;
let published: Tree;
let server: WebServer;

before(async () => {
  tree = await createTree();
  published = await createTree();
  server = await startNginx({ root: published.root });
  const recently = Math.floor(Date.now() / 1000) - 40 * 86_400;
  await addFile(tree.root, 'old/file.iso', 5_000_000, 1_500_000_000);
  await addFile(tree.root, 'new/file.iso', 1234, recently);
  await addFile(tree.root, 'deep/er/and/deeper/file', 3, recently + 7);
  for (const [index, name] of unusualNames.entries()) {
    await addFile(tree.root, `names/${name}`, 5, 1_600_000_000 + index);
    await addFile(tree.root, `folders/${name}/inside -> me`, 7, recently + index);
  }
  await mkdir(join(tree.root, 'empty'));
  await symlink('old', join(tree.root, 'latest'));
  await symlink('a -> b', join(tree.root, 'arrow -> d'));
});

after(async () => {
  await server[Symbol.asyncDispose]();
  await published[Symbol.asyncDispose]();
  await tree[Symbol.asyncDispose]();
});

async function publish(name: string, content: Buffer | string): Promise<string> {
  await writeFile(join(published.root, name), content);
  return `${server.url}${name}`;
}

const filesOf = (entries: readonly ListingEntry[]): ListedFile[] => entries.filter((entry) => entry.kind === 'File');
const linksOf = (entries: readonly ListingEntry[]): string[] =>
  entries.flatMap((entry) => (entry.kind === 'Link' ? [`${entry.path} => ${entry.target}`] : [])).sort();

const links = ['arrow -> d => a -> b', 'latest => old'];

/** The listing shows exactly the files that are there, with values that hold the truth within their slack. */
async function assertTrue(files: readonly ListedFile[], expressed: { size: boolean; slack?: number }): Promise<void> {
  const truth = await run(`find . -type f -printf '%P\\0%s\\0%T@\\0'`, { cwd: tree.root });
  const fields = truth.toString().split('\0').slice(0, -1);
  const real = new Map(
    Array.from({ length: fields.length / 3 }, (_, at) => [fields[3 * at]!, fields.slice(3 * at + 1)]),
  );
  assert.deepEqual(files.map(({ path }) => path).sort(), [...real.keys()].sort());
  for (const { path, size, modifiedAt, timeSlack } of files) {
    const [realSize, realTime] = real.get(path) ?? [];
    assert.equal(size, expressed.size ? Number(realSize) : undefined, path);
    if (expressed.slack === undefined) assert.equal(modifiedAt, undefined, path);
    else {
      const late = Math.floor(Number(realTime)) - modifiedAt!;
      assert.ok(0 <= late && late <= timeSlack && timeSlack <= expressed.slack, `${path}: ${late} of ${timeSlack}`);
    }
  }
}

describe('the listing that a real program printed holds the whole truth:', () => {
  const cases: readonly (readonly [command: string, format: ListingFormat, slack: number | undefined])[] = [
    ['ls -lR', 'LsLR', 86_399],
    ['ls -lAR', 'LsLR', 86_399],
    ['ls -laR', 'LsLR', 86_399],
    ['ls -lARQ', 'LsLR', 86_399],
    ['ls -lARn', 'LsLR', 86_399],
    ['ls -lARgo', 'LsLR', 86_399],
    ['ls -lAR "$PWD"', 'LsLR', 86_399],
    ['ls -lAR --time-style=long-iso', 'LsLR', 59],
    ['ls -lAR --time-style=iso', 'LsLR', 86_399],
    ['ls -lAR --full-time', 'LsLR', 0],
    ['TZ=Asia/Kolkata ls -lAR --full-time', 'LsLR', 0],
    ['rsync --list-only -r --links -8 ./', 'RsyncList', 0],
    ['rsync --list-only -r --links -8 --no-h ./', 'RsyncList', 0],
    [
      `printf '[Version]\\n2\\n\\n[Files]\\n'; find . -printf '%Ts\\t%y\\t%s\\t%P\\n'; echo; echo '[End]'`,
      'FullFileTimeList',
      0,
    ],
    ['find -type f -print0 | xargs -0 sha256sum', 'Sha256Sums', undefined],
    ['find -type f -print0 | xargs -0 sha256sum --binary', 'Sha256Sums', undefined],
    ['find -type f -print0 | xargs -0 sha256sum --tag', 'Sha256Sums', undefined],
    ['find -type f -print0 | xargs -0 openssl dgst -sha256', 'Sha256Sums', undefined],
  ];
  for (const [command, format, slack] of cases) {
    test(command, async () => {
      const listAll = !command.startsWith('ls -lR');
      if (!listAll) await run(`mv names/.hidden names/x; mv folders/.hidden folders/x`, { cwd: tree.root });
      try {
        const url = await publish('listing', await run(command, { cwd: tree.root }));
        const { entries, end } = await listFile(url, format);
        assert.deepEqual(end, { unreadable: [], partlyUnseen: false, refused: { count: 0, examples: [] } });
        const files = filesOf(entries);
        await assertTrue(files, { size: format !== 'Sha256Sums', ...(slack !== undefined && { slack }) });
        if (format === 'LsLR' || format === 'RsyncList') assert.deepEqual(linksOf(entries), links);
      } finally {
        if (!listAll) await run(`mv names/x names/.hidden; mv folders/x folders/.hidden`, { cwd: tree.root });
      }
    });
  }

  test('digests of sha256sum are those of the bytes', async () => {
    const url = await publish('SHA256SUMS', await run('sha256sum names/*', { cwd: tree.root }));
    const { entries } = await listFile(url, 'Sha256Sums');
    const digest = createHash('sha256').update(Buffer.alloc(5)).digest('hex');
    assert.equal(entries.length, unusualNames.length - 1);
    for (const file of filesOf(entries)) assert.deepEqual(file.digests, { sha256: digest });
  });
});

test('names that cannot stand in the catalog are refused and counted, and the rest is listed', async () => {
  const digest = 'e'.repeat(64);
  const names = ['good', '../up', '/absolute', 'a/../b', '\u00e9'];
  const sums = [
    ...names.map((name) => `${digest}  ${name}\n`),
    `\\${digest}  new\\nline\n`,
    `${digest}  ${'x'.repeat(5000)}\n`,
  ];
  const url = await publish('hostile', Buffer.from(sums.join(''), 'latin1'));
  const { entries, end } = await listFile(url, 'Sha256Sums');
  assert.deepEqual(
    entries.map(({ path }) => path),
    ['good'],
  );
  assert.equal(end.refused.count, 6);
});

const packers = ['gzip -c', 'xz -c', 'xz -9 -c', 'zstd -q -c', 'zstd -q -19 --long=27 -c'];

const lines = (count: number): string =>
  Array.from({ length: count }, (_, at) => `1600000000\tf\t${at}\tpool/${at % 97}/file-${at}\n`).join('');

const wrapped = (count: number): string => `[Files]\n${lines(count)}[End]\n`;

describe('a listing packed by', () => {
  for (const packer of packers) {
    test(`${packer} is unpacked, whatever it is called`, async () => {
      await writeFile(join(published.root, 'plain'), wrapped(50_000));
      const url = await publish('packed.txt', await run(`${packer} plain`, { cwd: published.root }));
      const { entries, end } = await listFile(url, 'FullFileTimeList');
      assert.equal(entries.length, 50_000);
      assert.equal(end.partlyUnseen, false);
    });

    test(`${packer} never passes as complete if it was cut off`, async () => {
      const packed = await readFile(join(published.root, 'packed.txt'));
      for (const kept of [packed.length - 1, packed.length - 9, packed.length >> 1, 20]) {
        const url = await publish('cut', packed.subarray(0, kept));
        await assert.rejects(listFile(url, 'FullFileTimeList'), failure('ProtocolError', /ends early|is broken/));
      }
    });

    test(`${packer} is refused if a byte is wrong`, async () => {
      const packed = await readFile(join(published.root, 'packed.txt'));
      packed[packed.length >> 1]! ^= 0x55;
      await assert.rejects(listFile(await publish('broken', packed), 'FullFileTimeList'), failure('ProtocolError'));
    });
  }

  test('several gzip, xz or zstd runs one after the other is read to its end', async () => {
    for (const packer of ['gzip -c', 'xz -c', 'zstd -q -c']) {
      await writeFile(join(published.root, 'plain'), lines(1000));
      const head = `(echo '[Files]' | ${packer}; ${packer} plain; echo '[End]' | ${packer})`;
      const url = await publish('parts', await run(head, { cwd: published.root }));
      assert.equal((await listFile(url, 'FullFileTimeList')).entries.length, 1000);
    }
  });

  test('bzip2 is refused with a sentence', async () => {
    const url = await publish('bz2', await run('echo x | bzip2 -c'));
    await assert.rejects(
      listFile(url, 'LsLR'),
      failure('ProtocolError', /bzip2 is not supported; use gzip, xz or zstd/),
    );
  });
});

describe('a file that is no listing is refused:', () => {
  const page = '<!DOCTYPE html>\n<html><head><title>Welcome</title></head>\n<body><h1>It works!</h1></body></html>\n';
  for (const format of ['LsLR', 'FullFileTimeList', 'Sha256Sums', 'RsyncList'] as const)
    test(`an HTML page as ${format}`, async () => {
      const url = await publish('page', page);
      await assert.rejects(
        listFile(url, format),
        failure('ProtocolError', /not in the format .* such as "<!DOCTYPE html>"/),
      );
    });

  test('an empty file', async () =>
    assert.rejects(
      publish('empty', '').then((url) => listFile(url, 'LsLR')),
      failure('ProtocolError', /it is empty/),
    ));

  test('a million lines of something else', async () => {
    const url = await publish('strange', await run('yes "some words" | head -n 1000000'));
    await assert.rejects(listFile(url, 'LsLR'), failure('ProtocolError', /such as "some words"/));
  });

  test('one endless line, packed into little', async () => {
    const url = await publish('bomb', await run('head -c 100000000 /dev/zero | gzip -c'));
    await assert.rejects(listFile(url, 'LsLR'), failure('ProtocolError', /a line of over/));
  });

  for (const [status, reason] of [
    [404, 'NotFound'],
    [403, 'SourceUnreadable'],
    [401, 'CredentialsMissing'],
    [400, 'ProtocolError'],
  ] as const)
    test(`an answer of ${status}`, async () => {
      await using player = await play((_, response) => response.writeHead(status).end('no'));
      await assert.rejects(listFile(player.url, 'LsLR'), failure(reason));
    });
});

test('a body that ends before its length is a failure', async () => {
  await using player = await play((_, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('-rw-r--r-- 1 root root 3 Nov 23 07:57 b\n');
    setTimeout(() => response.destroy(), 50);
  });
  await assert.rejects(listFile(player.url, 'LsLR'), Failure);
});

test('a body that trickles is ended', async () => {
  await using player = await play((_, response) => {
    const timer = setInterval(() => response.write('x\n'), 20);
    response.on('close', () => clearInterval(timer));
  });
  await assert.rejects(listFile(player.url, 'LsLR', { timeoutMs: 300 }), failure('Timeout', /a kibibyte a second/));
});

test('times without a year are read by when the file was made', async () => {
  await using player = await play((_, response) => {
    response.setHeader('last-modified', 'Tue, 01 Mar 2022 12:00:00 GMT');
    response.end('-rw-r--r-- 1 root root 3 Nov 23 07:57 b\n');
  });
  const { entries } = await listFile(player.url, 'LsLR');
  assert.equal(filesOf(entries)[0]?.modifiedAt, Date.parse('2021-11-23T07:57:00Z') / 1000);
});

test('the password goes to the server, and never into a message', async () => {
  await using player = await play((request, response) => {
    const isRight = request.headers.authorization === `Basic ${Buffer.from('me:secret').toString('base64')}`;
    response.writeHead(isRight ? 200 : 401).end('-rw-r--r-- 1 root root 3 Nov 23 07:57 b\n');
  });
  const { entries } = await listFile(player.url, 'LsLR', { credentials: { username: 'me', password: 'secret' } });
  assert.equal(entries.length, 1);
  const refused = listFile(player.url, 'LsLR', { credentials: { username: 'me', password: 'wrong-one' } });
  await assert.rejects(
    refused,
    (error: Failure) => error.reason === 'LoginRefused' && !error.message.includes('wrong-one'),
  );
});

test('an abort ends the listing at once', async () => {
  const stop = new AbortController();
  await using player = await play((_, response) => {
    response.write('-rw-r--r-- 1 root root 3 Nov 23 07:57 b\n');
    stop.abort();
  });
  await assert.rejects(listFile(player.url, 'LsLR', { signal: stop.signal }), failure('Cancelled'));
});

function failure(reason: FailureReason, message = /./): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Failure, String(error));
    assert.equal(error.reason, reason, error.message);
    assert.match(error.message, message);
    return true;
  };
}
