import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vsftpdFolder } from '../install.ts';
import { freePort, startProcess, type Running } from './process.ts';

/** An FTP server under test. `url` is its root with a closing slash. */
export type FTPServer = Running & { readonly url: string; readonly port: number };

export type VsftpdOptions = {
  /** The folder that anonymous users see; readable to others, as vsftpd gives up root's rights. */
  readonly root: string;
  /** A port of freePort() by default; give the last one to start a stopped server again. */
  readonly port?: number;
  /** Further lines of vsftpd.conf. */
  readonly settings?: string;
};

/** Starts vsftpd for anonymous users in the foreground on 127.0.0.1: no MLSD, but LIST and MDTM. Needs root. */
export async function startVsftpd(options: VsftpdOptions): Promise<FTPServer> {
  const port = options.port ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'geomirror-vsftpd-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const configuration = join(folder, 'vsftpd.conf');
    await chmod(folder, 0o755);
    await mkdir(join(folder, 'empty'));
    await writeFile(configuration, configure(options, port, join(folder, 'empty')));
    const running = await startProcess({ file: join(vsftpdFolder, 'usr/sbin/vsftpd'), args: [configuration], port });
    const stop = async (): Promise<void> => {
      await running.stop();
      await remove();
    };
    return { ...running, url: `ftp://127.0.0.1:${port}/`, port, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

function configure({ root, settings = '' }: VsftpdOptions, port: number, empty: string): string {
  // The user `daemon` is on every Debian, with a home that exists, which vsftpd insists on.
  return `
listen=YES
background=NO
listen_address=127.0.0.1
listen_port=${port}
anonymous_enable=YES
no_anon_password=YES
anon_world_readable_only=NO
anon_root=${root}
ftp_username=daemon
secure_chroot_dir=${empty}
seccomp_sandbox=NO
${settings}
`;
}
