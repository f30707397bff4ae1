import { setTimeout as sleep } from 'node:timers/promises';
import type { CatalogReader, StoreChange } from '@geomirror/catalog/store/store.ts';

/** Watches until the signal aborts, whatever happens to the store: for speed only, polling finds the same changes later. */
export async function watchForEver(
  store: CatalogReader,
  onChange: (change?: StoreChange) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await store.watch(onChange, signal).catch(() => undefined);
    await sleep(1000, undefined, { signal }).catch(() => undefined);
  }
}
