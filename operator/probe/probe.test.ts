import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { makeCertificate } from '@geomirror/e2e/servers/certificate.ts';
import { startNginx } from '@geomirror/e2e/servers/nginx.ts';
import { freePort } from '@geomirror/e2e/servers/process.ts';
import type { ServerTLS } from '@geomirror/e2e/servers/web-server.ts';
import { Failure } from '../failures.ts';
import { createHTTPClient, type HTTPClient } from '../network/client.ts';
import { createAddressGuard, type Address, type AddressGuard } from '../network/guard.ts';
import type { ProbeFile } from './choose-files.ts';
import { startLiar } from './liar.ts';
import { probeEndpoint, type Probe, type ProbeResult } from './probe.ts';

const loopback = createAddressGuard({ allow: ['127.0.0.0/8', '::1/128'] });
const day = 86_400_000;
let root: string;
let certificate: ServerTLS;
let expired: ServerTLS;

const tree: Readonly<Record<string, string>> = {
  'a.iso': 'first file',
  'sub/ä b%2f#?&+.tar.gz': 'odd name',
  empty: '',
};

const file = (path: string, size = tree[path]?.length): ProbeFile => {
  return { number: 1, path, size, modifiedAt: undefined, digests: {} };
};

async function probe(
  url: string,
  change: Partial<Probe> = {},
  guard: AddressGuard = loopback,
  wrap: (client: HTTPClient) => HTTPClient = (client) => client,
): Promise<ProbeResult> {
  const client = createHTTPClient({ guard, userAgent: 'geomirror-test', ca: [certificate.certificate] });
  const asked = {
    endpoint: new URL(url),
    target: { kind: 'Files', files: [file('a.iso')] },
    redirects: 'Forbid',
    timeoutMs: 5000,
    turn: 0,
    signal: AbortSignal.timeout(20_000),
    ...change,
  } as const;
  try {
    return await probeEndpoint({ client: wrap(client), guard }, asked);
  } finally {
    await client.close();
  }
}

function reasonOf(result: ProbeResult): string {
  const outcome = result.unresolved ?? result.ipv4 ?? result.ipv6;
  return outcome?.kind === 'Failed' ? outcome.reason : (outcome?.kind ?? 'nothing');
}

const files = (...all: ProbeFile[]): Partial<Probe> => ({ target: { kind: 'Files', files: all } });
const path = (wanted: string): Partial<Probe> => ({ target: { kind: 'Path', path: wanted } });
const anything: Partial<Probe> = { target: { kind: 'Anything' } };

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'geomirror-probe-'));
  for (const [name, text] of Object.entries(tree)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  certificate = await makeCertificate({
    names: ['DNS:localhost', 'IP:127.0.0.1'],
    until: new Date(Date.now() + day),
  });
  expired = await makeCertificate({ names: ['IP:127.0.0.1'], until: new Date(Date.now() - day) });
});
after(() => rm(root, { recursive: true, force: true }));

describe('a probe of nginx', () => {
  it('finds files of any name, and empty ones', async () => {
    await using nginx = await startNginx({ root });
    for (const name of Object.keys(tree)) {
      const result = await probe(nginx.url, files(file(name)));
      assert.deepEqual(result, { ipv4: { kind: 'OK' }, ipv6: undefined, wrongFiles: [] }, name);
    }
  });

  it('finds files below a path of the endpoint', async () => {
    await using nginx = await startNginx({ root, extra: `location /pub/ { alias ${root}/; }` });
    assert.equal(reasonOf(await probe(`${nginx.url}pub/`)), 'OK');
  });

  it('fails on a wrong length, and names the file', async () => {
    await using nginx = await startNginx({ root });
    const result = await probe(nginx.url, files(file('a.iso', 11)));
    const detail = `HEAD ${nginx.url}a.iso answered 200 with 10 bytes instead of 11`;
    assert.deepEqual(result.ipv4, { kind: 'Failed', reason: 'ContentWrong', detail });
    assert.deepEqual(result.wrongFiles, [{ file: file('a.iso', 11), reason: 'ContentWrong', detail }]);
  });

  it('forgives a missing file if another one is there, but names it', async () => {
    await using nginx = await startNginx({ root });
    const result = await probe(nginx.url, files(file('gone', 1), file('lost', 1), file('a.iso')));
    assert.equal(reasonOf(result), 'OK');
    assert.deepEqual(
      result.wrongFiles.map((wrong) => [wrong.file.path, wrong.reason]),
      [
        ['gone', 'ContentMissing'],
        ['lost', 'ContentMissing'],
      ],
    );
  });

  it('fails if all of the files are missing', async () => {
    await using nginx = await startNginx({ root });
    const result = await probe(nginx.url, files(file('gone', 1), file('lost', 1), file('away', 1)));
    const detail = `HEAD ${nginx.url}away answered 404`;
    assert.deepEqual(result.ipv4, { kind: 'Failed', reason: 'ContentMissing', detail });
  });

  it('falls back to a GET of one byte where HEAD is not allowed', async () => {
    const extra = 'location / { if ($request_method = HEAD) { return 405; } }';
    await using nginx = await startNginx({ root, extra });
    for (const name of Object.keys(tree)) assert.equal(reasonOf(await probe(nginx.url, files(file(name)))), 'OK', name);
    assert.equal(reasonOf(await probe(nginx.url, files(file('a.iso', 9)))), 'ContentWrong');
  });

  it('asks for healthCheck.path as it is, whatever its size', async () => {
    await using nginx = await startNginx({ root, extra: 'location = /alive { return 204; }' });
    assert.equal(reasonOf(await probe(nginx.url, path('alive'))), 'OK');
    assert.equal(reasonOf(await probe(nginx.url, path('/a.iso'))), 'OK');
    assert.equal(reasonOf(await probe(nginx.url, path('dead'))), 'UnexpectedStatus');
  });

  it('is content with any answer where nothing is known to be there', async () => {
    await using nginx = await startNginx({
      root,
      extra: 'location = /moved/ { return 302 http://elsewhere.invalid/; }',
    });
    assert.equal(reasonOf(await probe(nginx.url, anything)), 'OK');
    assert.equal(reasonOf(await probe(`${nginx.url}moved/`, anything)), 'OK');
    await using broken = await startNginx({ root, extra: 'location / { return 503; }' });
    assert.equal(reasonOf(await probe(broken.url, anything)), 'UnexpectedStatus');
  });

  it('follows redirects by policy, and never for ever', async () => {
    const extra =
      'location = /a.iso { return 302 /moved/a.iso; } location /moved/ { alias ' +
      root +
      '/; } location = /empty { return 302 /empty; }';
    await using nginx = await startNginx({ root, extra });
    assert.equal(reasonOf(await probe(nginx.url, { redirects: 'Forbid' })), 'RedirectRefused');
    assert.equal(reasonOf(await probe(nginx.url, { redirects: 'SameSite' })), 'OK');
    assert.equal(reasonOf(await probe(nginx.url, { redirects: 'Allow', ...files(file('empty')) })), 'RedirectRefused');
    await using elsewhere = await startNginx({
      root,
      extra: `location / { return 302 http://localhost:${nginx.port}/moved/a.iso; }`,
    });
    assert.equal(reasonOf(await probe(elsewhere.url, { redirects: 'SameSite' })), 'RedirectRefused');
    assert.equal(reasonOf(await probe(elsewhere.url, { redirects: 'Allow' })), 'OK');
  });

  it('verifies the certificate and tells when it ends', async () => {
    await using good = await startNginx({ root, tls: certificate });
    const result = await probe(good.url);
    assert.equal(reasonOf(result), 'OK');
    assert.ok(Math.abs((result.certificateExpiresAt ?? 0) - Date.now() - day) < 3_600_000);
    await using old = await startNginx({ root, tls: expired });
    assert.equal(reasonOf(await probe(old.url)), 'CertificateInvalid');
    const stranger = await makeCertificate({ names: ['IP:127.0.0.1'] });
    await using unknown = await startNginx({ root, tls: stranger });
    assert.equal(reasonOf(await probe(unknown.url)), 'CertificateInvalid');
  });
});

describe('a probe of a server that', () => {
  it('never answers is a time-out', async () => {
    await using liar = await startLiar(() => undefined);
    const result = await probe(liar.url, { timeoutMs: 100 });
    assert.equal(reasonOf(result), 'Timeout');
    assert.match(result.ipv4?.kind === 'Failed' ? result.ipv4.detail : '', /a\.iso/);
  });

  it('sends one page for everything is wrong, with a length or without', async () => {
    await using liar = await startLiar((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html', 'transfer-encoding': 'chunked' }).end('<html>');
    });
    assert.equal(reasonOf(await probe(liar.url)), 'ContentWrong');
    liar.answer = (_, response) =>
      response.writeHead(200, { 'content-type': 'text/html', 'content-length': 6 }).end('<html>');
    assert.equal(reasonOf(await probe(liar.url)), 'ContentWrong');
  });

  it('answers GET without end is left after the headers', async () => {
    await using liar = await startLiar((request, response) => {
      if (request.method === 'HEAD') return response.writeHead(501).end();
      response.writeHead(200, { 'content-length': 10 });
      return response.write('f');
    });
    assert.equal(reasonOf(await probe(liar.url, { timeoutMs: 2000 })), 'OK');
    assert.deepEqual(liar.requests, ['HEAD /a.iso', 'GET /a.iso']);
  });

  it('does not listen is unreachable', async () => {
    assert.equal(reasonOf(await probe(`http://127.0.0.1:${await freePort()}/`)), 'Unreachable');
  });

  it('may not be spoken to is refused', async () => {
    const guard = createAddressGuard({ allow: [] });
    assert.equal(reasonOf(await probe('http://127.0.0.1:9/', {}, guard)), 'AddressRefused');
  });
});

describe('a probe of a host', () => {
  const at = (...addresses: Address[]): AddressGuard => ({ ...loopback, resolve: async () => addresses });
  const ipv4 = { address: '127.0.0.1', family: 4 } as const;
  const ipv6 = { address: '::1', family: 6 } as const;

  it('with IPv6 only says nothing of IPv4', async () => {
    await using nginx = await startNginx({ root, host: '::1' });
    assert.deepEqual(await probe(nginx.url), { ipv4: undefined, ipv6: { kind: 'OK' }, wrongFiles: [] });
  });

  it('with two families tells them apart', async () => {
    await using nginx = await startNginx({ root });
    const result = await probe(`http://mirror.example:${nginx.port}/`, {}, at(ipv6, ipv4));
    assert.deepEqual(result.ipv4, { kind: 'OK' });
    assert.equal(result.ipv6?.kind === 'Failed' && result.ipv6.reason, 'Unreachable');
  });

  it('gives each of its addresses a turn', async () => {
    await using nginx = await startNginx({ root });
    const guard = at({ address: '127.0.0.2', family: 4 }, ipv4);
    const turns = [0, 1, 2, 3].map((turn) => probe(`http://mirror.example:${nginx.port}/`, { turn }, guard));
    assert.deepEqual((await Promise.all(turns)).map(reasonOf), ['OK', 'Unreachable', 'OK', 'Unreachable']);
  });

  it('says nothing of a family for which this machine has no route, unless there is no other', async () => {
    await using nginx = await startNginx({ root });
    const cause = Object.assign(new Error('connect ENETUNREACH'), { code: 'ENETUNREACH' });
    const lame = (client: HTTPClient): HTTPClient => ({
      ...client,
      request: async (request) => {
        if (request.address?.family === 6) throw new Failure('Unreachable', 'the network is unreachable', { cause });
        return client.request(request);
      },
    });
    const url = `http://mirror.example:${nginx.port}/`;
    assert.deepEqual(await probe(url, {}, at(ipv4, ipv6), lame), {
      ipv4: { kind: 'OK' },
      ipv6: undefined,
      wrongFiles: [],
    });
    assert.equal(reasonOf(await probe(url, {}, at(ipv6), lame)), 'Unreachable');
  });

  it('whose name does not resolve in time fails', async () => {
    const guard: AddressGuard = {
      ...loopback,
      resolve: (_, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
    };
    assert.equal(reasonOf(await probe('http://mirror.example/', { timeoutMs: 50 }, guard)), 'Timeout');
    assert.equal(reasonOf(await probe('http://mirror.invalid/')), 'UnresolvableHost');
  });

  it('ends with its signal', async () => {
    await using liar = await startLiar(() => undefined);
    await assert.rejects(probe(liar.url, { signal: AbortSignal.timeout(50) }), { name: 'TimeoutError' });
  });
});
