import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTLSServer } from 'node:https';
import { createServer as createSocketServer, type AddressInfo, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { makeCertificate } from '@geomirror/e2e/servers/certificate.ts';
import type { ServerTLS } from '@geomirror/e2e/servers/web-server.ts';
import { Failure, type FailureReason } from '../failures.ts';
import { createHTTPClient, type HTTPRequest, type HTTPResponse } from './client.ts';
import { createAddressGuard } from './guard.ts';

type Options = Omit<Partial<HTTPRequest>, 'url'>;

const userAgent = 'geomirror-test/1';
const loopback = createAddressGuard({ allow: ['127.0.0.0/8'] });
const closing: Array<() => unknown> = [];

describe('the HTTP client', () => {
  let trusted: ServerTLS;
  before(async () => {
    trusted = await makeCertificate({ names: ['DNS:localhost', 'IP:127.0.0.1'] });
  });
  after(async () => {
    for (const close of closing) await close();
  });

  it('reads an answer and says who asks', async () => {
    const seen: unknown[] = [];
    const base = await serve((request, response) => {
      seen.push([request.method, request.url, request.headers['user-agent'], request.headers['accept-encoding']]);
      response.writeHead(200, { 'X-One': ['first', 'second'] }).end('hello');
    });
    const response = await ask(new URL('/a%2fb?c=d', base));
    assert.equal(response.status, 200);
    assert.equal(response.headers['x-one'], 'first');
    assert.equal(await text(response), 'hello');
    assert.equal(response.certificateExpiresAt, undefined);
    assert.deepEqual(seen, [['GET', '/a%2fb?c=d', userAgent, 'identity']]);
  });

  it('keeps connections alive over HEADs, answers that were read, and errors of the application', async () => {
    const server = await listen(createServer((_request, response) => response.writeHead(404).end('no')));
    let connections = 0;
    server.on('connection', () => connections++);
    const request = client();
    for (let round = 0; round < 5; round++) {
      const head = await request(urlOf(server), { method: 'HEAD' });
      assert.equal(head.status, 404);
      assert.equal(head.headers['connection'], 'keep-alive');
      await text(await request(urlOf(server)));
    }
    // A pool may open a second one while the first finishes an answer.
    assert.ok(connections <= 2, `${connections}`);
  });

  it('drops a body that nobody wants', async () => {
    const base = await serve((_request, response) => void trickle(response));
    const response = await ask(base);
    await response.close();
    await response.close();
    for await (const chunk of (await ask(base)).body) {
      assert.ok(chunk.length > 0);
      break;
    }
  });

  it('refuses addresses that the guard refuses, as literals, by name and when pinned', async () => {
    const base = await serve((_request, response) => response.end());
    const strict = client({ guard: createAddressGuard({ allow: [] }) });
    await fails(strict(base), 'AddressRefused');
    await fails(strict(new URL(`http://localhost:${base.port}/`)), 'AddressRefused');
    await fails(strict(new URL(`http://[::ffff:127.0.0.1]:${base.port}/`)), 'AddressRefused');
    await fails(strict(new URL(`http://2130706433:${base.port}/`)), 'AddressRefused');
    const pinned = { address: { address: '127.0.0.1', family: 4 } } as const;
    await fails(strict(new URL(`http://example.org:${base.port}/`), pinned), 'AddressRefused');
  });

  it('refuses addresses after a redirect', async () => {
    const base = await serve((_request, response) => response.writeHead(302, { location: 'http://[::1]:1/' }).end());
    await fails(ask(base, { redirects: 'Allow' }), 'AddressRefused');
    const named = await serve((_request, response) =>
      response.writeHead(302, { location: 'http://localhost:1/' }).end(),
    );
    const only = client({ guard: createAddressGuard({ allow: ['127.0.0.2'] }) });
    const viaSecond = { address: { address: '127.0.0.2', family: 4 }, redirects: 'Allow' } as const;
    const everywhere = await listen(
      createServer((_request, response) => response.writeHead(302, { location: named.href }).end()),
      '127.0.0.2',
    );
    await fails(only(new URL(`http://example.org:${portOf(everywhere)}/`), viaSecond), 'AddressRefused');
  });

  it('connects to the pinned address under the name of the URL', async () => {
    const seen: unknown[] = [];
    const listener: RequestListener = (request, response) => {
      seen.push([request.headers.host, request.socket.localAddress]);
      response.end('pinned');
    };
    const plain = await listen(createServer(listener), '127.0.0.3');
    const address = { address: '127.0.0.3', family: 4 } as const;
    const named = new URL(`http://mirror.invalid:${portOf(plain)}/`);
    assert.equal(await text(await ask(named, { address })), 'pinned');
    const secure = await listen(
      createTLSServer({ cert: trusted.certificate, key: trusted.key }, listener),
      '127.0.0.3',
    );
    const trusting = client({ ca: [trusted.certificate] });
    const response = await trusting(new URL(`https://localhost:${portOf(secure)}/`), { address });
    assert.equal(await text(response), 'pinned');
    assert.ok(response.certificateExpiresAt! > Date.now());
    await fails(trusting(new URL(`https://mirror.invalid:${portOf(secure)}/`), { address }), 'CertificateInvalid');
    assert.deepEqual(seen, [
      [named.host, '127.0.0.3'],
      [`localhost:${portOf(secure)}`, '127.0.0.3'],
    ]);
  });

  describe('verifies certificates:', () => {
    const https = async (tls: ServerTLS): Promise<URL> =>
      urlOf(
        await listen(createTLSServer({ cert: tls.certificate, key: tls.key }, (_, response) => response.end('safe'))),
        'https',
      );

    it('one that is trusted passes and its end is known', async () => {
      const base = await https(trusted);
      const request = client({ ca: [trusted.certificate] });
      for (const method of ['GET', 'HEAD'] as const) {
        const response = await request(base, { method });
        const hours = (response.certificateExpiresAt! - Date.now()) / 3_600_000;
        assert.ok(hours > 22 && hours < 25, `${hours}`);
        await response.close();
      }
      assert.equal(await text(await request(new URL(`https://localhost:${base.port}/`))), 'safe');
    });

    it('an unknown authority, another name and an expired one are refused', async () => {
      await fails(ask(await https(trusted)), 'CertificateInvalid');
      const other = await makeCertificate({ names: ['DNS:elsewhere.example'] });
      await fails(client({ ca: [other.certificate] })(await https(other)), 'CertificateInvalid');
      const expired = await makeCertificate({ names: ['IP:127.0.0.1'], until: new Date(Date.now() - 60_000) });
      await fails(client({ ca: [expired.certificate] })(await https(expired)), 'CertificateInvalid');
    });

    it('a server without TLS is told from a bad certificate', async () => {
      const plain = await serve((_request, response) => response.end());
      await fails(ask(new URL(`https://127.0.0.1:${plain.port}/`)), 'ProtocolError');
    });
  });

  describe('follows redirects', () => {
    const table: ReadonlyArray<[HTTPRequest['redirects'], string, 'follows' | 'refuses']> = [
      ['Forbid', '/there', 'refuses'],
      ['SameSite', '/there', 'follows'],
      ['SameSite', 'http://127.0.0.1:PORT/there', 'follows'],
      ['SameSite', 'http://localhost:PORT/there', 'refuses'],
      ['Allow', 'http://localhost:PORT/there', 'follows'],
      ['Allow', 'ftp://127.0.0.1/there', 'refuses'],
      ['Allow', 'file:///etc/passwd', 'refuses'],
    ];
    for (const [redirects, location, outcome] of table) {
      it(`${outcome} ${location} under ${redirects}`, async () => {
        const server = createServer((request, response) => {
          if (request.url === '/there') return void response.end('there');
          response.writeHead(302, { location: location.replace('PORT', String(portOf(server))) }).end('moved');
        });
        const asked = ask(urlOf(await listen(server)), { redirects });
        if (outcome === 'refuses') return fails(asked, 'RedirectRefused');
        const response = await asked;
        assert.equal(response.url.pathname, '/there');
        assert.equal(await text(response), 'there');
      });
    }

    it('but not for ever', async () => {
      let asked = 0;
      const base = await serve((_request, response) => {
        response.writeHead(301, { location: `/${++asked}` }).end();
      });
      await fails(ask(base, { redirects: 'Allow' }), 'RedirectRefused');
      assert.equal(asked, 6);
    });

    it('carrying credentials only within the origin', async () => {
      const seen: Array<[string | undefined, string | undefined]> = [];
      const record: RequestListener = (request, response) => {
        seen.push([request.url, request.headers.authorization]);
        const leads = request.url === '/' ? '/same' : request.url === '/same' ? `${other.href}elsewhere` : undefined;
        response.writeHead(leads === undefined ? 200 : 302, leads === undefined ? {} : { location: leads }).end();
      };
      const other = await serve(record);
      const base = await serve(record);
      const credentials = { username: 'me', password: 'geheim:ß' };
      await ask(base, { method: 'HEAD', redirects: 'Allow', credentials });
      const basic = `Basic ${Buffer.from('me:geheim:ß').toString('base64')}`;
      assert.deepEqual(seen, [
        ['/', basic],
        ['/same', basic],
        ['/elsewhere', undefined],
      ]);
    });
  });

  describe('gives up', () => {
    it('on a server that never finishes the TLS handshake', { timeout: 20_000 }, async () => {
      const silent = await accept(() => undefined);
      await fails(ask(new URL(`https://127.0.0.1:${silent.port}/`), { timeoutMs: 300 }), 'Timeout');
    });

    it('on a server that accepts and never answers', async () => {
      const base = await accept(() => undefined);
      await fails(ask(base, { timeoutMs: 150 }), 'Timeout');
    });

    it('on headers that come a byte at a time', async () => {
      const base = await accept((socket) => void drip(socket, `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(10_000)}`, 20));
      await fails(ask(base, { timeoutMs: 200 }), 'Timeout');
    });

    it('on headers without end', async () => {
      const base = await accept((socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        const more = (): boolean => socket.write(`X-More: ${'y'.repeat(1000)}\r\n`);
        socket.on('drain', more);
        while (more());
      });
      await fails(ask(base), 'ProtocolError');
    });

    it('on a body that stalls, but not on one that trickles', async () => {
      const base = await accept((socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n');
        void drip(socket, 'slow', 60);
      });
      const response = await ask(base, { timeoutMs: 250 });
      let received = '';
      const reading = (async () => {
        for await (const chunk of response.body) received += Buffer.from(chunk).toString();
      })();
      await fails(reading, 'Timeout');
      assert.equal(received, 'slow');
    });

    it('does not blame a server for a reader that is slow', async () => {
      const base = await serve((_request, response) => response.end('x'.repeat(1_000_000)));
      const response = await ask(base, { timeoutMs: 100 });
      let size = 0;
      for await (const chunk of response.body) {
        if (size === 0) await new Promise((resolve) => setTimeout(resolve, 300));
        size += chunk.length;
      }
      assert.equal(size, 1_000_000);
    });

    it('on a body that ends too early', async () => {
      const base = await accept((socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf'));
      await fails(ask(base).then(text), 'Unreachable');
    });

    it('on what is not HTTP', async () => {
      const base = await accept((socket) => void socket.end('220 ftp.example.org ready\r\n'));
      await fails(ask(base), 'ProtocolError');
    });

    it('on closed ports, unknown hosts and other schemes', async () => {
      await fails(ask(new URL('http://127.0.0.1:1/')), 'Unreachable');
      await fails(ask(new URL('http://no-such-host.invalid/')), 'UnresolvableHost');
      await fails(ask(new URL('ftp://127.0.0.1/')), 'ProtocolError');
    });

    it('when cancelled before, during and after the headers, also behind a redirect', async () => {
      await fails(ask(new URL('http://127.0.0.1:1/'), { signal: AbortSignal.abort() }), 'Cancelled');
      const silent = await accept((socket) => {
        socket.on('data', () => cancelHeaders.abort());
      });
      const cancelHeaders = new AbortController();
      await fails(ask(silent, { signal: cancelHeaders.signal }), 'Cancelled');
      const cancelBody = new AbortController();
      const base = await serve((request, response) => {
        if (request.url === '/') response.writeHead(302, { location: '/body' }).end();
        else void trickle(response);
      });
      const response = await ask(base, { signal: cancelBody.signal, redirects: 'SameSite' });
      const reading = (async () => {
        for await (const _chunk of response.body) cancelBody.abort();
      })();
      await fails(reading, 'Cancelled');
    });
  });

  it('never puts credentials into messages', async () => {
    const url = new URL('http://user:geheim@127.0.0.1:1/?token=geheim');
    await assert.rejects(ask(url, { credentials: { username: 'u', password: 'geheim' } }), (error: Error) => {
      assert.ok(!error.message.includes('geheim'), error.message);
      return true;
    });
  });
});

function client(deps: Partial<Parameters<typeof createHTTPClient>[0]> = {}) {
  const made = createHTTPClient({ guard: loopback, userAgent, ...deps });
  closing.push(made.close);
  return (url: URL, options: Options = {}): Promise<HTTPResponse> =>
    made.request({
      method: 'GET',
      url,
      timeoutMs: 5000,
      signal: new AbortController().signal,
      redirects: 'Forbid',
      ...options,
    });
}

const ask = client();

async function text(response: HTTPResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function fails(promise: Promise<unknown>, reason: FailureReason): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(error instanceof Failure, String(error));
    assert.equal(error.reason, reason, error.message);
    return true;
  });
}

async function listen<T extends Server>(server: T, host = '127.0.0.1'): Promise<T> {
  server.listen(0, host);
  await once(server, 'listening');
  closing.unshift(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

const serve = async (listener: RequestListener): Promise<URL> => urlOf(await listen(createServer(listener)));

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

const urlOf = (server: Server, scheme = 'http'): URL => new URL(`${scheme}://127.0.0.1:${portOf(server)}/`);

/** A raw server: what it says is not always HTTP. */
async function accept(onConnection: (socket: Socket) => void): Promise<URL> {
  const sockets = new Set<Socket>();
  const server = createSocketServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.resume();
    onConnection(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.unshift(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

async function drip(socket: Socket, said: string, everyMs: number): Promise<void> {
  for (const byte of said) {
    if (socket.destroyed) return;
    socket.write(byte);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

async function trickle(response: { write: (text: string) => unknown; readonly destroyed: boolean }): Promise<void> {
  while (!response.destroyed) {
    response.write('x'.repeat(1000));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
