import { execFile } from 'node:child_process';
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { startNginx } from './nginx.ts';
import { startRsyncd } from './rsyncd.ts';

const run = promisify(execFile);

/** A folder of files whose times are set, so that what changes shows. */
export type Tree = {
  readonly path: string;
  /** Writes files by path; `at` is their time in Unix seconds. */
  readonly write: (files: Readonly<Record<string, string>>, at: number) => Promise<void>;
  readonly remove: (...paths: string[]) => Promise<void>;
  /** Makes it equal to another tree, times and links included, as mirrors do. */
  readonly follow: (other: Tree) => Promise<void>;
};

/** An empty tree in that folder, which is made if need be. */
export async function makeTree(path: string): Promise<Tree> {
  await mkdir(path, { recursive: true });
  return {
    path,
    async write(files, at) {
      for (const [name, text] of Object.entries(files)) {
        const file = join(path, name);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text);
        await utimes(file, at, at);
      }
    },
    async remove(...paths) {
      for (const name of paths) {
        // At once, so that no listing sees half of it.
        await rename(join(path, name), `${path}.removed`);
        await rm(`${path}.removed`, { recursive: true });
      }
    },
    follow: async (other) => {
      await run('rsync', ['-a', '--delete', `${other.path}/`, `${path}/`]);
    },
  };
}

/** A server of files: nginx for clients and probes, rsyncd for scans, over one tree. Both keep their ports when started again. */
export type FileServer = AsyncDisposable & {
  readonly tree: Tree;
  /** `http://…/` of the tree's root. */
  readonly url: string;
  /** `rsync://…/tree/` */
  readonly rsyncURL: string;
  readonly stopWeb: () => Promise<void>;
  readonly startWeb: () => Promise<void>;
  readonly stopRsync: () => Promise<void>;
  readonly startRsync: () => Promise<void>;
};

/** Starts both and waits until they answer. */
export async function startFileServer(tree: Tree): Promise<FileServer> {
  const modules = { tree: { path: tree.path } };
  let [web, rsyncd] = await Promise.all([startNginx({ root: tree.path }), startRsyncd({ modules })]);
  const [{ url, port: webPort }, { port: rsyncPort }] = [web, rsyncd];
  return {
    tree,
    url,
    rsyncURL: `${rsyncd.url}tree/`,
    stopWeb: () => web.stop(),
    async startWeb() {
      web = await startNginx({ root: tree.path, port: webPort });
    },
    stopRsync: () => rsyncd.stop(),
    async startRsync() {
      rsyncd = await startRsyncd({ modules, port: rsyncPort });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([web.stop(), rsyncd.stop()]);
    },
  };
}
