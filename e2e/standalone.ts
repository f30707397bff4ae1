import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { freePort, startProcess, type Running } from './servers/process.ts';

/** geomirror standalone as its users run it: a process, a folder of manifests, HTTP. */
export type Standalone = AsyncDisposable & {
  /** `http://127.0.0.1:<port>`, what clients ask. */
  readonly url: string;
  readonly process: Running;
  /** Writes or replaces one manifest file; it is noticed by the watch. */
  readonly apply: (resource: ManifestResource) => Promise<void>;
  readonly remove: (resource: Pick<ManifestResource, 'kind' | 'metadata'>) => Promise<void>;
  /** Writes one file of the folder of manifests as it is, broken or not. */
  readonly write: (file: string, text: string) => Promise<void>;
  /** What `/status` says is wrong with the manifests. */
  readonly problems: () => Promise<readonly ManifestProblem[]>;
  /** `/status` of one resource by kind and name, undefined if it is not there. */
  readonly status: (kind: string, name: string) => Promise<ResourceStatus | undefined>;
  /** Asks like a client; `from` is its address, `path` goes out as it is. */
  readonly ask: (path: string, options?: AskOptions) => Promise<Asked>;
  readonly admin: (path: string) => Promise<Asked>;
  /** Ends the process and starts it again on the same ports, manifests and store. */
  readonly restart: () => Promise<void>;
};

export type ManifestResource = {
  readonly apiVersion?: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: unknown;
  readonly stringData?: Readonly<Record<string, string>>;
};

export type ManifestProblem = {
  readonly file: string;
  /** From 1; 0: the file as a whole. */
  readonly document: number;
  readonly resource: string;
  readonly field: string;
  readonly message: string;
};

export type ResourceStatus = {
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
  }[];
  readonly [field: string]: unknown;
};

export type AskOptions = {
  readonly from?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
};
export type Asked = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly location: string | undefined;
  readonly body: string;
};

export async function startStandalone(env: Readonly<Record<string, string>> = {}): Promise<Standalone> {
  const folder = await mkdtemp(join(tmpdir(), 'geomirror-e2e-'));
  const manifests = join(folder, 'manifests');
  await mkdir(manifests);
  const ports = { clients: await freePort(), admin: await freePort() };
  const start = (): Promise<Running> => startProgram(folder, manifests, ports, env);
  let running = await start();
  const admin = (path: string): Promise<Asked> => ask(ports.admin, path);
  return {
    url: `http://127.0.0.1:${ports.clients}`,
    get process() {
      return running;
    },
    admin,
    ask: (path, options) => ask(ports.clients, path, options),
    async apply(resource) {
      const apiVersion = resource.kind === 'Secret' ? 'v1' : 'geomirror.io/v1alpha1';
      await writeFile(manifestFile(manifests, resource), stringify({ apiVersion, ...resource }));
    },
    remove: (resource) => rm(manifestFile(manifests, resource)),
    write: (file, text) => writeFile(join(manifests, file), text),
    async problems() {
      const { problems } = JSON.parse((await admin('/status')).body) as { problems: readonly ManifestProblem[] };
      return problems;
    },
    async status(kind, name) {
      const { items } = JSON.parse((await admin('/status')).body) as {
        items: (ManifestResource & { status: ResourceStatus })[];
      };
      return items.find((item) => item.kind === kind && item.metadata.name === name)?.status;
    },
    async restart() {
      await running.stop();
      running = await start();
    },
    async [Symbol.asyncDispose]() {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Ports = { readonly clients: number; readonly admin: number };

function startProgram(
  folder: string,
  manifests: string,
  ports: Ports,
  env: Readonly<Record<string, string>>,
): Promise<Running> {
  return startProcess({
    file: process.execPath,
    args: [join(import.meta.dirname, '..', 'standalone', 'main.ts')],
    env: {
      GEOMIRROR_LISTEN: `127.0.0.1:${ports.clients}`,
      GEOMIRROR_ADMIN_LISTEN: `127.0.0.1:${ports.admin}`,
      GEOMIRROR_MANIFESTS: manifests,
      GEOMIRROR_STORE: `file:${join(folder, 'store')}`,
      GEOMIRROR_ALLOW_PRIVATE_MIRRORS: 'true',
      GEOMIRROR_TRUSTED_PROXIES: '127.0.0.0/8',
      ...env,
    },
    port: ports.clients,
  });
}

const manifestFile = (folder: string, { kind, metadata }: Pick<ManifestResource, 'kind' | 'metadata'>): string =>
  join(folder, `${kind}-${metadata.name}.yaml`.toLowerCase());

/** Asks a loopback port like a client; `from` is its address, `path` goes out as it is. */
export function ask(
  port: number,
  path: string,
  { from, method = 'GET', headers = {} }: AskOptions = {},
): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const forwarded = from === undefined ? {} : { 'X-Forwarded-For': from };
    const sent = request(
      { host: '127.0.0.1', port, path, method, headers: { ...forwarded, ...headers }, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            location: response.headers.location,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

/** Looks again and again until `look` gives something (not undefined, not false); says what it waited for when it gives up. */
export async function eventually<T>(
  what: string | (() => string),
  look: () => Promise<T | undefined | false> | T | undefined | false,
  limitMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline)
      throw new Error(`waited ${limitMs / 1000} s in vain for ${typeof what === 'string' ? what : what()}`);
    await sleep(50);
  }
}

/** The reason and message of one condition as `Type=Status Reason: message`; '' if it is not there. */
export function condition(status: ResourceStatus | undefined, type: string): string {
  const found = status?.conditions?.find((each) => each.type === type);
  return found === undefined ? '' : `${found.type}=${found.status} ${found.reason}: ${found.message}`;
}
