import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { makeCertificate } from '@geomirror/e2e/servers/certificate.ts';
import { startTLSFront } from '@geomirror/e2e/servers/tls-front.ts';
import { openTunnel } from './rsync-tunnel.ts';
import { readRsyncURL } from './rsync-url.ts';

describe('a tunnel', () => {
  it('lets one connection in, and only with its password', async () => {
    const greeter = createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1');
    await once(greeter, 'listening');
    const tls = await makeCertificate({ names: ['IP:127.0.0.1'] });
    await using front = await startTLSFront({ port: (greeter.address() as AddressInfo).port, tls });
    await using tunnel = await openTunnel({
      target: readRsyncURL({ url: new URL(`rsyncs://127.0.0.1:${front.port}/m/`) }),
      address: { address: '127.0.0.1', family: 4 },
      ca: [tls.certificate],
      signal: new AbortController().signal,
    });
    const [login = '', place = ''] = tunnel.proxy.split('@');
    const port = Number(place.split(':')[1]);
    const authorization = `Proxy-Authorization: Basic ${Buffer.from(login).toString('base64')}\r\n`;
    assert.equal(await say(port, 'CONNECT x:1 HTTP/1.0\r\n\r\n'), '');
    assert.equal(await say(port, `CONNECT x:1 HTTP/1.0\r\n${authorization.replace(/.\r/, 'A\r')}\r\n`), '');
    assert.equal(await say(port, 'x'.repeat(5000)), '');
    assert.match(await say(port, `CONNECT x:1 HTTP/1.0\r\n${authorization}\r\n`), /^HTTP\/1\.0 200 .*\r\n\r\nhello$/);
    assert.equal(await say(port, `CONNECT x:1 HTTP/1.0\r\n${authorization}\r\n`), 'ECONNREFUSED');
    greeter.close();
  });
});

/** What comes back until the connection ends, or the code of its failure. */
async function say(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  try {
    await once(socket, 'connect');
    socket.write(text);
    for await (const chunk of socket) heard += String(chunk);
    return heard;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ECONNRESET' ? heard : String(code);
  }
}
