import type { PageName } from '@geomirror/catalog/page-name.ts';
import type { WriteOutcome } from '@geomirror/catalog/store/store.ts';
import { type Delivery, slices } from './deliver.ts';
import type { Edition } from './edition.ts';

/** Deletes orphans: stored pages that the published edition does not name. */
export type Cleaner = {
  run(edition: Edition, revision: number, graceMs: number): Promise<WriteOutcome | 'Outrun'>;
};

/** Remembers since when each orphan was seen; a reader that loads the edition before has until `graceMs` after that. */
export function createCleaner({ writer, slot, token, stored }: Delivery, now: () => number): Cleaner {
  let orphanSince = new Map<PageName, number>();
  return {
    async run(edition, revision, graceMs) {
      const named = new Set([...edition.pageNames, ...edition.lists.keys()]);
      const at = now();
      const orphans = new Map<PageName, number>();
      for await (const slice of writer.stored(slot)) {
        for (const name of slice) if (!named.has(name)) orphans.set(name, orphanSince.get(name) ?? at);
      }
      orphanSince = orphans;
      const due = [...orphans].filter(([, since]) => at - since >= graceMs).map(([name]) => name);
      for (const slice of slices(due)) {
        const outcome = await writer.deletePages(slot, token, revision, slice);
        if (outcome !== 'Done') return outcome;
        for (const name of slice) {
          stored.delete(name);
          orphanSince.delete(name);
        }
      }
      return 'Done';
    },
  };
}
