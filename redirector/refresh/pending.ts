import { setTimeout as sleep } from 'node:timers/promises';
import type { Slot } from '@geomirror/catalog/manifest.ts';
import type { StoreChange } from '@geomirror/catalog/store/store.ts';

/** What there is to look at in the store, gathered between two looks. */
export type Pending = {
  readonly add: (change?: StoreChange) => void;
  /** Hands over what was added and starts anew. */
  readonly take: () => {
    readonly everything: boolean;
    readonly slots: ReadonlySet<Slot>;
    readonly removed: ReadonlySet<Slot>;
  };
  /** Resolves when something was added, the time is over (then everything is pending) or the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
};

/** Everything is pending at first. */
export function createPending(): Pending {
  let everything = true;
  let slots = new Set<Slot>();
  let removed = new Set<Slot>();
  let wake = new AbortController();
  return {
    add(change) {
      if (change === undefined) everything = true;
      else (change.kind === 'Removed' ? removed : slots).add(change.slot);
      wake.abort();
    },
    take() {
      const taken = { everything, slots, removed };
      [everything, slots, removed, wake] = [false, new Set(), new Set(), new AbortController()];
      return taken;
    },
    async wait(ms, signal) {
      try {
        await sleep(ms, undefined, { signal: AbortSignal.any([signal, wake.signal]) });
        everything = true;
      } catch {
        // Woken or stopped: either way there is something else to do now.
      }
    },
  };
}
