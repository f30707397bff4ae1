import type { Slot } from '@geomirror/catalog/manifest.ts';
import { StoreFailure } from '@geomirror/catalog/store/failure.ts';
import type { Logger } from 'pino';

/** Why a repository is not as new as the store's; `since` in Unix ms. */
export type RefreshFailure = { readonly reason: string; readonly message: string; readonly since: number };

/** What stands in the way, by slot; logged when it changes. */
export type Failures = {
  readonly bySlot: ReadonlyMap<Slot, RefreshFailure>;
  readonly note: (slot: Slot, error: unknown) => void;
  readonly clear: (slot: Slot) => void;
};

/** Nothing stands in the way at first. */
export function createFailures(log: Pick<Logger, 'info' | 'warn'>, now: () => number): Failures {
  const bySlot = new Map<Slot, RefreshFailure>();
  return {
    bySlot,
    note(slot, error) {
      const before = bySlot.get(slot);
      const failure = { ...describe(error), since: before?.since ?? now() };
      if (before?.message !== failure.message) log.warn({ slot, ...failure }, 'Repository keeps its last good state');
      bySlot.set(slot, failure);
    },
    clear(slot) {
      if (bySlot.delete(slot)) log.info({ slot }, 'Repository is no longer behind the store');
    },
  };
}

function describe(error: unknown): { readonly reason: string; readonly message: string } {
  if (!(error instanceof Error)) return { reason: 'Unknown', message: String(error) };
  return { reason: error instanceof StoreFailure ? error.reason : error.name, message: error.message };
}
