import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A real program under test: loopback only, ended by its own pid. */
export type Running = AsyncDisposable & {
  readonly pid: number;
  readonly output: () => string;
  readonly stop: () => Promise<void>;
};

export type Command = {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  /** Resolves as soon as this loopback port accepts connections. */
  readonly port: number;
  readonly host?: string;
};

const startLimitMs = 15_000;

/** Starts a program in the foreground and waits until its port answers; throws with its output if it ends or stays silent. */
export async function startProcess(command: Command): Promise<Running> {
  const child = spawn(command.file, command.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...command.env },
  });
  const said: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  child.on('error', (error) => said.push(String(error)));
  const output = (): string => said.join('').slice(-20_000);
  const deadline = Date.now() + startLimitMs;
  while (!(await accepts(command.port, command.host ?? '127.0.0.1'))) {
    if (child.exitCode !== null || child.pid === undefined) throw new Error(`${command.file} ended: ${output()}`);
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${command.file} does not listen on port ${command.port}: ${output()}`);
    }
    await sleep(20);
  }
  const stop = (): Promise<void> => end(child);
  return { pid: child.pid ?? 0, output, stop, [Symbol.asyncDispose]: stop };
}

/** SIGTERM, after three seconds SIGKILL; resolves when the process is gone. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 3000);
  await gone;
  clearTimeout(force);
}

/** Whether something accepts TCP connections there. */
export async function accepts(port: number, host = '127.0.0.1'): Promise<boolean> {
  const socket = connect({ port, host });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** A loopback port that was free a moment ago. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    // Below those that systems give to outgoing connections, and drawn at random: tests that run at once must not meet.
    const port = 10_000 + Math.floor(Math.random() * 22_000);
    if (await canListen(port, host)) return port;
  }
  throw new Error(`no port of ${host} is free`);
}

async function canListen(port: number, host: string): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch {
    return false;
  }
}
