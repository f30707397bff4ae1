import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import type { ServerTLS } from './web-server.ts';

/** Takes TLS off in front of a plain TCP server, as stunnel or haproxy do in front of rsyncd. */
export type TLSFront = AsyncDisposable & { readonly port: number };

/** Listens on a free port of 127.0.0.1 and passes what comes in TLS on to `port` of 127.0.0.1. */
export async function startTLSFront(options: { readonly port: number; readonly tls: ServerTLS }): Promise<TLSFront> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const { certificate: cert, key } = options.tls;
  const server = createServer({ cert, key }, (outside) => {
    const inside = connect(options.port, '127.0.0.1');
    keep(outside);
    keep(inside);
    outside.pipe(inside).pipe(outside);
    outside.on('close', () => inside.destroy());
    inside.on('close', () => outside.destroySoon());
  });
  server.on('connection', keep);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
