import type { Column } from '@geomirror/catalog/column.ts';
import { availability, type Availability } from '@geomirror/catalog/file.ts';
import { paced, type Pace } from '@geomirror/catalog/pace.ts';
import type { Location } from '@geomirror/catalog/policy.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import type { CatalogView } from '@geomirror/catalog/view.ts';
import type { Inventory, MirrorState } from '../mirror/state.ts';
import type { Ledger } from '../publish/ledger.ts';

/** What the store still tells of a mirror: holds until it is located and scanned again, so that a restart takes no mirror out. */
export type RestoredMirror = {
  /** Undefined for a mirror that was never scanned. */
  readonly inventory: Inventory | undefined;
  readonly location: Location;
};

/** What the store tells of a mirror that this process has still to take over; undefined where there is nothing to take over. */
export function storedMirror(
  {
    ledger,
    restored,
  }: { readonly ledger: Pick<Ledger, 'column'>; readonly restored: ReadonlyMap<string, RestoredMirror> },
  { uid, inventory, scans }: Pick<MirrorState, 'uid' | 'inventory' | 'scans'>,
): (RestoredMirror & { readonly inventory: Inventory }) | undefined {
  if (inventory !== undefined || scans.last !== undefined) return undefined;
  const stored = restored.get(uid);
  // One that was disabled meanwhile has been forgotten by the ledger.
  if (stored?.inventory === undefined || ledger.column(uid) === undefined) return undefined;
  return { ...stored, inventory: stored.inventory };
}

/** By UID; `ledger` has been restored from the view. Protocol and times of the last scans are not stored. */
export async function restoredMirrors(
  { manifest, columns, table }: CatalogView,
  { isRetained }: Pick<Ledger, 'isRetained'>,
): Promise<ReadonlyMap<string, RestoredMirror>> {
  const pace = paced();
  const mirrors = new Map<string, RestoredMirror>();
  // Mirrors in step share one column: it is counted once.
  const counted = new Map<Column, Counts>();
  for (const [index, { uid, scannedAt, location }] of manifest.mirrors.entries()) {
    const column = columns[index];
    if (scannedAt === undefined || column === undefined) {
      mirrors.set(uid, { inventory: undefined, location });
      continue;
    }
    const counts = counted.get(column) ?? (await countColumn(column, { table, isRetained }, pace));
    counted.set(column, counts);
    const times = { offsetSeconds: 0, keepsTimes: false };
    mirrors.set(uid, { inventory: { ...counts, scannedAt, protocol: '', times }, location });
  }
  return mirrors;
}

type Counts = Omit<Inventory, 'scannedAt' | 'protocol' | 'times'>;
type Files = { readonly table: Table; readonly isRetained: (number: number) => boolean };

async function countColumn(column: Column, { table, isRetained }: Files, pace: Pace): Promise<Counts> {
  const counts: Record<Availability, number> = { 0: 0, 1: 0, 2: 0, 3: 0 };
  let visited = 0;
  for (const number of table.live()) {
    visited += 1;
    if (visited % 1024 === 0 && pace.due()) await pace.rest();
    if (!isRetained(number)) counts[column.get(number)] += 1;
  }
  const [current, outdated] = [counts[availability.Current], counts[availability.Outdated]];
  const wrongSize = counts[availability.WrongSize];
  return { files: current + outdated + wrongSize, current, outdated, wrongSize, missing: counts[availability.Absent] };
}
