import type { Manifest } from '@geomirror/catalog/manifest.ts';
import type { Place } from '../select/types.ts';
import type { Repositories } from './repositories.ts';
import type { ServedRepository } from './repository.ts';

/** All that a request is answered from: one immutable value, swapped whole. */
export type View = {
  readonly repositories: Repositories<ServedRepository>;
  /** Where a client is; `address` is '' where it is unknown. */
  readonly place: (address: string) => Place;
};

/** The CIDRs that the resources of a repository list: narrower than those of a database, perhaps. */
export function listedNetworks({ mirrors, policy }: Manifest): readonly string[] {
  return [
    ...mirrors.flatMap((mirror) => [...mirror.location.networks, ...mirror.audience.networks]),
    ...policy.fallbacks.flatMap((fallback) => fallback.location.networks),
  ];
}
