import type { Resources, StatusSink } from '@geomirror/operator/ports.ts';
import type { Mirror, MirrorStatus } from '@geomirror/operator/resources/mirror.ts';
import type { Repository, RepositoryStatus } from '@geomirror/operator/resources/repository.ts';
import type { ManifestSet } from './manifests/watch.ts';

/** A folder of manifests in the place of an API server: resources by file, statuses in memory. */
export type FolderResources = {
  readonly resources: Resources;
  readonly sink: StatusSink;
  readonly replace: (set: ManifestSet) => void;
  /** Every Repository and Mirror with its status as a JSON list, without what must not leave through HTTP. */
  readonly list: () => object;
};

const nothing: ManifestSet = { repositories: [], mirrors: [], secrets: [], problems: [] };

export function createFolderResources(): FolderResources {
  let current = nothing;
  const repositoryStatuses = new Map<string, RepositoryStatus>();
  const mirrorStatuses = new Map<string, MirrorStatus>();
  const setStatus = <S>(statuses: Map<string, S>, resource: Repository | Mirror, status: S): Promise<void> => {
    statuses.set(resource.metadata.uid, status);
    return Promise.resolve();
  };
  return {
    resources: {
      repositories: () => current.repositories,
      mirrors: () => current.mirrors,
      repositoryStatus: (uid) => repositoryStatuses.get(uid),
      mirrorStatus: (uid) => mirrorStatuses.get(uid),
      secret: (namespace, name) =>
        Promise.resolve(
          current.secrets.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name)?.values,
        ),
    },
    sink: {
      repository: (repository, status) => setStatus(repositoryStatuses, repository, status),
      mirror: (mirror, status) => setStatus(mirrorStatuses, mirror, status),
    },
    replace(set) {
      current = set;
      const uids = new Set([...set.repositories, ...set.mirrors].map(({ metadata }) => metadata.uid));
      for (const statuses of [repositoryStatuses, mirrorStatuses]) {
        for (const uid of statuses.keys()) if (!uids.has(uid)) statuses.delete(uid);
      }
    },
    list: () => ({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        ...current.repositories.map((repository) => ({
          ...repository,
          status: repositoryStatuses.get(repository.metadata.uid) ?? {},
        })),
        ...current.mirrors.map((mirror) => ({
          ...mirror,
          spec: publicSpec(mirror),
          status: mirrorStatuses.get(mirror.metadata.uid) ?? {},
        })),
      ],
      problems: current.problems,
    }),
  };
}

/** Without `spec.admin`: names and e-mail addresses of people stay inside. */
function publicSpec({ spec }: Mirror): Omit<Mirror['spec'], 'admin'> {
  const { admin: _admin, ...rest } = spec;
  return rest;
}
