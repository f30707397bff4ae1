import { freePort } from './process.ts';
import { startWebServer, tlsFiles, type WebServer, type WebServerOptions } from './web-server.ts';

export type LighttpdOptions = WebServerOptions & {
  /** Directory pages by mod_dirlisting; off by default. */
  readonly listing?: 'on' | 'off';
  /** Lines for the configuration. */
  readonly extra?: string;
};

/** lighttpd with mod_dirlisting on a loopback port. */
export async function startLighttpd(options: LighttpdOptions): Promise<WebServer> {
  const port = options.port ?? (await freePort(options.host));
  const host = options.host ?? '127.0.0.1';
  return startWebServer((folder) => ({
    file: 'lighttpd',
    files: { 'lighttpd.conf': lighttpdConfig(folder, { ...options, port, host }), ...tlsFiles(options.tls) },
    args: ['-D', '-f', `${folder}/lighttpd.conf`],
    port,
    host,
    scheme: options.tls ? 'https' : 'http',
  }));
}

function lighttpdConfig(folder: string, options: LighttpdOptions & { port: number; host: string }): string {
  const { root, listing = 'off', tls, extra = '', port, host } = options;
  const secure = `
ssl.engine = "enable"
ssl.pemfile = "${folder}/certificate.pem"
ssl.privkey = "${folder}/key.pem"`;
  return `
server.modules = ("mod_dirlisting"${tls ? ', "mod_openssl"' : ''})
server.document-root = ${JSON.stringify(root)}
server.bind = "${host}"
server.port = ${port}
server.pid-file = "${folder}/lighttpd.pid"
server.upload-dirs = ("${folder}")
server.max-keep-alive-requests = 1000000
mimetype.assign = (".html" => "text/html", ".txt" => "text/plain", "" => "application/octet-stream")
dir-listing.activate = "${listing === 'on' ? 'enable' : 'disable'}"
${tls ? secure : ''}
${extra}
`;
}
