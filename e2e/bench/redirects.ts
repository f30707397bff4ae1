import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { FileVersion } from '@geomirror/catalog/file.ts';
import type { Health } from '@geomirror/catalog/health.ts';
import { openStore } from '@geomirror/catalog/store/open.ts';
import { freePort, startProcess, type Running } from '../servers/process.ts';
import { startRedis } from '../servers/redis.ts';
import { buildCatalog, publishCatalog, type MirrorPlan } from './build-catalog.ts';
import { measure, type Measured } from './wrk.ts';

const fileCount = 100_000;
const mirrorCount = 50;
const rounds = Number(process.argv[2] ?? 5);
const seconds = Number(process.argv[3] ?? 6);
const slot = 'bench/redirects';

/** In France, Germany, the United States, Japan, Brazil and Australia, by the country database that comes with geomirror. */
const clients = ['62.210.16.61', '130.83.47.181', '18.9.22.69', '133.11.0.1', '200.160.2.3', '139.130.4.5'];

const capitals: readonly [country: string, latitude: number, longitude: number][] = [
  ['FR', 48.9, 2.4],
  ['DE', 52.5, 13.4],
  ['GB', 51.5, -0.1],
  ['SE', 59.3, 18.1],
  ['PL', 52.2, 21],
  ['IT', 41.9, 12.5],
  ['ES', 40.4, -3.7],
  ['US', 40.7, -74],
  ['US', 37.8, -122.4],
  ['CA', 43.7, -79.4],
  ['BR', -23.5, -46.6],
  ['AR', -34.6, -58.4],
  ['JP', 35.7, 139.7],
  ['KR', 37.6, 127],
  ['TW', 25, 121.5],
  ['SG', 1.4, 103.8],
  ['IN', 19.1, 72.9],
  ['AU', -33.9, 151.2],
  ['NZ', -36.8, 174.8],
  ['ZA', -26.2, 28],
];

/** The same numbers each time: mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const random = createRandom(1);

function planFile(at: number): FileVersion {
  const project = `project-${at % 400}`;
  const digest = Array.from({ length: 8 }, () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
  return {
    path: `pool/${project}/${Math.floor(at / 400)}/${project}_${at}-1+deb13u2_amd64.deb`,
    size: Math.floor(random() * 1e8),
    modifiedAt: 1_780_000_000 + at,
    timeSlack: 0,
    digests: { sha256: digest },
  };
}

function planMirror(at: number): MirrorPlan {
  const [country, latitude, longitude] = capitals[at % capitals.length] ?? ['FR', 0, 0];
  const missing = new Set(Array.from({ length: fileCount / 200 }, () => Math.floor(random() * fileCount)));
  const location = {
    latitude: latitude + random(),
    longitude: longitude + random(),
    country,
    additionalCountries: [],
    asns: [],
    networks: [],
    global: false,
  };
  const record = {
    name: `mirror-${at}`,
    uid: `uid-${at}`,
    endpoints: [`https://mirror-${at}.example.org/debian/`, `http://mirror-${at}.example.org/debian/`],
    location,
    weight: 100,
    audience: { scope: 'Anyone', networks: [], excludedCountries: [] },
    mode: 'Active',
  } as const;
  return { record, has: (number) => (missing.has(number) ? 0 : 1) };
}

/** Publishes the catalog, and writes the requests that wrk draws from into the folder. */
async function prepare(folder: string, storeURL: string): Promise<void> {
  const files = Array.from({ length: fileCount }, (_, at) => planFile(at));
  const mirrors = Array.from({ length: mirrorCount }, (_, at) => planMirror(at));
  const catalog = await buildCatalog({ files, mirrors });
  await using store = await openStore(storeURL, { report: (failure) => console.error(failure.message) });
  await publishCatalog(store, slot, 1, catalog);
  const up = (url: string) => ({ url, up: true, since: 1 });
  const health: Health = {
    schema: 1,
    uid: catalog.manifest.uid,
    writtenAt: Date.now(),
    mirrors: Object.fromEntries(mirrors.map(({ record }) => [record.uid, { endpoints: record.endpoints.map(up) }])),
    fallbacks: {},
  };
  await store.writeHealth(slot, 1, health);
  const lines = files.map(({ path }, at) => `/${path} ${clients[at % clients.length]}`);
  await writeFile(join(folder, 'requests'), `${lines.join('\n')}\n`);
}

type Server = Running & { readonly port: number };

/** As redirector/README.md says to run it. */
async function startRedirector(storeURL: string, folder: string): Promise<Server> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const main = fileURLToPath(new URL('../../redirector/main.ts', import.meta.url));
  const env = {
    GEOMIRROR_LISTEN: `127.0.0.1:${port}`,
    GEOMIRROR_ADMIN_LISTEN: `127.0.0.1:${adminPort}`,
    GEOMIRROR_STORE: storeURL,
    GEOMIRROR_TRUSTED_PROXIES: '127.0.0.0/8',
    NODE_COMPILE_CACHE: join(folder, 'compile-cache'),
    MALLOC_ARENA_MAX: '2',
  };
  const running = await startProcess({ file: process.execPath, args: [main], env, port });
  while ((await fetch(`http://127.0.0.1:${adminPort}/readyz`)).status !== 200) await sleep(50);
  return { ...running, port };
}

async function startBare(headers: readonly string[]): Promise<Server> {
  const port = await freePort();
  const main = fileURLToPath(new URL('bare-server.ts', import.meta.url));
  const args = [main, String(port), JSON.stringify(headers)];
  return { ...(await startProcess({ file: process.execPath, args, port })), port };
}

/** The header lines of one answer of the redirector, without those that node:http adds by itself. */
async function answerOf({ port }: Server, target: string, client: string): Promise<readonly string[]> {
  const asking = get({ port, path: target, headers: { 'X-Forwarded-For': client } });
  const [{ rawHeaders }] = (await once(asking, 'response')) as [IncomingMessage];
  const own = new Set(['Date', 'Connection', 'Keep-Alive']);
  return rawHeaders.flatMap((name, at) => (at % 2 === 0 && !own.has(name) ? [name, rawHeaders[at + 1] ?? ''] : []));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function line(name: string, measured: Measured): string {
  const { perSecond, cpuMicrosecondsEach, p99Ms, residentMB } = measured;
  return `${name.padEnd(11)} ${perSecond.toFixed(0).padStart(7)}/s  ${cpuMicrosecondsEach.toFixed(1).padStart(6)} us  p99 ${p99Ms.toFixed(2).padStart(6)} ms  ${residentMB.toFixed(0).padStart(4)} MB`;
}

function verdict(what: string, value: number, target: string, isMet: boolean): void {
  console.log(`${isMet ? 'met   ' : 'MISSED'}  ${what.padEnd(42)} ${value.toFixed(2).padStart(7)}  (${target})`);
}

const folder = await mkdtemp(join(tmpdir(), 'geomirror-bench-'));
try {
  await using redis = await startRedis();
  await prepare(folder, redis.url);
  // The first one leaves its compiled code behind, as an image would carry it.
  await (await startRedirector(redis.url, folder)).stop();
  await using redirector = await startRedirector(redis.url, folder);
  const [path = '', client = ''] = (await readFile(join(folder, 'requests'), 'utf8')).slice(0, 1000).split(/[ \n]/);
  await using shortest = await startBare(['Location', 'https://mirror.example/constant.iso', 'Content-Length', '0']);
  await using same = await startBare(await answerOf(redirector, path, client));
  const load = ({ pid, port }: Server, length: number) =>
    measure({ pid, port, seconds: length, requestsFile: join(folder, 'requests') });
  for (const server of [shortest, same, redirector]) await load(server, 2);

  const measured: { shortest: Measured; same: Measured; redirector: Measured }[] = [];
  console.log(
    `${fileCount} files, ${mirrorCount} mirrors, ${clients.length} client networks, 64 connections, one thread of wrk`,
  );
  for (let round = 0; round < rounds; round++) {
    const figures = {
      shortest: await load(shortest, seconds),
      same: await load(same, seconds),
      redirector: await load(redirector, seconds),
    };
    measured.push(figures);
    for (const [name, figure] of Object.entries(figures)) console.log(line(name, figure));
  }
  for (const [bare, words] of [
    ['same', 'a constant answer of the same headers'],
    ['shortest', 'the shortest constant answer'],
  ] as const) {
    const rate = median(measured.map((each) => each.redirector.perSecond / each[bare].perSecond));
    const cpu = median(measured.map((each) => each.redirector.cpuMicrosecondsEach / each[bare].cpuMicrosecondsEach));
    console.log(`against bare node:http with ${words}`);
    verdict('redirects per second', rate, 'at least 0.8', rate >= 0.8);
    verdict('processor time per redirect', cpu, 'at most 1.3', cpu <= 1.3);
  }
  const p99 = median(measured.map((each) => each.redirector.p99Ms));
  const resident = Math.max(...measured.map((each) => each.redirector.residentMB));
  console.log('by itself');
  verdict('p99 under 64 connections, ms', p99, 'below 10', p99 < 10);
  verdict('resident memory, MB', resident, 'below 160', resident < 160);
} finally {
  await rm(folder, { recursive: true, force: true });
}
