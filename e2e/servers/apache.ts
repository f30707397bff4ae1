import { chmod } from 'node:fs/promises';

import { freePort } from './process.ts';
import { startWebServer, tlsFiles, type WebServer, type WebServerOptions } from './web-server.ts';

export type ApacheOptions = WebServerOptions & {
  /** Words for IndexOptions, `FancyIndexing HTMLTable` for example; empty: the plain list; undefined: no directory pages. */
  readonly indexOptions?: string;
  /** Directives for the server. */
  readonly extra?: string;
};

/**
 * Apache httpd with mod_autoindex on a loopback port. It never serves as root: started by root it serves as www-data,
 * and the root folder is made readable for everyone.
 */
export async function startApache(options: ApacheOptions): Promise<WebServer> {
  const port = options.port ?? (await freePort(options.host));
  const host = options.host ?? '127.0.0.1';
  if (process.getuid?.() === 0) await chmod(options.root, 0o755);
  return startWebServer((folder) => ({
    file: 'apache2',
    files: { 'apache2.conf': apacheConfig(folder, { ...options, port, host }), ...tlsFiles(options.tls) },
    args: ['-DFOREGROUND', '-f', `${folder}/apache2.conf`],
    port,
    host,
    scheme: options.tls ? 'https' : 'http',
  }));
}

const modules = ['mpm_event', 'authz_core', 'authn_core', 'authn_file', 'auth_basic', 'authz_user', 'alias', 'mime'];

function apacheConfig(folder: string, options: ApacheOptions & { port: number; host: string }): string {
  const { root, indexOptions, tls, extra = '', port, host } = options;
  const loaded = [...modules, 'dir', 'autoindex', ...(tls ? ['ssl'] : [])];
  return `
ServerRoot ${folder}
ServerName localhost
PidFile ${folder}/apache2.pid
DefaultRuntimeDir ${folder}
ErrorLog ${folder}/error.log
Listen ${host.includes(':') ? `[${host}]` : host}:${port}
${loaded.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
TypesConfig /etc/mime.types
StartServers 1
ServerLimit 2
MinSpareThreads 5
MaxSpareThreads 50
ThreadsPerChild 25
MaxRequestWorkers 50
MaxKeepAliveRequests 0
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
${tls ? `SSLEngine on\nSSLCertificateFile ${folder}/certificate.pem\nSSLCertificateKeyFile ${folder}/key.pem` : ''}
DocumentRoot ${JSON.stringify(root)}
<Directory ${JSON.stringify(root)}>
  Require all granted
  Options FollowSymLinks ${indexOptions === undefined ? '' : 'Indexes'}
  ${indexOptions ? `IndexOptions ${indexOptions}` : ''}
</Directory>
${extra}
`;
}
