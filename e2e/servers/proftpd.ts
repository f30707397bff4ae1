import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startProcess } from './process.ts';
import type { FTPServer } from './vsftpd.ts';
import { tlsFiles, type ServerTLS } from './web-server.ts';

export type ProftpdOptions = {
  /** The folder that anonymous users see; readable to others, as proftpd gives up root's rights. */
  readonly root: string;
  /** A port of freePort() by default; give the last one to start a stopped server again. */
  readonly port?: number;
  /** AUTH TLS is then required, for control and data; `url` begins with ftps. */
  readonly tls?: ServerTLS;
  /** TLS from the first byte. */
  readonly implicit?: boolean;
  /** The crypt(3) hash of a password that anonymous users must give. */
  readonly passwordHash?: string;
  /** Further directives of the server. */
  readonly settings?: string;
};

/** Starts proftpd for anonymous users in the foreground on 127.0.0.1: MLSD, and FTPS by mod_tls. Needs root. */
export async function startProftpd(options: ProftpdOptions): Promise<FTPServer> {
  const port = options.port ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'geomirror-proftpd-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await chmod(folder, 0o755);
    const files = { ...tlsFiles(options.tls), 'proftpd.conf': configure(options, port, folder) };
    // mod_tls refuses keys that others may read.
    await Promise.all(
      Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text, { mode: 0o600 })),
    );
    const args = ['--nodaemon', '--quiet', '--config', join(folder, 'proftpd.conf')];
    const running = await startProcess({ file: '/usr/sbin/proftpd', args, port });
    const stop = async (): Promise<void> => {
      await running.stop();
      await remove();
    };
    const scheme = options.tls === undefined ? 'ftp' : 'ftps';
    return { ...running, url: `${scheme}://127.0.0.1:${port}/`, port, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

function configure(options: ProftpdOptions, port: number, folder: string): string {
  const { root, tls, settings = '' } = options;
  return `
ServerName geomirror
ServerType standalone
DefaultServer on
DefaultAddress 127.0.0.1
UseIPv6 off
Port ${port}
User daemon
Group daemon
PidFile ${folder}/pid
ScoreboardFile ${folder}/scoreboard
SystemLog ${folder}/log
TransferLog none
WtmpLog off
DelayEngine off
UseFtpUsers off
UseReverseDNS off
RequireValidShell off
${tls === undefined ? '' : tlsDirectives(folder, options.implicit === true)}
${settings}
<Anonymous ${root}>
  User daemon
  Group daemon
  UserAlias anonymous daemon
  RequireValidShell off
  ${options.passwordHash === undefined ? '' : `AnonRequirePassword on\n  UserPassword daemon ${options.passwordHash}`}
</Anonymous>
`;
}

function tlsDirectives(folder: string, implicit: boolean): string {
  return `
LoadModule mod_tls.c
TLSEngine on
TLSRequired on
TLSECCertificateFile ${folder}/certificate.pem
TLSECCertificateKeyFile ${folder}/key.pem
TLSVerifyClient off
TLSLog ${folder}/tls.log
${implicit ? 'TLSOptions UseImplicitSSL' : ''}
`;
}
