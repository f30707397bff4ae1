import type { Slot } from '@geomirror/catalog/manifest.ts';
import { StoreFailure } from '@geomirror/catalog/store/failure.ts';
import type { CatalogReader } from '@geomirror/catalog/store/store.ts';
import type { Logger } from 'pino';
import { createFailures, type Failures, type RefreshFailure } from './refresh/failures.ts';
import { loadRepository } from './refresh/load.ts';
import { createPending } from './refresh/pending.ts';
import { watchForEver } from './refresh/watch.ts';
import type { Served } from './view/served.ts';

export type RefreshDeps = {
  readonly store: CatalogReader;
  readonly served: Served;
  /** Unix ms. */
  readonly now: () => number;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Between two looks at the whole store, give or take a quarter. */
  readonly pollMs?: number;
};

export type RefreshStatus = {
  /** Whether the last look found the store answering. */
  readonly storeUp: boolean;
  /** Unix ms of the last look that saw every slot; undefined: there was none. */
  readonly completedAt: number | undefined;
  readonly lastLookSeconds: number;
  readonly failures: ReadonlyMap<Slot, RefreshFailure>;
};

export type Refresh = {
  readonly status: () => RefreshStatus;
  /** Looks at the whole store once. A store that cannot be read is no error here: see the status. */
  readonly look: () => Promise<void>;
  /** Looks again whenever the store tells of a change, and every few seconds, until the signal aborts. */
  readonly run: (signal: AbortSignal) => Promise<void>;
};

const defaultPollMs = 4000;

// An emptied store fills up again slot by slot, after up to 30 minutes: what is missing in its index is not yet removed.
const forgottenAfterMs = 3_600_000;

/**
 * Keeps what is served as new as the store. Whatever cannot be read, or is not whole, changes nothing: the last good
 * state of a repository is served for ever, unless the store says that it was removed.
 */
export function createRefresh(deps: RefreshDeps): Refresh {
  const { store, now, log } = deps;
  const failures = createFailures(log, now);
  const pending = createPending();
  const status = {
    storeUp: false,
    completedAt: undefined as number | undefined,
    lastLookSeconds: 0,
    failures: failures.bySlot,
  };

  const refreshSlot = (slot: Slot) => bringUpToDate(deps, failures, slot);
  const forget = createForgetting(deps, failures.clear);
  const lookAt = async ({ everything, slots, removed }: ReturnType<typeof pending.take>): Promise<void> => {
    if (!everything && removed.size === 0) {
      for (const slot of slots) await refreshSlot(slot);
      return;
    }
    const listed = new Set(await store.slots());
    for (const slot of listed) await refreshSlot(slot);
    forget(listed, removed);
    status.completedAt = now();
  };

  const attempt = async (work: () => Promise<void>): Promise<void> => {
    const began = performance.now();
    const error = await work().then(() => undefined, onlyStoreFailure);
    if (error !== undefined && status.storeUp)
      log.warn({ reason: error.reason, message: error.message }, 'The store cannot be read');
    if (error === undefined && !status.storeUp) log.info('The store can be read');
    status.storeUp = error === undefined;
    status.lastLookSeconds = (performance.now() - began) / 1000;
  };

  return {
    status: () => status,
    look: () => attempt(() => lookAt({ ...pending.take(), everything: true })),
    async run(signal) {
      const watching = watchForEver(store, pending.add, signal);
      while (!signal.aborted) {
        await attempt(() => lookAt(pending.take()));
        await pending.wait((deps.pollMs ?? defaultPollMs) * (0.75 + Math.random() / 2), signal);
      }
      await watching;
    },
  };
}

/** One slot's unit of work: what stands in its way is noted, but a store that does not answer ends the whole look. */
async function bringUpToDate({ store, served, log }: RefreshDeps, failures: Failures, slot: Slot): Promise<void> {
  try {
    const before = served.get(slot);
    const after = await loadRepository(store, slot, before);
    if (after !== before) served.put(slot, after);
    if (after?.catalog !== before?.catalog)
      log.info({ slot, revision: after?.catalog.manifest.revision }, 'Catalog loaded');
    failures.clear(slot);
  } catch (error) {
    if (isUnavailable(error)) throw error;
    failures.note(slot, error);
  }
}

/** Takes away what the store removed, and what has been missing in its index for an hour. */
function createForgetting({ served, now, log }: RefreshDeps, onGone: (slot: Slot) => void) {
  const lostSince = new Map<Slot, number>();
  return (listed: ReadonlySet<Slot>, removed: ReadonlySet<Slot>): void => {
    for (const slot of listed) lostSince.delete(slot);
    for (const slot of served.slots().filter((each) => !listed.has(each))) {
      const since = lostSince.get(slot) ?? now();
      lostSince.set(slot, since);
      // An index without any slot is that of an emptied store.
      const isForgotten = listed.size > 0 && now() - since >= forgottenAfterMs;
      if (!removed.has(slot) && !isForgotten) continue;
      served.put(slot, undefined);
      lostSince.delete(slot);
      onGone(slot);
      log.info({ slot }, 'Repository is no longer served');
    }
  };
}

function isUnavailable(error: unknown): boolean {
  return error instanceof StoreFailure && error.reason === 'Unavailable';
}

function onlyStoreFailure(error: unknown): StoreFailure {
  if (error instanceof StoreFailure) return error;
  throw error;
}
