import type { Logger } from 'pino';
import type { Location } from '@geomirror/catalog/policy.ts';
import type { AddressGuard } from './network/guard.ts';
import type { HTTPClient } from './network/client.ts';
import type { Mirror, MirrorStatus } from './resources/mirror.ts';
import type { Repository, RepositoryStatus } from './resources/repository.ts';

/** The resources as they are now: an API server's cache, or a folder of manifests. */
export type Resources = {
  readonly repositories: () => readonly Repository[];
  readonly mirrors: () => readonly Mirror[];
  /** The status written last, by UID; undefined for a resource that has none yet. */
  readonly repositoryStatus: (uid: string) => RepositoryStatus | undefined;
  readonly mirrorStatus: (uid: string) => MirrorStatus | undefined;
  /** Decoded data of a Secret, undefined if there is none; asked at each use and never kept. */
  readonly secret: (namespace: string, name: string) => Promise<Readonly<Record<string, string>> | undefined>;
};

/** Where status goes. Called only when it changed. */
export type StatusSink = {
  readonly repository: (repository: Repository, status: RepositoryStatus) => Promise<void>;
  readonly mirror: (mirror: Mirror, status: MirrorStatus) => Promise<void>;
};

/** What GeoIP says of an address; undefined where it says nothing. */
export type Locate = (address: string) => Omit<Location, 'additionalCountries' | 'networks' | 'global'> | undefined;

/** The world outside as every part of the operator gets it. */
export type Outside = {
  readonly client: HTTPClient;
  readonly guard: AddressGuard;
  readonly log: Logger;
  /** Unix ms. */
  readonly now: () => number;
  /** [0, 1). */
  readonly random: () => number;
};
