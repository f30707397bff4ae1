import type { FileVersion } from '@geomirror/catalog/file.ts';
import { paced } from '@geomirror/catalog/pace.ts';
import { editTable, emptyTable } from '@geomirror/catalog/table-edit.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import type { Mirror, MirrorStatus } from './resources/mirror.ts';
import type { Repository, RepositoryStatus } from './resources/repository.ts';
import type { Resources } from './ports.ts';
import type { ListedFile } from './scan/listing.ts';

type Named = { readonly path: string };

/** For tests: a file of 100 bytes and the year 2001, and whatever else is given. */
export const sampleFile = (given: Named & Partial<FileVersion>): FileVersion => ({
  size: 100,
  modifiedAt: 1_000_000_000,
  timeSlack: 0,
  digests: {},
  ...given,
});

/** For tests: the same file as an exact listing shows it. */
export const sampleListed = (given: Named & Partial<ListedFile>): ListedFile => ({
  kind: 'File',
  size: 100,
  sizeSlack: 0,
  modifiedAt: 1_000_000_000,
  timeSlack: 0,
  ...given,
});

/** For tests: a table of these files, numbered in their order. */
export async function sampleTable(files: Iterable<FileVersion>): Promise<Table> {
  const edit = editTable(emptyTable());
  for (const file of files) edit.add(file);
  return edit.finish(paced());
}

type Given<R extends Repository | Mirror> = {
  readonly metadata?: Partial<R['metadata']>;
  readonly spec?: Partial<R['spec']>;
};

/** For tests: a Repository with the defaults of the CRD, and whatever else is given. */
export function sampleRepository({ metadata, spec }: Given<Repository> = {}): Repository {
  return {
    apiVersion: 'geomirror.io/v1alpha1',
    kind: 'Repository',
    metadata: {
      name: 'repo',
      namespace: 'ns',
      uid: 'repo-uid',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...metadata,
    },
    spec: {
      hosts: [],
      pathPrefix: '/',
      source: { directory: { path: '/srv' }, interval: '5m', include: [], exclude: ['**/.~tmp~/**'] },
      checksums: { compute: ['SHA256'], files: [], pieces: { torrent: false, zsync: false } },
      freshness: { compare: 'Auto', timeTolerance: '2s', maxLag: '1h', rules: [] },
      retainRemovedFor: '1h',
      selection: {
        strategy: 'Proximity',
        rangePercent: 150,
        stickiness: 'None',
        alternatives: 5,
        maxSharePercent: 100,
        mirrorbitsZeroASMatches: false,
      },
      protocol: { upgradeToHTTPS: true },
      redirectPolicy: 'SameSite',
      fallbacks: [],
      archive: [],
      scanGuard: { maxRemovedPercent: 20 },
      statistics: { topFiles: 1000, dailyRetentionDays: 90, monthlyRetentionMonths: 36, sameDownloadInterval: '10m' },
      output: 'Auto',
      pages: {},
      ...spec,
    },
    status: {},
  };
}

/** For tests: a Mirror of that Repository with the defaults of the CRD, and whatever else is given. */
export function sampleMirror({ metadata, spec }: Given<Mirror> = {}): Mirror {
  return {
    apiVersion: 'geomirror.io/v1alpha1',
    kind: 'Mirror',
    metadata: {
      name: 'mirror',
      namespace: 'ns',
      uid: 'mirror-uid',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...metadata,
    },
    spec: {
      repositoryRef: { name: 'repo' },
      endpoints: [{ url: 'https://mirror.example/' }],
      scan: { endpoints: [], method: 'Listing', sampleSize: 200, interval: '30m', timeout: '20m' },
      weight: 100,
      audience: { scope: 'Anyone', networks: [], excludedCountries: [] },
      healthCheck: { interval: '1m', timeout: '10s', failureThreshold: 3, successThreshold: 2, path: '' },
      verification: { window: 60, maxWrongPercent: 5, maxBytesPerHour: '20Mi' },
      mode: 'Active',
      ...spec,
    },
    status: {},
  };
}

/** For tests: resources in memory, and the statuses that were written. */
export type SampleResources = Resources & {
  readonly held: { repositories: readonly Repository[]; mirrors: readonly Mirror[] };
  readonly repositoryStatuses: Map<string, RepositoryStatus>;
  readonly mirrorStatuses: Map<string, MirrorStatus>;
};

export function sampleResources(
  repositories: readonly Repository[] = [sampleRepository()],
  mirrors: readonly Mirror[] = [sampleMirror()],
): SampleResources {
  const held = { repositories, mirrors };
  const repositoryStatuses = new Map<string, RepositoryStatus>();
  const mirrorStatuses = new Map<string, MirrorStatus>();
  return {
    held,
    repositoryStatuses,
    mirrorStatuses,
    repositories: () => held.repositories,
    mirrors: () => held.mirrors,
    repositoryStatus: (uid) => repositoryStatuses.get(uid),
    mirrorStatus: (uid) => mirrorStatuses.get(uid),
    secret: () => Promise.resolve(undefined),
  };
}
