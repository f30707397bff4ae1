import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { Failure } from '../failures.ts';
import type { Address } from '../network/guard.ts';
import { splitLines } from './decode-lines.ts';
import type { RsyncExit } from './rsync-errors.ts';
import type { RsyncTarget } from './rsync-url.ts';

/** A running `rsync --list-only`; disposing of it kills it and waits until it is gone. */
export type RsyncChild = AsyncDisposable & {
  /** Lines of stdout as latin1 text, some at a time; ends early when the signal aborts. */
  readonly lines: () => AsyncGenerator<readonly string[], void, void>;
  /** To be awaited after `lines`. Throws Failure if the program could not be started. */
  readonly exit: () => Promise<RsyncExit>;
};

type Command = {
  readonly path: string | undefined;
  readonly target: RsyncTarget;
  readonly address: Address;
  /** `user:password@host:port` of an HTTP proxy. */
  readonly proxy: string | undefined;
  readonly timeoutMs: number;
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

function argumentsOf({ target, address, timeoutMs }: Command): readonly string[] {
  const seconds = Math.max(1, Math.ceil(timeoutMs / 1000));
  const host = address.family === 6 ? `[${address.address}]` : address.address;
  return [
    '--list-only',
    '--recursive',
    '--links',
    '--8-bit-output',
    '--no-human-readable',
    '--no-motd',
    // Where rsync itself keeps files that are not complete yet (--delay-updates).
    '--exclude=.~tmp~/',
    `--timeout=${seconds}`,
    `--contimeout=${seconds}`,
    `rsync://${host}:${target.port}/${target.path}`,
  ];
}

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
