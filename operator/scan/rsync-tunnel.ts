import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, isIP, type AddressInfo, type Server, type Socket } from 'node:net';
import { connect, getCACertificates, type TLSSocket } from 'node:tls';
import { asFailure } from '../network/explain.ts';
import type { Address } from '../network/guard.ts';
import type { RsyncTarget } from './rsync-url.ts';

/** A way through TLS for one rsync, as the value of its RSYNC_PROXY. */
export type Tunnel = AsyncDisposable & { readonly proxy: string };

type Request = {
  readonly target: RsyncTarget;
  readonly address: Address;
  readonly ca: readonly string[] | undefined;
  readonly signal: AbortSignal;
};

/**
 * Connects to the server in TLS, its certificate verified against the URL's host, and waits on loopback for the one rsync that
 * knows the tunnel's password. Throws Failure.
 *
 * rsync cannot speak TLS. RSYNC_CONNECT_PROG would start a shell and a second program per scan, and leave the verifying to it;
 * a bare listener would serve whoever connects first. RSYNC_PROXY is a CONNECT with a password, so only our own child gets in.
 */
export async function openTunnel(request: Request): Promise<Tunnel> {
  const remote = await connectTLS(request);
  const secret = randomBytes(24).toString('hex');
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const locals = admitOne(server, remote, `Basic ${Buffer.from(`rsync:${secret}`).toString('base64')}`);
  const { port } = server.address() as AddressInfo;
  return {
    proxy: `rsync:${secret}@127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      remote.destroy();
      for (const local of locals) local.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}

async function connectTLS({ target, address, ca, signal }: Request): Promise<TLSSocket> {
  const socket = connect({
    host: address.address,
    port: target.port,
    // Names go into SNI; the identity checked is the host of the URL in either case.
    ...(isIP(target.host) === 0 && { servername: target.host }),
    ...(ca !== undefined && { ca: [...getCACertificates('default'), ...ca] }),
    rejectUnauthorized: true,
  });
  // What breaks later shows as the end of rsync's connection.
  socket.on('error', () => undefined);
  try {
    await once(socket, 'secureConnect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw asFailure(signal.aborted ? signal.reason : error, target.doing);
  }
}

const maxRequestBytes = 2048;

/** Joins the first connection that shows the password with the server, and lets no other in. */
function admitOne(server: Server, remote: TLSSocket, authorization: string): ReadonlySet<Socket> {
  const locals = new Set<Socket>();
  server.on('connection', (local) => {
    locals.add(local);
    local.on('error', () => undefined).on('close', () => locals.delete(local));
    let said = '';
    const hear = (chunk: Buffer): void => {
      said += chunk.toString('latin1');
      if (said.length > maxRequestBytes) local.destroy();
      if (!said.includes('\n\r\n') && !said.includes('\n\n')) return;
      local.off('data', hear);
      if (!server.listening || !equal(passwordIn(said), authorization)) return void local.destroy();
      server.close();
      local.write('HTTP/1.0 200 OK\r\n\r\n');
      join(local, remote);
    };
    local.on('data', hear);
  });
  return locals;
}

function join(local: Socket, remote: TLSSocket): void {
  local.pipe(remote).pipe(local);
  local.on('close', () => remote.destroy());
  remote.on('close', () => local.destroySoon());
}

const passwordIn = (said: string): string => /^Proxy-Authorization: (.*?)\r?$/im.exec(said)?.[1] ?? '';

function equal(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
