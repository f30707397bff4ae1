import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { download, type Truth } from './download.ts';
import {
  brokenOffBodies,
  byteASecond,
  corruptBytes,
  onePage,
  refusedBodies,
  shortBodies,
  silence,
  startLyingServer,
  tricklingBodies,
  type Lie,
} from './servers/lying-server.ts';
import { startNginx, type NginxOptions } from './servers/nginx.ts';
import { startRsyncd } from './servers/rsyncd.ts';
import { condition, eventually, startStandalone, type ResourceStatus, type Standalone } from './standalone.ts';

/** Any of the servers that play a mirror. */
type Server = AsyncDisposable & { readonly url: string; readonly port: number; readonly stop: () => Promise<void> };

/** What /status must come to say, condition by condition. */
type Unmasked = Readonly<Record<string, RegExp>>;

type Actor = {
  readonly start: () => Promise<Server>;
  /** The module that rsync shows of it; `tree`, which is all of the source, if absent. */
  readonly lists?: 'tree' | 'zone' | 'mount';
  readonly spec?: Readonly<Record<string, unknown>>;
  /** Absent: it is honest. */
  readonly unmasked?: Unmasked;
  /** Files that it serves wrong; all by default. */
  readonly liesAbout?: (path: string) => boolean;
  /** Done before its server is started again, honest. */
  readonly mend?: () => Promise<void>;
};

const hour = 3600;
const longAgo = Math.floor(Date.now() / 1000) - 30 * 24 * hour;
const patienceMs = 4000;
/** By the country database that comes with geomirror: Sweden, the United States, Australia, and Sweden by IPv6. */
const clients = ['130.239.18.165', '8.8.8.8', '1.1.1.1', '2001:6b0:e::1'];
const oddNames = ['pool/a b.bin', 'pool/ärlig+sann.iso', 'pool/100%.txt', 'pool/#1?.bin'];
const paths = [...oddNames, ...Array.from({ length: 20 }, (_, i) => `release-${i % 4}/part-${i}.bin`)];
const isInHalf = (path: string): boolean => paths.indexOf(path) % 2 === 0;
const sizeOf = (path: string): number => 20_000 + ((paths.indexOf(path) * 7919) % 60_000);

const stack = new AsyncDisposableStack();
let grown: Trees;
let truth: ReadonlyMap<string, Truth>;
let cast: ReadonlyMap<string, Actor>;
const servers = new Map<string, Server>();
let geomirror: Standalone;

before(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'geomirror-liars-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const trees = await makeTrees(folder);
  grown = trees;
  truth = await readTruth(trees.tree);
  const elsewhere = stack.use(await startLyingServer(onePage, '127.0.0.2'));
  const nextDoor = stack.use(await startLyingServer(onePage));
  cast = casting(trees, { elsewhere: elsewhere.url, nextDoor: nextDoor.url });
  const modules = { tree: { path: trees.tree }, zone: { path: trees.zone }, mount: { path: trees.mount } };
  const rsyncd = stack.use(await startRsyncd({ modules }));
  await Promise.all([...cast].map(async ([name, { start }]) => servers.set(name, await start())));
  stack.defer(() => Promise.all([...servers.values()].map(({ stop }) => stop())).then(() => undefined));
  geomirror = stack.use(await startStandalone());
  await geomirror.apply({
    kind: 'Repository',
    metadata: { name: 'releases' },
    spec: { source: { directory: { path: trees.tree }, interval: '10s' }, checksums: { compute: ['SHA256'] } },
  });
  for (const name of cast.keys()) await geomirror.apply(manifest(name, rsyncd.url));
});

after(() => stack.disposeAsync());

function manifest(name: string, rsyncURL: string): Parameters<Standalone['apply']>[0] {
  const { lists = 'tree', spec = {} } = actor(name);
  return {
    kind: 'Mirror',
    metadata: { name },
    spec: {
      repositoryRef: { name: 'releases' },
      endpoints: [{ url: server(name).url }],
      scan: { endpoints: [{ url: `${rsyncURL}${lists}/` }], interval: '10s' },
      location: { latitude: '59.33', longitude: '18.06', country: 'SE', continent: 'EU' },
      healthCheck: { interval: '1s', timeout: '2s' },
      verification: { window: 10, maxBytesPerHour: '1Gi' },
      ...spec,
    },
  };
}

type Trees = Readonly<Record<'tree' | 'zone' | 'mount' | 'half' | 'truncated' | 'empty', string>>;

async function makeTrees(folder: string): Promise<Trees> {
  const at = (name: string): string => join(folder, name);
  const trees: Trees = {
    tree: at('tree'),
    zone: at('zone'),
    mount: at('mount'),
    half: at('half'),
    truncated: at('truncated'),
    empty: at('empty'),
  };
  for (const path of paths) {
    await mkdir(dirname(join(trees.tree, path)), { recursive: true });
    await writeFile(join(trees.tree, path), noise(path, sizeOf(path)));
    await utimes(join(trees.tree, path), timeOf(path), timeOf(path));
  }
  for (const name of ['zone', 'mount', 'half', 'truncated'] as const)
    await cp(trees.tree, trees[name], { recursive: true, preserveTimestamps: true });
  await mkdir(trees.empty);
  for (const path of paths) {
    await utimes(join(trees.zone, path), timeOf(path) + 2 * hour, timeOf(path) + 2 * hour);
    await truncate(join(trees.truncated, path), sizeOf(path) >> 1);
    if (isInHalf(path)) await rm(join(trees.half, path));
  }
  return trees;
}

const timeOf = (path: string): number => longAgo + paths.indexOf(path) * 1234;

/** Bytes that look random and are the same each time. */
function noise(seed: string, size: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(size / 32) }, (_, i) =>
    createHash('sha256').update(`${seed} ${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, size);
}

async function readTruth(tree: string): Promise<ReadonlyMap<string, Truth>> {
  const known = new Map<string, Truth>();
  for (const path of paths) {
    const bytes = await readFile(join(tree, path));
    known.set(path, { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  }
  return known;
}

function casting(trees: Trees, { elsewhere, nextDoor }: Record<'elsewhere' | 'nextDoor', string>): Map<string, Actor> {
  const { tree } = trees;
  const nginx = (options: Partial<NginxOptions> = {}) => ({ start: () => startNginx({ root: tree, ...options }) });
  const lying = (lie: Lie) => ({ start: () => startLyingServer(lie) });
  const verified = (reason: string, example: RegExp): Unmasked => ({
    Ready: new RegExp(`^Ready=False ${reason}: `),
    Verified: new RegExp(`^Verified=False ${reason}: .*${example.source}`),
  });
  const down = (why: RegExp): Unmasked => ({
    Ready: /^Ready=False Down: /,
    Healthy: new RegExp(`^Healthy=False Down: .*${why.source}`),
  });
  const honest: Record<string, Actor> = {
    'honest-one': nginx(),
    'honest-two': nginx(),
    'honest-three': nginx(),
    'honest-four': nginx(),
    'two-hours-off': { ...nginx({ root: trees.zone }), lists: 'zone' },
    'redirects-within-its-site': nginx({
      extra: `location /store/ { alias ${tree}/; } location / { return 302 /store$request_uri; }`,
    }),
  };
  const liars: Record<string, Actor> = {
    'html-for-all': {
      ...nginx({ extra: 'location / { types { } default_type text/html; return 200 "<title>Welcome</title>"; }' }),
      unmasked: down(/ContentWrong: .*a page \(text\/html\) instead of the file/),
    },
    truncated: { ...nginx({ root: trees.truncated }), unmasked: down(/ContentWrong: .* bytes instead of /) },
    'breaks-off': { ...lying(brokenOffBodies(tree)), unmasked: verified('ContentWrong', /ContentWrong/) },
    'short-bodies': { ...lying(shortBodies(tree)), unmasked: verified('ContentWrong', /ContentWrong/) },
    'corrupt-bytes': { ...lying(corruptBytes(tree)), unmasked: verified('ContentWrong', /ContentWrong/) },
    'half-missing': {
      ...nginx({ root: trees.half }),
      // Once its missing files are known it may serve the others.
      unmasked: {},
      liesAbout: isInHalf,
    },
    'only-by-rsync': { ...nginx({ root: trees.empty }), unmasked: down(/ContentMissing: .* answered 404/) },
    trickling: { ...lying(tricklingBodies(tree, 500)), unmasked: verified('TooSlow', /TooSlow/) },
    unmounted: {
      ...nginx({ root: trees.mount }),
      lists: 'mount',
      unmasked: { ...down(/ContentMissing/), Held: /^Held=True ListingLost: the listing lacks 24 of 24 files/ },
      mend: () => remount(trees.mount),
    },
    'redirects-elsewhere': {
      ...nginx({ extra: `return 302 ${elsewhere}portal;` }),
      unmasked: down(/RedirectRefused: .* redirects to .*another site/),
    },
    'redirects-forbidden': {
      ...nginx({ extra: `return 302 ${nextDoor}portal;` }),
      spec: { redirectPolicy: 'Forbid' },
      unmasked: down(/RedirectRefused: .*redirectPolicy is Forbid/),
    },
    'redirects-for-ever': {
      ...nginx({ extra: 'return 302 $request_uri;' }),
      unmasked: down(/RedirectRefused: .* redirects more than 5 times/),
    },
    'never-answers': { ...lying(silence), unmasked: down(/Timeout/) },
    'byte-a-second': { ...lying(byteASecond), unmasked: down(/Timeout/) },
    'forbids-bodies': { ...lying(refusedBodies(tree, 403)), unmasked: verified('ContentMissing', /ContentMissing/) },
    'refuses-bodies': { ...lying(refusedBodies(tree, 503)), unmasked: verified('ContentMissing', /ContentMissing/) },
  };
  return new Map(Object.entries({ ...honest, ...liars }));
}

async function unmount(path: string): Promise<void> {
  await rename(path, `${path}.away`);
  await mkdir(path);
}

async function remount(path: string): Promise<void> {
  await rm(path, { recursive: true });
  await rename(`${path}.away`, path);
}

function actor(name: string): Actor {
  const found = cast.get(name);
  assert.ok(found);
  return found;
}

function server(name: string): Server {
  const found = servers.get(name);
  assert.ok(found);
  return found;
}

const isLiar = (name: string): boolean => actor(name).unmasked !== undefined;
const lies = (name: string, path: string): boolean => isLiar(name) && (actor(name).liesAbout ?? (() => true))(path);
const encoded = (path: string): string => `/${path.split('/').map(encodeURIComponent).join('/')}`;

function mirrorAt(url: string): string {
  for (const [name, { url: root }] of servers) if (url.startsWith(root)) return name;
  return url;
}

type Census = {
  /** Clients sent to each mirror. */
  readonly sent: Map<string, number>;
  /** What they got where it was not the file. */
  readonly wrong: Map<string, string[]>;
  /** Mirrors named as alternatives although they lie about that file. */
  readonly lyingAlternatives: Set<string>;
};

/** Every client asks for every file so often, goes where it is sent, and compares what it gets. */
async function count(rounds: number): Promise<Census> {
  const census: Census = { sent: new Map(), wrong: new Map(), lyingAlternatives: new Set() };
  const asks = Array.from({ length: rounds }, () => clients.flatMap((from) => paths.map((path) => ({ from, path }))));
  const waiting = asks.flat().values();
  await Promise.all(
    Array.from({ length: 24 }, async () => {
      for (const { from, path } of waiting) await goDownload(census, path, from);
    }),
  );
  return census;
}

async function goDownload({ sent, wrong, lyingAlternatives }: Census, path: string, from: string): Promise<void> {
  const { status, location, headers } = await geomirror.ask(encoded(path), { from });
  assert.equal(status, 302, path);
  assert.ok(location);
  for (const [, url = ''] of String(headers.link ?? '').matchAll(/<([^>]*)>/g))
    if (lies(mirrorAt(url), path)) lyingAlternatives.add(mirrorAt(url));
  const name = mirrorAt(location);
  sent.set(name, (sent.get(name) ?? 0) + 1);
  const known = truth.get(path);
  assert.ok(known);
  const got = await download(location, known, patienceMs);
  if (!got.right) wrong.set(name, [...(wrong.get(name) ?? []), got.what]);
}

function tell(t: TestContext, when: string, { sent, wrong }: Census): void {
  const all = sum(sent.values());
  const bad = sum([...wrong.values()].map(({ length }) => length));
  t.diagnostic(`${when}: ${bad} of ${all} downloads went wrong (${((bad * 100) / all).toFixed(1)} %)`);
  const shares = [...sent].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, times]) => `${name} ${times}`);
  t.diagnostic(`${when}, clients sent: ${shares.join(', ')}`);
  for (const [name, whats] of wrong) t.diagnostic(`${when}, ${name}: ${whats.length} x such as ${whats[0]}`);
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((a, b) => a + b, 0);

type MirrorStatus = ResourceStatus & {
  readonly inventory?: { readonly timezoneOffset: string; readonly keepsTimes: boolean };
  readonly verification?: {
    readonly wrong: number;
    readonly lastWrong?: { readonly path: string; readonly reason: string };
  };
};

/** /status of every mirror, by name; also notes honest ones that were Ready and are no more. */
async function statuses(): Promise<ReadonlyMap<string, MirrorStatus>> {
  const { items } = JSON.parse((await geomirror.admin('/status')).body) as {
    items: { readonly kind: string; readonly metadata: { readonly name: string }; readonly status: MirrorStatus }[];
  };
  const found = new Map(
    items.filter(({ kind }) => kind === 'Mirror').map(({ metadata, status }) => [metadata.name, status]),
  );
  for (const [name, status] of found) {
    const ready = condition(status, 'Ready');
    if (isLiar(name)) continue;
    if (ready.startsWith('Ready=True')) trusted.add(name);
    else if (trusted.has(name)) slandered.add(`${name} is ${ready}`);
  }
  return found;
}

const trusted = new Set<string>();
const slandered = new Set<string>();

/** What of the reasons that give the liars away is not in /status. */
async function stillCredited(): Promise<string[]> {
  const all = await statuses();
  return [...cast].flatMap(([name, { unmasked = {} }]) =>
    Object.entries(unmasked)
      .map(([type, expected]) => ({ said: condition(all.get(name), type), expected }))
      .filter(({ said, expected }) => !expected.test(said))
      .map(({ said, expected }) => `${name} is "${said}", not ${expected}`),
  );
}

/** Mirrors that the redirector sends nobody to, path by path, with the reason. */
async function excluded(): Promise<{ readonly name: string; readonly path: string; readonly reason: string }[]> {
  const found = await Promise.all(
    paths.map(async (path) => {
      const { body } = await geomirror.ask(encoded(path), { headers: { Accept: 'application/json' } });
      const { ExcludedList = [] } = JSON.parse(body) as {
        ExcludedList?: { readonly Name: string; readonly ExcludeReason: string }[];
      };
      return ExcludedList.map(({ Name: name, ExcludeReason: reason }) => ({ name, path, reason }));
    }),
  );
  return found.flat().filter(({ reason }) => reason !== 'NotDrawn');
}

/**
 * Lies that the redirector would send clients to. Of a mirror that lies about some files each must be known: while it is only
 * withheld, it comes back as soon as a half window of the others looks good.
 */
async function stillServed(): Promise<string[]> {
  const gone = new Map((await excluded()).map(({ name, path, reason }) => [`${name} for ${path}`, reason]));
  return [...cast].flatMap(([name, { liesAbout }]) =>
    paths
      .filter((path) => lies(name, path))
      .map((path) => `${name} for ${path}`)
      .filter((lie) => (liesAbout === undefined ? !gone.has(lie) : gone.get(lie) !== 'WrongSize')),
  );
}

async function stillAway(): Promise<string[]> {
  return (await excluded()).map(({ name, path, reason }) => `${name} for ${path}: ${reason}`);
}

/** Waits until nothing is left. */
async function none(what: string, look: () => Promise<string[]>, limitMs: number): Promise<void> {
  let left: string[] = [];
  const done = async (): Promise<boolean> => (left = await look()).length === 0;
  await eventually(() => `${what}; left:\n${left.join('\n')}`, done, limitMs);
}

async function mend(name: string): Promise<void> {
  const { port, stop } = server(name);
  await stop();
  await actor(name).mend?.();
  const root = actor(name).lists === 'mount' ? grown.mount : grown.tree;
  servers.set(name, await startNginx({ root, port }));
}

test('in a world of lying mirrors', { timeout: 240_000 }, async (t) => {
  const began = Date.now();
  const tellTime = (what: string): void => t.diagnostic(`${what} after ${((Date.now() - began) / 1000).toFixed(0)} s`);

  await t.test('clients are sent to liars before anybody has looked', async () => {
    await eventually(
      'all mirrors to be scanned, and the one that is unmounted then to serve',
      async () => {
        const all = await statuses();
        const isServing = condition(all.get('unmounted'), 'Ready').startsWith('Ready=True');
        return isServing && [...cast.keys()].every((name) => all.get(name)?.inventory !== undefined);
      },
      60_000,
    );
    await unmount(grown.mount);
    tellTime('all scanned');
    const census = await count(1);
    tell(t, 'before', census);
    assert.ok(census.wrong.size > 0);
  });

  await t.test('each lie is found out, and the reason is told', async () => {
    await none('all liars to be found out', stillCredited, 90_000);
    await none('the redirector to know it', stillServed, 60_000);
    tellTime('all found out');
    const all = await statuses();
    const lastWrong = all.get('half-missing')?.verification?.lastWrong;
    assert.equal(lastWrong?.reason, 'ContentMissing');
    assert.ok(isInHalf(lastWrong.path), lastWrong.path);
  });

  await t.test('then no client is sent to a wrong end, and honest mirrors keep their traffic', async () => {
    const census = await count(5);
    tell(t, 'after', census);
    assert.deepEqual([...census.wrong], []);
    assert.deepEqual([...census.lyingAlternatives], []);
    const all = await statuses();
    for (const name of cast.keys()) {
      if (isLiar(name)) continue;
      assert.ok((census.sent.get(name) ?? 0) > 0, name);
      assert.match(condition(all.get(name), 'Verified'), /^Verified=True/, name);
      assert.equal(all.get(name)?.verification?.wrong, 0, name);
    }
    const { inventory } = all.get('two-hours-off') ?? {};
    assert.equal(inventory?.timezoneOffset, '+02:00');
    assert.equal(inventory.keepsTimes, true);
  });

  await t.test('a mirror that is mended comes back by itself', async () => {
    await Promise.all([...cast.keys()].filter(isLiar).map(mend));
    tellTime('all mended');
    await none('all mirrors to serve all files', stillAway, 90_000);
    tellTime('all back');
    const census = await count(5);
    tell(t, 'mended', census);
    assert.deepEqual([...census.wrong], []);
    for (const name of cast.keys()) assert.ok((census.sent.get(name) ?? 0) > 0, name);
    await statuses();
    assert.deepEqual([...slandered], [], 'honest mirrors that were withheld for a while');
  });
});
