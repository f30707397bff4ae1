import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startProcess, type Running } from './process.ts';

/** A redis-server of its own, on loopback, that keeps nothing on disk. */
export type RunningRedis = Running & { readonly port: number; readonly url: string };

export type RedisSettings = {
  /** A free one if absent: give the former port to bring a stopped server back. */
  readonly port?: number;
  /** Further directives as on the command line: `['--maxmemory-policy', 'allkeys-lru']`. */
  readonly directives?: readonly string[];
};

/** Starts Debian's redis-server and waits until it accepts connections. */
export async function startRedis(settings: RedisSettings = {}): Promise<RunningRedis> {
  const port = settings.port ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'geomirror-redis-'));
  const fixed = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
  const running = await startProcess({ file: 'redis-server', args: [...fixed, ...(settings.directives ?? [])], port });
  const stop = async (): Promise<void> => {
    await running.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...running, port, url: `redis://127.0.0.1:${port}`, stop, [Symbol.asyncDispose]: stop };
}
