import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startProcess, type Running } from './process.ts';

/** An rsync daemon under test. `url` is its root with a closing slash; module names follow. */
export type Rsyncd = Running & { readonly url: string; readonly port: number };

export type RsyncdModule = {
  /** The folder it shows. */
  readonly path: string;
  /** User names and passwords; anyone by default. */
  readonly users?: Readonly<Record<string, string>>;
  /** Further lines of the module's section, such as `list = no`. */
  readonly settings?: string;
};

export type RsyncdOptions = {
  readonly modules: Readonly<Record<string, RsyncdModule>>;
  /** A port of freePort() by default; give the last one to start a stopped daemon again. */
  readonly port?: number;
  /** The loopback address it listens on, 127.0.0.1 by default. */
  readonly host?: string;
  /** Where root starts it: the user it reads as, root by default, who may read everything. */
  readonly user?: string;
  /** What it greets with. */
  readonly motd?: string;
};

/** Starts rsyncd in the foreground, its configuration in a folder that is removed when it was stopped. */
export async function startRsyncd(options: RsyncdOptions): Promise<Rsyncd> {
  const { host = '127.0.0.1', port = await freePort(host) } = options;
  const folder = await mkdtemp(join(tmpdir(), 'geomirror-rsyncd-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const configuration = join(folder, 'rsyncd.conf');
    await writeFile(configuration, await configure(folder, { ...options, host, port }));
    const args = ['--daemon', '--no-detach', `--config=${configuration}`];
    const running = await startProcess({ file: 'rsync', args, port, host });
    const stop = async (): Promise<void> => {
      await running.stop();
      await remove();
    };
    const url = `rsync://${host.includes(':') ? `[${host}]` : host}:${port}/`;
    return { ...running, url, port, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function configure(
  folder: string,
  options: RsyncdOptions & { readonly host: string; readonly port: number },
): Promise<string> {
  const { user = 'root', motd } = options;
  const lines = [
    `port = ${options.port}`,
    `address = ${options.host}`,
    `log file = ${join(folder, 'log')}`,
    'use chroot = no',
    'munge symlinks = no',
    ...(process.getuid?.() === 0 ? [`uid = ${user}`, 'gid = *'] : []),
  ];
  if (motd !== undefined) {
    await writeFile(join(folder, 'motd'), motd);
    lines.push(`motd file = ${join(folder, 'motd')}`);
  }
  for (const [name, { path, users, settings = '' }] of Object.entries(options.modules)) {
    lines.push(`[${name}]`, `path = ${path}`, settings);
    if (users === undefined) continue;
    const secrets = join(folder, `${name}.secrets`);
    const text = Object.entries(users).map(([each, password]) => `${each}:${password}\n`);
    await writeFile(secrets, text.join(''), { mode: 0o600 });
    lines.push(`auth users = ${Object.keys(users).join(', ')}`, `secrets file = ${secrets}`);
  }
  return `${lines.join('\n')}\n`;
}
