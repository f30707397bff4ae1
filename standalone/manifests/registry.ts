import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Mirror } from '@geomirror/operator/resources/mirror.ts';
import type { Repository } from '@geomirror/operator/resources/repository.ts';
import type { DraftMeta, ParsedResource, ResourceKey, Secret } from './parse.ts';

/** A resource as the folder gives it now. `bornAt`: Unix ms of its document, used when it is seen for the first time. */
export type Given = { readonly key: ResourceKey; readonly resource: ParsedResource; readonly bornAt: number };

export type Resources = {
  readonly repositories: readonly Repository[];
  readonly mirrors: readonly Mirror[];
  readonly secrets: readonly Secret[];
};

/** Gives resources what an API server would: uid, generation and creationTimestamp. */
export type Registry = {
  /** The version accepted last; undefined: not there. */
  readonly get: (key: ResourceKey) => Resource | undefined;
  /**
   * Takes in what is there now, in this order, and `kept` besides, as it was. All others are gone: under the same name they
   * would come back with another uid. What has not changed is the same object as before.
   */
  readonly update: (given: readonly Given[], kept: ReadonlySet<ResourceKey>) => Resources;
};

type Resource = Repository | Mirror | Secret;

export function createRegistry(): Registry {
  let current: ReadonlyMap<ResourceKey, Resource> = new Map();
  const lives = new Map<ResourceKey, number>();
  return {
    get: (key) => current.get(key),
    update: (given, kept) => {
      const next = new Map<ResourceKey, Resource>();
      for (const one of given) next.set(one.key, renewed(one, current.get(one.key), lives));
      for (const [key, resource] of current) if (kept.has(key) && !next.has(key)) next.set(key, resource);
      for (const key of current.keys()) if (!next.has(key)) lives.set(key, (lives.get(key) ?? 0) + 1);
      current = next;
      return byKind([...next.values()]);
    },
  };
}

function renewed(
  { key, resource, bornAt }: Given,
  before: Resource | undefined,
  lives: ReadonlyMap<ResourceKey, number>,
): Resource {
  if (resource.kind === 'Secret') return before && isDeepStrictEqual(resource, before) ? before : resource;
  const { metadata, spec } = before === undefined || before.kind === 'Secret' ? newborn(key, bornAt, lives) : before;
  const { uid, generation, creationTimestamp } = metadata;
  const isChanged = !isDeepStrictEqual(resource.spec, spec);
  const next = {
    ...described(resource.metadata),
    uid,
    generation: generation + (isChanged ? 1 : 0),
    creationTimestamp,
  };
  return before && !isChanged && isDeepStrictEqual(next, metadata) ? before : { ...resource, metadata: next };
}

function newborn(key: ResourceKey, bornAt: number, lives: ReadonlyMap<ResourceKey, number>) {
  const metadata = {
    uid: uidOf(key, lives.get(key) ?? 0),
    generation: 0,
    creationTimestamp: new Date(bornAt).toISOString(),
  };
  return { metadata, spec: undefined };
}

/** Without what only an API server may say. */
function described({ name, namespace, labels, annotations }: DraftMeta): DraftMeta {
  return { name, namespace, ...(labels && { labels }), ...(annotations && { annotations }) };
}

/** The same for the same resource in every process, so that what is stored under it is found again (RFC 9562, version 8). */
function uidOf(key: ResourceKey, life: number): string {
  const hex = createHash('sha256').update(`${key} ${life}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function byKind(resources: readonly Resource[]): Resources {
  return {
    repositories: resources.filter((resource) => resource.kind === 'Repository'),
    mirrors: resources.filter((resource) => resource.kind === 'Mirror'),
    secrets: resources.filter((resource) => resource.kind === 'Secret'),
  };
}
