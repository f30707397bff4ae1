import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { startNginx } from '@geomirror/e2e/servers/nginx.ts';
import type { WebServer } from '@geomirror/e2e/servers/web-server.ts';
import { createHTTPClient } from '../network/client.ts';
import { createAddressGuard } from '../network/guard.ts';
import type { ProbeFile } from './choose-files.ts';
import { startLiar } from './liar.ts';
import { verifyFile, type FileCheck, type FileFinding } from './verify-file.ts';

const guard = createAddressGuard({ allow: ['127.0.0.0/8'] });
const client = createHTTPClient({ guard, userAgent: 'geomirror-test' });
const bytes = Buffer.alloc(100_000, 'geomirror ');
const sha256 = createHash('sha256').update(bytes).digest('hex');
const file: ProbeFile = { number: 7, path: 'a.iso', size: bytes.length, modifiedAt: 0, digests: { sha256 } };
let root: string;
let nginx: WebServer;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'geomirror-verify-'));
  await writeFile(join(root, 'a.iso'), bytes);
  await writeFile(join(root, 'empty'), '');
  nginx = await startNginx({
    root,
    extra:
      'location = /there { return 302 /a.iso; } location = /secret { return 403; } location = /broken { return 500; } location = /busy { return 429; }',
  });
});
after(async () => {
  await nginx.stop();
  await client.close();
  await rm(root, { recursive: true, force: true });
});

function verify(url: string, change: Partial<FileCheck> = {}): Promise<FileFinding> {
  return verifyFile(client, {
    endpoint: new URL(url),
    file,
    closeness: 'Whole',
    redirects: 'Forbid',
    timeoutMs: 5000,
    pace: { afterMs: 5000, bytesPerSecond: 8000, longestMs: 20_000 },
    maxBytes: 1_000_000,
    signal: AbortSignal.timeout(20_000),
    ...change,
  });
}

/** The outcome without its sentence. */
function brief(finding: FileFinding): string {
  const outcome = finding.kind === 'Wrong' ? finding.reason : finding.kind;
  return `${outcome} by ${finding.closeness}, ${finding.bytes} bytes`;
}

async function lie(answer: RequestListener, change: Partial<FileCheck> = {}): Promise<string> {
  await using liar = await startLiar(answer);
  return brief(await verify(liar.url, change));
}

describe('a file at an honest nginx', () => {
  const cases: readonly (readonly [what: string, change: Partial<FileCheck>, expected: string])[] = [
    ['is clean as a whole', {}, 'Clean by Whole, 100000 bytes'],
    ['is clean by a range of its middle', { closeness: 'Range' }, 'Clean by Range, 4096 bytes'],
    ['is clean by its headers', { closeness: 'Head' }, 'Clean by Head, 0 bytes'],
    ['is clean if it is empty', { file: { ...file, path: 'empty', size: 0, digests: {} } }, 'Clean by Whole, 0 bytes'],
    ['is clean if nobody knows its size', { file: { ...file, size: undefined } }, 'Clean by Whole, 100000 bytes'],
    [
      'of unknown size is not read beyond the budget',
      { file: { ...file, size: undefined }, maxBytes: 10 },
      'Clean by Head, 0 bytes',
    ],
    [
      'is wrong if its digest is another',
      { file: { ...file, digests: { md5: '0', sha256: '0'.repeat(64) } } },
      'ContentWrong by Whole, 100000 bytes',
    ],
    [
      'is compared by the strongest digest',
      { file: { ...file, digests: { md5: '0', sha256 } } },
      'Clean by Whole, 100000 bytes',
    ],
    ['is wrong if its size is another', { file: { ...file, size: 99_999 } }, 'ContentWrong by Head, 0 bytes'],
    [
      'is wrong if its size is another, by a range',
      { file: { ...file, size: 99_999 }, closeness: 'Range' },
      'ContentWrong by Head, 0 bytes',
    ],
    ['is missing if it is not there', { file: { ...file, path: 'gone' } }, 'ContentMissing by Head, 0 bytes'],
    ['is missing if nobody may have it', { file: { ...file, path: 'secret' } }, 'ContentMissing by Head, 0 bytes'],
    ['is not judged by an error of the server', { file: { ...file, path: 'broken' } }, 'Inconclusive by Head, 0 bytes'],
    ['is not judged when we ask too often', { file: { ...file, path: 'busy' } }, 'Inconclusive by Head, 0 bytes'],
    [
      'is wrong if it is elsewhere and may not be',
      { file: { ...file, path: 'there' } },
      'ContentWrong by Head, 0 bytes',
    ],
    [
      'is clean if it is elsewhere and may be',
      { file: { ...file, path: 'there' }, redirects: 'SameSite' },
      'Clean by Whole, 100000 bytes',
    ],
  ];
  for (const [what, change, expected] of cases) {
    it(what, async () => assert.equal(brief(await verify(nginx.url, change)), expected));
  }

  it('is not judged when the server is gone', async () => {
    assert.equal(brief(await verify('http://127.0.0.1:1/')), 'Inconclusive by Head, 0 bytes');
  });
});

describe('a file at a server that lies', () => {
  const corrupt = Buffer.from(bytes).fill('x', 500, 501);

  it('by one page for everything is wrong', async () => {
    const page: RequestListener = (_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    assert.equal(await lie(page), 'ContentWrong by Head, 0 bytes');
    assert.equal(await lie(page, { closeness: 'Head' }), 'ContentWrong by Head, 0 bytes');
    const readme = { ...file, path: 'README' };
    assert.equal(await lie(page, { file: readme }), 'ContentWrong by Whole, 6 bytes');
  });

  it('by corrupt bytes of the right size is wrong', async () => {
    const answer: RequestListener = (_, response) =>
      response.writeHead(200, { 'content-length': corrupt.length }).end(corrupt);
    assert.equal(await lie(answer), 'ContentWrong by Whole, 100000 bytes');
    assert.equal(await lie(answer, { closeness: 'Head' }), 'Clean by Head, 0 bytes');
  });

  it('about their coding is wrong, although the bytes are right', async () => {
    const labelled: RequestListener = (_, response) =>
      response.writeHead(200, { 'content-length': bytes.length, 'content-encoding': 'gzip' }).end(bytes);
    assert.equal(await lie(labelled), 'ContentWrong by Head, 0 bytes');
    const stored = { ...file, path: 'a.tar.gz' };
    assert.equal(await lie(labelled, { file: stored }), 'Clean by Whole, 100000 bytes');
    const other = { ...stored, digests: { sha256: '0'.repeat(64) } };
    assert.equal(await lie(labelled, { file: other }), 'ContentWrong by Whole, 100000 bytes');
  });

  it('by breaking off again and again is wrong, but one accident is none', async () => {
    let broken = 0;
    const answer =
      (times: number): RequestListener =>
      (_, response) => {
        response.writeHead(200, { 'content-length': bytes.length });
        if (broken++ >= times) return void response.end(bytes);
        response.write(bytes.subarray(0, 1000), () => setImmediate(() => response.destroy()));
      };
    assert.equal(await lie(answer(2)), 'ContentWrong by Whole, 2000 bytes');
    broken = 0;
    assert.match(await lie(answer(1)), /^Clean by Whole/);
  });

  it('by ending too early or too late without a length is wrong', async () => {
    const short: RequestListener = (_, response) => void response.write(bytes.subarray(1), () => response.end());
    assert.equal(await lie(short), 'ContentWrong by Whole, 99999 bytes');
    const endless: RequestListener = (_, response) => {
      const more = (): void => {
        if (!response.destroyed) response.write(bytes, () => setImmediate(more));
      };
      more();
    };
    assert.match(await lie(endless), /^ContentWrong by Whole, 1\d\d\d\d\d bytes/);
  });

  it('by a byte now and then is too slow, also about small files', async () => {
    const trickle =
      (size: number): RequestListener =>
      (_, response) => {
        response.writeHead(200, { 'content-length': size });
        const timer = setInterval(() => response.write('x'), 20);
        response.on('close', () => clearInterval(timer));
      };
    const pace = { afterMs: 200, bytesPerSecond: 8000, longestMs: 20_000 };
    assert.match(await lie(trickle(bytes.length), { pace }), /^TooSlow by Whole/);
    assert.match(await lie(trickle(50), { pace, file: { ...file, size: 50 } }), /^TooSlow by Whole/);
    const ranges: RequestListener = (request, response) => {
      response.writeHead(206, {
        'content-length': 4096,
        'content-range': `${request.headers.range?.replace('=', ' ')}/100000`,
      });
      response.write('x');
    };
    assert.match(await lie(ranges, { pace, closeness: 'Range' }), /^TooSlow by Range/);
  });

  it('by refusing every body although HEAD is answered is wrong, but one accident is none', async () => {
    let gets = 0;
    const refuse =
      (times: number, answer: RequestListener): RequestListener =>
      (request, response) => {
        if (request.method !== 'HEAD' && gets++ < times) return answer(request, response);
        response.writeHead(200, { 'content-length': bytes.length }).end(request.method === 'HEAD' ? '' : bytes);
      };
    const error: RequestListener = (_, response) => void response.writeHead(503).end();
    const hangUp: RequestListener = (_, response) => void response.destroy();
    const silent: RequestListener = () => undefined;
    assert.equal(await lie(refuse(9, error)), 'ContentMissing by Whole, 0 bytes');
    assert.equal(await lie(refuse(9, error), { closeness: 'Range' }), 'ContentMissing by Range, 0 bytes');
    assert.equal(await lie(refuse(9, hangUp)), 'ContentMissing by Whole, 0 bytes');
    assert.equal(await lie(refuse(9, silent), { timeoutMs: 100 }), 'TooSlow by Whole, 0 bytes');
    gets = 0;
    assert.equal(await lie(refuse(1, error)), 'Clean by Whole, 100000 bytes');
    gets = 0;
    const breakOff: RequestListener = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 1000), () => setImmediate(() => response.destroy()));
    };
    const byTurns: RequestListener = (request, response) => (gets % 2 === 1 ? breakOff : error)(request, response);
    assert.equal(await lie(refuse(9, byTurns)), 'ContentMissing by Whole, 1000 bytes');
  });

  it('by headers that differ from those of HEAD is not to be acquitted by HEAD', async () => {
    const twoFaced =
      (status: number): RequestListener =>
      (request, response) =>
        void response.writeHead(request.method === 'HEAD' ? 200 : status, { 'content-length': bytes.length }).end();
    assert.equal(await lie(twoFaced(404)), 'ContentMissing by Whole, 0 bytes');
    assert.equal(await lie(twoFaced(403), { closeness: 'Range' }), 'ContentMissing by Range, 0 bytes');
    assert.equal(await lie(twoFaced(302)), 'ContentWrong by Whole, 0 bytes');
    assert.equal(await lie(twoFaced(429)), 'Inconclusive by Head, 0 bytes');
  });

  it('by standing still is too slow', async () => {
    const still: RequestListener = (_, response) =>
      void response.writeHead(200, { 'content-length': bytes.length }).write('x');
    assert.equal(await lie(still, { timeoutMs: 100 }), 'TooSlow by Whole, 1 bytes');
  });

  it('by a good pace that never ends is not judged', async () => {
    const slow: RequestListener = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      const timer = setInterval(() => response.write(bytes.subarray(0, 100)), 10);
      response.on('close', () => clearInterval(timer));
    };
    const pace = { afterMs: 50, bytesPerSecond: 100, longestMs: 200 };
    assert.match(await lie(slow, { pace }), /^Inconclusive by Whole/);
  });

  it('about ranges is wrong, and one that knows none is not read', async () => {
    const other: RequestListener = (_, response) =>
      response.writeHead(206, { 'content-range': 'bytes 0-4095/100000' }).end(bytes.subarray(0, 4096));
    assert.equal(await lie(other, { closeness: 'Range' }), 'ContentWrong by Head, 0 bytes');
    const short: RequestListener = (request, response) => {
      response.writeHead(206, { 'content-range': `${request.headers.range?.replace('=', ' ')}/100000` }).end('short');
    };
    assert.equal(await lie(short, { closeness: 'Range' }), 'ContentWrong by Range, 5 bytes');
    const whole: RequestListener = (_, response) =>
      void response.writeHead(200, { 'content-length': bytes.length }).write('x');
    assert.equal(await lie(whole, { closeness: 'Range', timeoutMs: 1000 }), 'Clean by Head, 0 bytes');
  });

  it('about us has its status told', async () => {
    await using liar = await startLiar((request, response) =>
      response.writeHead(request.method === 'HEAD' ? 200 : 429, { 'content-length': bytes.length }).end(),
    );
    const finding = await verify(liar.url);
    assert.equal(finding.kind === 'Inconclusive' && finding.refusedWith, 429);
  });

  it('tells the digest that it came to, if nothing but that is wrong', async () => {
    await using liar = await startLiar((_, response) => response.end(corrupt));
    assert.equal((await verify(liar.url)).digest, createHash('sha256').update(corrupt).digest('hex'));
    assert.equal((await verify(liar.url, { file: { ...file, size: corrupt.length - 1 } })).digest, undefined);
    assert.equal((await verify(nginx.url)).digest, sha256);
    assert.equal((await verify(nginx.url, { closeness: 'Range' })).digest, undefined);
  });

  it('is told of in a sentence', async () => {
    await using liar = await startLiar((_, response) =>
      response.writeHead(200, { 'content-length': corrupt.length }).end(corrupt),
    );
    const finding = await verify(liar.url);
    const digest = createHash('sha256').update(corrupt).digest('hex');
    assert.equal(
      finding.kind === 'Wrong' && finding.detail,
      `GET ${liar.url}a.iso brought bytes whose sha256 is ${digest}, not ${sha256}`,
    );
  });

  it('does not keep a check from ending with its signal', async () => {
    await using liar = await startLiar(
      (_, response) => void response.writeHead(200, { 'content-length': 9 }).write('x'),
    );
    const sized = { ...file, size: 9 };
    await assert.rejects(verify(liar.url, { file: sized, signal: AbortSignal.timeout(100) }), { name: 'TimeoutError' });
  });
});
