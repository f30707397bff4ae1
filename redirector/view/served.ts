import type { Slot } from '@geomirror/catalog/manifest.ts';
import { createRepositories } from './repositories.ts';
import type { ServedRepository } from './repository.ts';
import { listedNetworks, type View } from './view.ts';

/** Finds the place of an address among databases and these CIDRs. */
export type Placing = (networks: readonly string[]) => View['place'];

/** The repositories of one redirector, by slot. */
export type Served = {
  readonly slots: () => readonly Slot[];
  readonly get: (slot: Slot) => ServedRepository | undefined;
  /** Undefined takes it away. */
  readonly put: (slot: Slot, repository: ServedRepository | undefined) => void;
  /** What requests see: replaced as a whole by every `put`. */
  readonly view: () => View;
};

/** Starts without any repository. */
export function createServed(placing: Placing): Served {
  const repositories = new Map<Slot, ServedRepository>();
  let networks: readonly string[] = [];
  let view: View = { repositories: createRepositories([]), place: placing(networks) };
  return {
    slots: () => [...repositories.keys()],
    get: (slot) => repositories.get(slot),
    view: () => view,
    put(slot, repository) {
      if (repository === undefined) repositories.delete(slot);
      else repositories.set(slot, repository);
      const all = [...repositories.values()];
      const listed = [...new Set(all.flatMap(({ catalog }) => listedNetworks(catalog.manifest)))].toSorted();
      const isSame = listed.join() === networks.join();
      networks = listed;
      view = { repositories: createRepositories(all), place: isSame ? view.place : placing(networks) };
    },
  };
}
