import type { Health } from '../health.ts';
import type { Manifest, Slot } from '../manifest.ts';
import type { PageName } from '../page-name.ts';

/** Uncompressed page bytes by name. */
export type Pages = ReadonlyMap<PageName, Uint8Array>;

/** What changed in the store; a reader that missed some learns the same by polling. */
export type StoreChange = { readonly slot: Slot; readonly kind: 'Manifest' | 'Health' | 'Removed' };

/**
 * The reading half. Every function may throw StoreFailure (`Unavailable`, `Malformed`); a reader keeps what it has.
 * What is read is not trusted: pages are returned only if their bytes carry the name asked for.
 */
export type CatalogReader = {
  /** Slots that were published and not removed; for a moment one of them may be without a manifest. */
  slots(): Promise<readonly Slot[]>;
  /** The revision published in a slot, undefined where there is none: cheap, for polling. */
  revision(slot: Slot): Promise<number | undefined>;
  manifest(slot: Slot): Promise<Manifest | undefined>;
  health(slot: Slot): Promise<Health | undefined>;
  /** Those of the named pages that exist and are whole; the caller decides what a missing one means. */
  pages(slot: Slot, names: readonly PageName[]): Promise<Pages>;
  /** Tells the operator that pages which a current manifest needs are gone. */
  reportMissing(slot: Slot, names: readonly PageName[]): Promise<void>;
  /**
   * Calls back until the signal aborts, and resolves then. A callback without argument means "look at everything": it comes first,
   * as soon as changes can be seen, and again each time when a lost connection is back.
   */
  watch(onChange: (change?: StoreChange) => void, signal: AbortSignal): Promise<void>;
};

/** How a fenced write ended. `Fenced`: a higher token has claimed the slot; the caller is no longer the leader and stops writing. */
export type WriteOutcome = 'Done' | 'Fenced';

/** The writing half; only operator/publish/ calls it. Every write carries the leader's token and is refused if a higher one is known. */
export type CatalogWriter = {
  /** Raises the token of the index and of every slot named there (and of `slots`) to `token`. */
  claim(token: number, slots: readonly Slot[]): Promise<WriteOutcome>;
  /** Those of the names that the store does not hold. */
  missing(slot: Slot, names: readonly PageName[]): Promise<readonly PageName[]>;
  /** Also over pages of the same names, which mends damaged ones. */
  putPages(slot: Slot, token: number, pages: Pages): Promise<WriteOutcome>;
  /**
   * Writes a list page after checking, inside the store, that the pages it newly names are there
   * (at most 1 000 `names` a call: a longer list is checked by `missing` in slices first).
   */
  putList(slot: Slot, token: number, list: ListPage): Promise<WriteOutcome | { readonly missing: readonly PageName[] }>;
  /** Checks token and `lists`, sets the manifest, enters the slot in the index and notifies readers; all or nothing. */
  publish(
    slot: Slot,
    token: number,
    manifest: Manifest,
    lists: readonly PageName[],
  ): Promise<WriteOutcome | { readonly missing: readonly PageName[] }>;
  writeHealth(slot: Slot, token: number, health: Health): Promise<WriteOutcome>;
  /** Takes the slot out of the index and deletes all it holds but its token. */
  remove(slot: Slot, token: number): Promise<WriteOutcome>;
  /** Names of all stored pages, in slices; a name may come twice. */
  stored(slot: Slot): AsyncIterable<readonly PageName[]>;
  /** Deletes at most 1 000 pages, only while `revision` is the published one. */
  deletePages(
    slot: Slot,
    token: number,
    revision: number,
    names: readonly PageName[],
  ): Promise<WriteOutcome | 'Outrun'>;
  /** Takes the names that readers reported missing since the last call; `missing` does not see those whose bytes are damaged. */
  takeMissingReports(slot: Slot): Promise<readonly PageName[]>;
};

export type ListPage = { readonly name: PageName; readonly bytes: Uint8Array; readonly names: readonly PageName[] };

export type CatalogStore = CatalogReader & CatalogWriter & AsyncDisposable;
