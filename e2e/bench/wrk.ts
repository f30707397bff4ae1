import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export type Load = {
  readonly pid: number;
  readonly port: number;
  readonly seconds: number;
  /** Lines of path and client address. */
  readonly requestsFile: string;
};

export type Measured = {
  readonly perSecond: number;
  readonly p99Ms: number;
  /** Processor time of the server, user and system. */
  readonly cpuMicrosecondsEach: number;
  readonly residentMB: number;
};

const script = fileURLToPath(new URL('random-requests.lua', import.meta.url));
const ticksPerSecond = 100;

/** Loads a server by Debian's wrk with one thread and 64 connections; throws if any answer was no redirect. */
export async function measure({ pid, port, seconds, requestsFile }: Load): Promise<Measured> {
  const before = await cpuTicks(pid);
  const args = [
    '-t1',
    '-c64',
    `-d${seconds}s`,
    '--latency',
    '-s',
    script,
    `http://127.0.0.1:${port}`,
    '--',
    requestsFile,
  ];
  const { stdout } = await promisify(execFile)('wrk', args);
  const ticks = (await cpuTicks(pid)) - before;
  if (/Non-2xx or 3xx|Socket errors/.test(stdout)) throw new Error(`Not all answers were redirects:\n${stdout}`);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    p99Ms: milliseconds(/99%\s+([\d.]+)(us|ms|s)\b/.exec(stdout)),
    cpuMicrosecondsEach: (ticks / ticksPerSecond / requests) * 1e6,
    residentMB: await residentMB(pid),
  };
}

function milliseconds(match: RegExpExecArray | null): number {
  const factor = { us: 0.001, ms: 1, s: 1000 }[match?.[2] ?? ''] ?? NaN;
  return Number(match?.[1]) * factor;
}

/** User and system time, fields 14 and 15 of /proc/<pid>/stat. */
async function cpuTicks(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

async function residentMB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}
