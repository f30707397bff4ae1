import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTree, startFileServer, type FileServer, type Tree } from './servers/file-server.ts';
import {
  eventually,
  startStandalone,
  type ManifestResource,
  type ResourceStatus,
  type Standalone,
} from './standalone.ts';

/** Two hours ago, in Unix seconds: the time of the files that a world begins with. */
export const longAgo = Math.floor(Date.now() / 1000) - 7200;

/** A client in Germany and one in Japan, by the country database that comes with geomirror. */
export const clients = { DE: '5.9.0.1', JP: '133.1.0.1' } as const;

const places = {
  DE: { latitude: '50.11', longitude: '8.68', country: 'DE', continent: 'EU' },
  JP: { latitude: '35.69', longitude: '139.69', country: 'JP', continent: 'AS' },
} as const;

type Held = { readonly id: string; readonly removed: number };

/** What the tests read of the status of a Repository. */
export type RepositoryStatus = Pick<ResourceStatus, 'conditions'> & {
  readonly files?: number;
  readonly revision?: number;
  readonly lastIndex?: { readonly startedAt: string; readonly message: string };
  readonly held?: Held;
  readonly mirrors?: { readonly total: number; readonly ready: number };
  readonly lastHandledScanRequest?: string;
  readonly lastHandledPublishRequest?: string;
};

/** What the tests read of the status of a Mirror. */
export type MirrorStatus = Pick<ResourceStatus, 'conditions'> & {
  readonly inventory?: {
    readonly protocol: string;
    readonly current: number;
    readonly outdated: number;
    readonly wrongSize: number;
    readonly keepsTimes: boolean;
  };
  readonly held?: Held;
  readonly lastHandledScanRequest?: string;
};

/** A source, a mirror in Germany that equals it, a fallback, and geomirror in front of them. */
export type MirrorWorld = AsyncDisposable & {
  readonly geomirror: Standalone;
  readonly source: Tree;
  /** In Germany. */
  readonly near: FileServer;
  /** In Japan. */
  readonly far: FileServer;
  /** Serves the source's own tree. */
  readonly fallback: FileServer;
  /** Applies the Repository `tree`, its spec completed by what is given. */
  readonly applyRepository: (options?: Partial<RepositoryOptions>) => Promise<void>;
  /** Applies the Mirror `near` or `far`. */
  readonly applyMirror: (name: 'near' | 'far', options?: Partial<MirrorOptions>) => Promise<void>;
  readonly repositoryStatus: () => Promise<RepositoryStatus>;
  readonly mirrorStatus: (name: 'near' | 'far') => Promise<MirrorStatus>;
  /** Where a client in Germany is sent for a path: `near`, `far`, `fallback`, or the status. */
  readonly sentTo: (path: string, from?: string) => Promise<string>;
  /** Waits until it is so. */
  readonly sends: (path: string, to: string, from?: string) => Promise<void>;
};

export type RepositoryOptions = {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly annotations: Readonly<Record<string, string>>;
};
export type MirrorOptions = RepositoryOptions & { readonly scanInterval: string };

/** Nothing is applied yet; `env` is for geomirror. */
export async function startMirrorWorld(env: Readonly<Record<string, string>> = {}): Promise<MirrorWorld> {
  const stack = new AsyncDisposableStack();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'geomirror-mirror-world-'));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const source = await makeTree(join(folder, 'source'));
    await source.write(firstFiles, longAgo);
    await symlink('1.2', join(source.path, 'latest'));
    const serve = async (name: string): Promise<FileServer> =>
      stack.use(await startFileServer(await makeTree(join(folder, name))));
    const servers = { near: await serve('near'), far: await serve('far') };
    for (const { tree } of Object.values(servers)) await tree.follow(source);
    const fallback = stack.use(await startFileServer(source));
    const geomirror = stack.use(await startStandalone(env));
    const held = stack.move();
    return {
      ...servers,
      source,
      fallback,
      geomirror,
      ...asking(geomirror, { ...servers, fallback }),
      ...applying(geomirror, source, servers, fallback),
      [Symbol.asyncDispose]: () => held.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** Enough files that the loss of one is no mass loss. */
const firstFiles: Readonly<Record<string, string>> = {
  '1.2/player.zip': 'player 1.2',
  '1.2/player.tar': 'player 1.2 as tar',
  'index/packages': 'player 1.2',
  ...Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`old/file-${i}.bin`, `content of file ${i}`])),
};

type Servers = Readonly<Record<'near' | 'far', FileServer>>;

function applying(
  geomirror: Standalone,
  source: Tree,
  servers: Servers,
  fallback: FileServer,
): Pick<MirrorWorld, 'applyRepository' | 'applyMirror'> {
  return {
    applyRepository: ({ spec = {}, annotations = {} } = {}) =>
      geomirror.apply({
        kind: 'Repository',
        metadata: { name: 'tree', annotations },
        spec: {
          source: { directory: { path: source.path }, interval: '1s' },
          fallbacks: [{ name: 'origin', url: fallback.url }],
          ...spec,
        },
      }),
    applyMirror: (name, { spec = {}, annotations = {}, scanInterval = '1s' } = {}) =>
      geomirror.apply(mirrorManifest(name, servers[name], { spec, annotations, scanInterval })),
  };
}

function mirrorManifest(
  name: 'near' | 'far',
  server: FileServer,
  { spec, annotations, scanInterval }: MirrorOptions,
): ManifestResource {
  return {
    kind: 'Mirror',
    metadata: { name, annotations },
    spec: {
      repositoryRef: { name: 'tree' },
      endpoints: [{ url: server.url }],
      scan: { endpoints: [{ url: server.rsyncURL }], interval: scanInterval },
      location: name === 'near' ? places.DE : places.JP,
      healthCheck: { interval: '1s', timeout: '2s', failureThreshold: 2, successThreshold: 2 },
      ...spec,
    },
  };
}

function asking(
  geomirror: Standalone,
  servers: Servers & { readonly fallback: FileServer },
): Pick<MirrorWorld, 'repositoryStatus' | 'mirrorStatus' | 'sentTo' | 'sends'> {
  const sentTo = async (path: string, from: string = clients.DE): Promise<string> => {
    const { status, location } = await geomirror.ask(path, { from });
    if (location === undefined) return String(status);
    return Object.entries(servers).find(([, { url }]) => location === url + path.slice(1))?.[0] ?? location;
  };
  return {
    repositoryStatus: async () => (await geomirror.status('Repository', 'tree')) ?? {},
    mirrorStatus: async (name) => (await geomirror.status('Mirror', name)) ?? {},
    sentTo,
    async sends(path, to, from) {
      let last = '';
      await eventually(
        () => `${path} to be answered by ${to}; last it was by ${last}\n${geomirror.process.output()}`,
        async () => (last = await sentTo(path, from)) === to,
      );
    },
  };
}
