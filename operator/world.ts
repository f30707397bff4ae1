import type { Slot } from '@geomirror/catalog/manifest.ts';
import type { MirrorState } from './mirror/state.ts';
import type { Resources } from './ports.ts';
import type { RepositoryState } from './repository/state.ts';
import type { Mirror } from './resources/mirror.ts';
import type { Repository } from './resources/repository.ts';

/** All that the operator knows beyond resources, by UID: a resource made anew under an old name starts afresh. */
export type World = {
  readonly repositories: Map<string, RepositoryState>;
  readonly mirrors: Map<string, MirrorState>;
};

export const createWorld = (): World => ({ repositories: new Map(), mirrors: new Map() });

type Named = { readonly metadata: { readonly namespace: string; readonly name: string } };

/** `namespace/name`. */
export const keyOf = ({ metadata }: Named): Slot => `${metadata.namespace}/${metadata.name}`;

/** `namespace/name` of the Repository that a Mirror belongs to. */
export const repositoryKeyOf = ({ metadata, spec }: Mirror): Slot => `${metadata.namespace}/${spec.repositoryRef.name}`;

export const findRepository = (resources: Resources, key: string): Repository | undefined =>
  resources.repositories().find((repository) => keyOf(repository) === key);

export const mirrorsOf = (resources: Resources, repository: Repository): Mirror[] =>
  resources.mirrors().filter((mirror) => repositoryKeyOf(mirror) === keyOf(repository));
