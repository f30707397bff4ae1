import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startDemoMirror, type DemoMirror } from './mirror-server.ts';
import { demoTree, linkLatest, writeTree, type DemoFile } from './tree.ts';

/** A world to try geomirror on: a source folder, four mirrors on loopback ports, and the manifests that describe them. */
export type Demo = AsyncDisposable & {
  /** The folder of manifests. */
  readonly manifests: string;
  /** Stops and starts the mirror in Paris: `POST /stop`, `POST /start`. */
  readonly controlURL: string;
};

type Site = {
  readonly name: string;
  readonly latitude: string;
  readonly longitude: string;
  readonly country: string;
  readonly continent: string;
  readonly files: (all: readonly DemoFile[]) => readonly DemoFile[];
};

/** Far enough apart that a country's centre tells which is nearest. */
const sites: readonly Site[] = [
  { name: 'paris', latitude: '48.86', longitude: '2.35', country: 'FR', continent: 'EU', files: (all) => all },
  { name: 'sao-paulo', latitude: '-23.55', longitude: '-46.63', country: 'BR', continent: 'SA', files: (all) => all },
  {
    name: 'new-york',
    latitude: '40.71',
    longitude: '-74.01',
    country: 'US',
    continent: 'NA',
    files: withoutOldRelease,
  },
  { name: 'tokyo', latitude: '35.69', longitude: '139.69', country: 'JP', continent: 'AS', files: beforeLastRelease },
];

/** The partial mirror: lacks the oldest release. */
function withoutOldRelease(all: readonly DemoFile[]): readonly DemoFile[] {
  return all.filter(({ path }) => !path.startsWith('1.0/'));
}

/** The outdated mirror: lacks the newest release and has yesterday's checksums. */
function beforeLastRelease(all: readonly DemoFile[]): readonly DemoFile[] {
  return all
    .filter(({ path }) => !path.startsWith('1.2/'))
    .map(({ path, content, modifiedAt }) => {
      const known = path === 'SHA256SUMS' ? content.subarray(0, content.length / 2) : content;
      return { path, content: known, modifiedAt };
    });
}

export async function startDemo(): Promise<Demo> {
  const folder = await mkdtemp(join(tmpdir(), 'geomirror-demo-'));
  const [source, manifests] = [join(folder, 'source'), join(folder, 'manifests')];
  const tree = demoTree();
  await writeTree(source, tree);
  await linkLatest(source);
  await mkdir(manifests);
  await writeFile(join(manifests, 'repository.yaml'), stringify(repository(source)));
  const mirrors: DemoMirror[] = [];
  for (const site of sites) {
    const root = join(folder, 'mirrors', site.name);
    await writeTree(root, site.files(tree));
    const mirror = await startDemoMirror(site.name, root);
    mirrors.push(mirror);
    await writeFile(join(manifests, `${site.name}.yaml`), stringify(mirrorManifest(site, mirror.url)));
  }
  const control = await startControl(mirrors[0]);
  return {
    manifests,
    controlURL: control.url,
    async [Symbol.asyncDispose]() {
      control.server.close();
      for (const mirror of mirrors) await mirror.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const apiVersion = 'geomirror.io/v1alpha1';

const repository = (source: string): object => ({
  apiVersion,
  kind: 'Repository',
  metadata: { name: 'demo' },
  spec: { source: { directory: { path: source }, interval: '10s' } },
});

const mirrorManifest = ({ name, latitude, longitude, country, continent }: Site, url: string): object => ({
  apiVersion,
  kind: 'Mirror',
  metadata: { name },
  spec: {
    repositoryRef: { name: 'demo' },
    endpoints: [{ url }],
    scan: { interval: '15s' },
    healthCheck: { interval: '2s', failureThreshold: 2, successThreshold: 1, timeout: '2s' },
    location: { latitude, longitude, country, continent },
  },
});

async function startControl(
  mirror: DemoMirror | undefined,
): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((request, response) => {
    const act =
      request.method !== 'POST' ? undefined : { '/stop': mirror?.stop, '/start': mirror?.start }[request.url ?? ''];
    if (act === undefined) return void response.writeHead(404).end('POST /stop or POST /start\n');
    act().then(
      () => response.end(`the mirror in Paris is ${mirror?.isRunning() === true ? 'running' : 'stopped'}\n`),
      (error: unknown) => response.writeHead(500).end(`${String(error)}\n`),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { server, url: `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}` };
}
