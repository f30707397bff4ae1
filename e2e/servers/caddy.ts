import { freePort } from './process.ts';
import { startWebServer, tlsFiles, type WebServer, type WebServerOptions } from './web-server.ts';

export type CaddyOptions = WebServerOptions & {
  /** Directory pages, as HTML or JSON by the request's Accept; off by default. */
  readonly browse?: 'on' | 'off';
  /** Caddyfile directives for the site. */
  readonly extra?: string;
};

/** Caddy's file server on a loopback port. */
export async function startCaddy(options: CaddyOptions): Promise<WebServer> {
  const port = options.port ?? (await freePort(options.host));
  const host = options.host ?? '127.0.0.1';
  return startWebServer((folder) => ({
    file: 'caddy',
    files: { Caddyfile: caddyfile(folder, { ...options, port, host }), ...tlsFiles(options.tls) },
    args: ['run', '--config', `${folder}/Caddyfile`, '--adapter', 'caddyfile'],
    // Without these it would write below the home folder of whoever runs the tests.
    env: { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    port,
    host,
    scheme: options.tls ? 'https' : 'http',
  }));
}

function caddyfile(folder: string, options: CaddyOptions & { port: number; host: string }): string {
  const { root, browse = 'off', tls, extra = '', port, host } = options;
  return `
{
  admin off
  auto_https off
}
${tls ? 'https' : 'http'}://:${port} {
  bind ${host}
  ${tls ? `tls ${folder}/certificate.pem ${folder}/key.pem` : ''}
  root * ${JSON.stringify(root)}
  ${extra}
  file_server${browse === 'on' ? ' browse' : ''}
}
`;
}
