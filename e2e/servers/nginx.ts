import { freePort } from './process.ts';
import { startWebServer, tlsFiles, type WebServer, type WebServerOptions } from './web-server.ts';

export type NginxOptions = WebServerOptions & {
  /** The form of directory pages; off by default. */
  readonly autoindex?: 'html' | 'json' | 'off';
  /** Directives for the server block: locations, returns, rewrites, `limit_rate`, `autoindex_exact_size off;` … */
  readonly extra?: string;
  /** Directives for the http block around it: maps, zones, further servers. */
  readonly httpExtra?: string;
};

/**
 * nginx on a loopback port, one worker, configured anew in a folder of its own. With `extra` it plays broken mirrors:
 * `location = /a { return 302 /a; }` redirects for ever, `try_files /index.html =404;` answers one page for everything.
 */
export async function startNginx(options: NginxOptions): Promise<WebServer> {
  const port = options.port ?? (await freePort(options.host));
  const host = options.host ?? '127.0.0.1';
  return startWebServer((folder) => ({
    file: 'nginx',
    files: { 'nginx.conf': nginxConfig(folder, { ...options, port, host }), ...tlsFiles(options.tls) },
    args: ['-p', folder, '-c', `${folder}/nginx.conf`, '-e', 'stderr'],
    port,
    host,
    scheme: options.tls ? 'https' : 'http',
  }));
}

// Workers started by root would give up its rights and could not read a test's folders, which only their owner may enter.
const user = process.getuid?.() === 0 ? 'user root;' : '';

function nginxConfig(folder: string, options: NginxOptions & { port: number; host: string }): string {
  const { root, autoindex = 'off', tls, extra = '', httpExtra = '', port, host } = options;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
${user}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
  ${temporary.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join('\n  ')}
  access_log off;
  default_type application/octet-stream;
  types { text/html html htm; text/plain txt; application/json json; }
  keepalive_requests 1000000;
  ${httpExtra}
  server {
    listen ${host.includes(':') ? `[${host}]` : host}:${port}${tls ? ' ssl' : ''};
    ${tls ? `ssl_certificate ${folder}/certificate.pem; ssl_certificate_key ${folder}/key.pem;` : ''}
    root ${JSON.stringify(root)};
    autoindex ${autoindex === 'off' ? 'off' : 'on'};
    ${autoindex === 'off' ? '' : `autoindex_format ${autoindex};`}
    ${extra}
  }
}
`;
}
