import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { Failure } from '../failures.ts';
import type { Address } from '../network/guard.ts';
import { splitLines } from './decode-lines.ts';
import type { RsyncExit } from './rsync-errors.ts';
import type { RsyncTarget } from './rsync-url.ts';

/** A running rsync; disposing of it kills it and waits until it is gone. */
export type RsyncChild = AsyncDisposable & {
  /** Lines of stdout as latin1 text, some at a time; ends early when the signal aborts. */
  readonly lines: () => AsyncGenerator<readonly string[], void, void>;
  /** To be awaited after `lines`. Throws Failure if the program could not be started. */
  readonly exit: () => Promise<RsyncExit>;
};

/** What rsync is to do at the target: list all below it, or fetch files. */
export type RsyncJob =
  | { readonly kind: 'List' }
  | {
      readonly kind: 'Fetch';
      /** A local file with paths below the module, each ended by NUL; what follows `/./` is kept. */
      readonly namesFile: string;
      /** A local folder, to be filled under the same paths. */
      readonly to: string;
      /** Larger files are left out. */
      readonly maxFileBytes: number;
    };

type Command = {
  readonly path: string | undefined;
  readonly target: RsyncTarget;
  readonly address: Address;
  /** `user:password@host:port` of an HTTP proxy. */
  readonly proxy: string | undefined;
  readonly timeoutMs: number;
  readonly job: RsyncJob;
};

const maxLineBytes = 64 * 1024;
const maxErrorBytes = 1024 * 1024;

/** Starts rsync in a process group of its own, which is killed when the signal aborts. */
export function runRsync(command: Command, signal: AbortSignal): RsyncChild {
  // detached also takes the terminal away, where rsync would ask for a password.
  const child = spawn(command.path ?? 'rsync', argumentsOf(command), {
    env: environmentOf(command),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const over = once(child, 'close').catch((cause: unknown) => Promise.reject(notStarted(cause)));
  over.catch(() => undefined);
  const errors = collectErrors(child.stderr);
  const kill = (): void => killGroup(child);
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  return {
    lines: () => splitLines(child.stdout, maxLineBytes),
    exit: async () => {
      await over;
      return { code: child.exitCode ?? undefined, errors: errors() };
    },
    [Symbol.asyncDispose]: async () => {
      signal.removeEventListener('abort', kill);
      kill();
      child.stdout.destroy();
      await over.catch(() => undefined);
    },
  };
}

function argumentsOf({ target, address, timeoutMs, job }: Command): readonly string[] {
  const seconds = Math.max(1, Math.ceil(timeoutMs / 1000));
  const host = address.family === 6 ? `[${address.address}]` : address.address;
  return [
    ...(job.kind === 'List' ? listing : fetching(job)),
    '--8-bit-output',
    '--no-motd',
    `--timeout=${seconds}`,
    `--contimeout=${seconds}`,
    `rsync://${host}:${target.port}/${job.kind === 'List' ? target.path : moduleOf(target)}`,
    ...(job.kind === 'List' ? [] : [job.to]),
  ];
}

/** Some versions do not find what --files-from names below a folder of the module. */
const moduleOf = ({ path, folder }: RsyncTarget): string => path.slice(0, path.length - folder.length);

const listing = [
  '--list-only',
  '--recursive',
  '--links',
  '--no-human-readable',
  // Where rsync itself keeps files that are not complete yet (--delay-updates).
  '--exclude=.~tmp~/',
];

/** Without --links and --devices, only regular files come. */
const fetching = (job: RsyncJob & { kind: 'Fetch' }): readonly string[] => [
  '--from0',
  `--files-from=${job.namesFile}`,
  '--no-implied-dirs',
  `--max-size=${job.maxFileBytes}`,
  '--whole-file',
];

/** Nothing of our own environment: it may hold secrets, and RSYNC_* variables that change what rsync does. */
function environmentOf({ target, proxy }: Command): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin',
    LC_ALL: 'C',
    TZ: 'UTC',
    USER: target.username === '' ? 'nobody' : target.username,
    // Always given, or rsync would ask the terminal.
    RSYNC_PASSWORD: target.password,
    ...(proxy !== undefined && { RSYNC_PROXY: proxy }),
  };
}

function notStarted(cause: unknown): Failure {
  return new Failure('ProtocolError', 'the rsync program could not be started; is it installed?', { cause });
}

/** Keeps reading stderr, or a full pipe would stop rsync; remembers the first MiB as latin1 lines. */
function collectErrors(stderr: Readable): () => readonly string[] {
  const kept: Buffer[] = [];
  let size = 0;
  stderr.on('data', (chunk: Buffer) => {
    if (size < maxErrorBytes) kept.push(chunk);
    size += chunk.length;
  });
  return () => {
    const lines = Buffer.concat(kept).toString('latin1').split('\n');
    return size < maxErrorBytes ? lines : [...lines.slice(0, -1), 'further errors were left out'];
  };
}

function killGroup(child: ChildProcessByStdio<null, Readable, Readable>): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}
