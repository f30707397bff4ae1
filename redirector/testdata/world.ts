import type { Availability, FileVersion } from '@geomirror/catalog/file.ts';
import type { EndpointHealth, Health } from '@geomirror/catalog/health.ts';
import type { Manifest, Slot } from '@geomirror/catalog/manifest.ts';
import type { Location, Policy, SelectionPolicy } from '@geomirror/catalog/policy.ts';
import { sampleManifest } from '@geomirror/catalog/store/samples.ts';
import { loadView } from '@geomirror/catalog/view.ts';
import { buildCatalog, type BuiltCatalog, type MirrorPlan } from '@geomirror/e2e/bench/build-catalog.ts';
import type { Answer } from '../answer/answer.ts';
import { createJSONAnswer } from '../answer/json.ts';
import { readTrustedProxies, rememberClients } from '../client.ts';
import { route, type Request, type RouteDeps } from '../route.ts';
import { createChooser } from '../select/choose.ts';
import type { Place } from '../select/types.ts';
import { place } from '../select/world.test-support.ts';
import { createRepositories } from '../view/repositories.ts';
import { serveRepository } from '../view/repository.ts';
import type { View } from '../view/view.ts';

/** For tests: 2026-11-23 08:00 UTC, Unix ms. */
export const now = 1_795_420_800_000;

/** A file with a time an hour before `now`. */
export function file(path: string, given: Partial<FileVersion> = {}): FileVersion {
  return { path, size: 1000, modifiedAt: now / 1000 - 3600, timeSlack: 0, digests: {}, ...given };
}

const nowhere: Location = { additionalCountries: [], asns: [], networks: [], global: false };
export const paris: Location = { ...nowhere, latitude: 48.86, longitude: 2.35, country: 'FR', continent: 'EU' };
export const berlin: Location = { ...nowhere, latitude: 52.52, longitude: 13.4, country: 'DE', continent: 'EU' };
export const newYork: Location = { ...nowhere, latitude: 40.71, longitude: -74, country: 'US', continent: 'NA' };
export const tokyo: Location = { ...nowhere, latitude: 35.68, longitude: 139.69, country: 'JP', continent: 'AS' };

/** A mirror under https://<name>.example/, with 1 (Current) for every file unless told otherwise. */
export function mirror(
  name: string,
  location: Location,
  given: Partial<MirrorPlan['record']> & { readonly has?: (number: number) => Availability } = {},
): MirrorPlan {
  const { has = () => 1, ...rest } = given;
  const record = {
    name,
    uid: `uid-${name}`,
    endpoints: [`https://${name}.example/`],
    location,
    weight: 100,
    audience: { scope: 'Anyone' as const, networks: [], excludedCountries: [] },
    mode: 'Active' as const,
    ...rest,
  };
  return { record, has };
}

/** Everything up, but for what is given. */
export function health(mirrors: readonly MirrorPlan[], given: Partial<Health> = {}): Health {
  const { uid } = sampleManifest();
  const up = (url: string): EndpointHealth => ({ url, up: true, since: now - 86_400_000 });
  const entries = mirrors.map(({ record }) => [record.uid, { endpoints: record.endpoints.map(up) }] as const);
  return {
    schema: 1,
    uid,
    writtenAt: now,
    fallbacks: {},
    ...given,
    mirrors: { ...Object.fromEntries(entries), ...given.mirrors },
  };
}

/** The health of an endpoint that does not answer. */
export function down(...urls: readonly string[]): { readonly endpoints: readonly EndpointHealth[] } {
  const endpoint = (url: string) => ({
    url,
    up: false,
    since: now - 60_000,
    reason: 'Unreachable: connection refused',
  });
  return { endpoints: urls.map(endpoint) };
}

const nobody = place({ family: undefined });

const lyon: Place = {
  ...nobody,
  key: 'lyon',
  accuracy: 'City',
  latitude: 45.76,
  longitude: 4.84,
  country: 'FR',
  continent: 'EU',
  city: 'Lyon',
  asn: 3215,
  asName: 'Orange',
  family: 4,
};

const boston: Place = {
  ...nobody,
  key: 'boston',
  accuracy: 'City',
  latitude: 42.36,
  longitude: -71.06,
  country: 'US',
  continent: 'NA',
  family: 4,
};
const osaka6: Place = {
  ...nobody,
  key: 'osaka',
  accuracy: 'City',
  latitude: 34.69,
  longitude: 135.5,
  country: 'JP',
  continent: 'AS',
  family: 6,
};

const places: Readonly<Record<string, Place>> = { '192.0.2.1': lyon, '192.0.2.2': boston, '2001:db8::1': osaka6 };

export type WorldPlan = {
  readonly files: readonly FileVersion[];
  readonly links?: readonly { readonly path: string; readonly target: string }[];
  readonly mirrors: readonly MirrorPlan[];
  readonly policy?: Partial<Omit<Policy, 'selection'>> & { readonly selection?: Partial<SelectionPolicy> };
  readonly manifest?: Partial<Manifest>;
  readonly health?: Partial<Health>;
};

/** The sample policy, with what is given. */
export function policyOf(given: WorldPlan['policy'] = {}): Policy {
  const { policy } = sampleManifest();
  return { ...policy, ...given, selection: { ...policy.selection, ...given.selection } };
}

/** Encodes the catalog of a plan. */
export function build(plan: WorldPlan): Promise<BuiltCatalog> {
  return buildCatalog({ ...plan, manifest: { policy: policyOf(plan.policy), ...plan.manifest } });
}

export type World = {
  readonly view: View;
  readonly deps: RouteDeps;
  readonly request: (target: string, given?: Partial<Request>) => Request;
  /** The answer to a GET from Lyon. */
  readonly ask: (target: string, given?: Partial<Request>) => Answer;
};

/** A redirector's insides over these repositories; the nearest mirror of those in the band is drawn. */
export async function createWorld(...plans: readonly WorldPlan[]): Promise<World> {
  const repositories = plans.map(async (plan, at) => {
    const { manifest, pages, lists } = await build(plan);
    const all = new Map([...pages, ...lists.map(({ name, bytes }) => [name, bytes] as const)]);
    const catalog = await loadView({ fetchPages: async () => all }, manifest);
    const slot: Slot = `mirrors/repository-${at}`;
    return serveRepository(slot, catalog, health(plan.mirrors, plan.health));
  });
  const view: View = {
    repositories: createRepositories(await Promise.all(repositories)),
    place: (address) => places[address] ?? nobody,
  };
  const { proxies } = readTrustedProxies(['127.0.0.0/8']);
  const deps = {
    view: () => view,
    trusted: proxies,
    clientAddress: rememberClients(proxies),
    now: () => now,
    draw: () => 0,
    choose: createChooser(),
    describe: createJSONAnswer(),
    onAsked: () => undefined,
  };
  const request: World['request'] = (target, given = {}) => ({
    method: 'GET',
    target,
    host: 'get.example',
    peer: '192.0.2.1',
    forwardedFor: undefined,
    forwardedProto: undefined,
    accept: undefined,
    ifNoneMatch: undefined,
    ifModifiedSince: undefined,
    ...given,
  });
  return { view, deps, request, ask: (target, given) => route(deps, request(target, given)).answer };
}

/** The values of a header. */
export function headers(answer: Answer, name: string): readonly string[] {
  return answer.headers.filter((_, at) => at % 2 === 1 && answer.headers[at - 1] === name);
}

/** Where an answer leads. */
export function leadsTo(answer: Answer): string | undefined {
  return headers(answer, 'Location')[0];
}
