import { freePort } from './process.ts';
import { startWebServer, type WebServer, type WebServerOptions } from './web-server.ts';

export type LighttpdOptions = Omit<WebServerOptions, 'tls'> & {
  /** Directory pages by mod_dirlisting; off by default. */
  readonly listing?: 'on' | 'off';
  /** Lines for the configuration. */
  readonly extra?: string;
};

/** lighttpd with mod_dirlisting on a loopback port; without TLS, for which Debian has a package of its own. */
export async function startLighttpd(options: LighttpdOptions): Promise<WebServer> {
  const port = options.port ?? (await freePort(options.host));
  const host = options.host ?? '127.0.0.1';
  return startWebServer((folder) => ({
    file: 'lighttpd',
    files: { 'lighttpd.conf': lighttpdConfig(folder, { ...options, port, host }) },
    args: ['-D', '-f', `${folder}/lighttpd.conf`],
    port,
    host,
    scheme: 'http',
  }));
}

function lighttpdConfig(folder: string, options: LighttpdOptions & { port: number; host: string }): string {
  const { root, listing = 'off', extra = '', port, host } = options;
  return `
server.modules = ("mod_dirlisting")
server.document-root = ${JSON.stringify(root)}
server.bind = "${host}"
server.port = ${port}
server.pid-file = "${folder}/lighttpd.pid"
server.upload-dirs = ("${folder}")
server.max-keep-alive-requests = 1000000
mimetype.assign = (".html" => "text/html", ".txt" => "text/plain", "" => "application/octet-stream")
dir-listing.activate = "${listing === 'on' ? 'enable' : 'disable'}"
${extra}
`;
}
