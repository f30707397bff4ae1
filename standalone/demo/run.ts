import { pino } from 'pino';
import { readConfig } from '../config.ts';
import { runStandalone } from '../standalone.ts';
import { startDemo } from './demo.ts';

const france = '193.49.0.1';
const brazil = '200.160.0.1';

/** Runs standalone over a world of its own and prints what to try. */
export async function runDemo(env: Readonly<Record<string, string | undefined>>, signal: AbortSignal): Promise<void> {
  await using demo = await startDemo();
  const config = readConfig({
    // The demo's mirrors are on loopback, and the visitor plays the proxy in front.
    GEOMIRROR_ALLOW_PRIVATE_MIRRORS: '127.0.0.0/8',
    GEOMIRROR_TRUSTED_PROXIES: '127.0.0.0/8,::1/128',
    GEOMIRROR_LOG_LEVEL: 'warn',
    ...env,
    GEOMIRROR_MANIFESTS: demo.manifests,
  });
  const { host, port } = config.listen;
  const site = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const log = pino({ level: config.logLevel });
  await runStandalone(
    { ...config, manifests: demo.manifests },
    {
      log,
      signal,
      onListening: () => process.stdout.write(whatToTry({ site, control: demo.controlURL, admin: config.adminListen })),
    },
  );
}

type Addresses = {
  readonly site: string;
  readonly control: string;
  readonly admin: { readonly host: string; readonly port: number };
};

function whatToTry({ site, control, admin }: Addresses): string {
  const file = `${site}/latest/hello-1.2-linux-amd64.tar.gz`;
  return `
geomirror runs with a demo: a small tree and mirrors in Paris, São Paulo, New York (lacks 1.0) and Tokyo (lacks 1.2).
They are scanned and checked now; in a few seconds try, in another terminal:

  1. a redirect
     curl -i ${file}

  2. the same as a client in France, then as one in Brazil
     curl -i -H 'X-Forwarded-For: ${france}' ${file}
     curl -i -H 'X-Forwarded-For: ${brazil}' ${file}

  3. the client in France while the mirror in Paris is down (about five seconds after the first command)
     curl -X POST ${control}/stop
     curl -i -H 'X-Forwarded-For: ${france}' ${file}
     curl -X POST ${control}/start

What geomirror knows of every mirror: http://${admin.host}:${admin.port}/status. Ctrl-C ends it.
For mirrors of your own, put manifests into a folder and name it in GEOMIRROR_MANIFESTS; --help lists the settings.

`;
}
