import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startProcess, type Running } from './process.ts';

/** A web server under test. `url` is its root with a closing slash. */
export type WebServer = Running & { readonly url: string; readonly port: number };

/** PEM texts; the server speaks https instead of http. */
export type ServerTLS = { readonly certificate: string; readonly key: string };

/** What every web server starter takes. */
export type WebServerOptions = {
  /** The folder it serves. */
  readonly root: string;
  /** A port of freePort() by default; give the last one to start a stopped server again. */
  readonly port?: number;
  /** The loopback address it listens on, 127.0.0.1 by default. */
  readonly host?: string;
  readonly tls?: ServerTLS;
};

/** How to start one program. */
export type WebServerPlan = {
  readonly file: string;
  /** Further files in the server's own folder, by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  readonly port: number;
  readonly host: string;
  readonly scheme: 'http' | 'https';
};

/** Starts the program with a folder of its own, which is removed when the program was stopped. */
export async function startWebServer(plan: (folder: string) => WebServerPlan): Promise<WebServer> {
  const folder = await mkdtemp(join(tmpdir(), 'geomirror-web-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const { file, files, args, env, port, host, scheme } = plan(folder);
    await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
    const running = await startProcess({ file, args, port, host, ...(env && { env }) });
    const stop = async (): Promise<void> => {
      await running.stop();
      await remove();
    };
    const url = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}/`;
    return { ...running, url, port, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The files of `tls`, as `certificate.pem` and `key.pem`. */
export function tlsFiles(tls: ServerTLS | undefined): Record<string, string> {
  return tls === undefined ? {} : { 'certificate.pem': tls.certificate, 'key.pem': tls.key };
}
