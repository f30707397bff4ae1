import { clearFrom, type Column, columnPageBytes, pageFiles } from '@geomirror/catalog/column.ts';
import { availability, type Availability } from '@geomirror/catalog/file.ts';
import type { Pace } from '@geomirror/catalog/pace.ts';
import type { Attributes } from '@geomirror/catalog/pages/attributes.ts';
import type { OwnVersion } from '@geomirror/catalog/pages/exceptions.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import { successor } from './apply-source.ts';
import { ColumnState } from './column-state.ts';
import { eachPaced, isSameVersion, type LedgerState, type MirrorState } from './ledger-state.ts';
import { recordOwnVersions } from './own-versions.ts';

/** What a scan found, for the numbers of the table it was compared with. */
export type ScannedColumn = {
  readonly table: Table;
  readonly column: Column;
  readonly exceptions: readonly OwnVersion[];
};

/** Replaces a mirror's column. Numbers that died meanwhile keep their bits, so that pages do not change for nothing. */
export async function setColumn(
  state: LedgerState,
  mirrorUid: string,
  scanned: ScannedColumn,
  pace: Pace,
): Promise<void> {
  const mirror = mirrorOf(state, mirrorUid);
  mirror.own = recordOwnVersions(scanned.exceptions);
  const pages = Math.ceil(scanned.table.end / pageFiles);
  await eachPaced(Array(pages).keys(), pace, (ordinal) => {
    mirror.column.replace(ordinal, mergedPage(state.table, mirror.column, { ordinal, scanned }));
  });
  await eachPaced(state.table.live(scanned.table.end), pace, (number) => {
    mirror.column.set(number, carried(state, mirror, { number, scanned }));
  });
}

/** The mirror's state, entered if it is new. */
export function mirrorOf({ mirrors }: LedgerState, mirrorUid: string): MirrorState {
  const known = mirrors.get(mirrorUid);
  if (known !== undefined) return known;
  const entered: MirrorState = { column: new ColumnState(), own: undefined };
  mirrors.set(mirrorUid, entered);
  return entered;
}

type Place = { readonly ordinal: number; readonly scanned: ScannedColumn };

function mergedPage(table: Table, before: ColumnState, { ordinal, scanned }: Place): Uint8Array | undefined {
  const page = Uint8Array.from(scanned.column.pages[ordinal] ?? new Uint8Array(columnPageBytes));
  const first = ordinal * pageFiles;
  if (scanned.table.end < first + pageFiles) {
    clearFrom(page, scanned.table.end - first);
    copyBits(before, page, { from: scanned.table.end, to: table.end, first });
  }
  keepDead(table, before, { page, first });
  return page.some((byte) => byte !== 0) ? page : undefined;
}

type Run = { readonly from: number; readonly to: number; readonly first: number };

function copyBits(before: Column, page: Uint8Array, { from, to, first }: Run): void {
  for (let number = from; number < Math.min(to, first + pageFiles); number++)
    put(page, number - first, before.get(number));
}

function keepDead(table: Table, before: Column, { page, first }: { page: Uint8Array; first: number }): void {
  for (let number = first; number < Math.min(table.end, first + pageFiles);) {
    const block = table.block(number);
    if (block === undefined) return void page.fill(0);
    for (let index = 0; block.dead !== undefined && index < block.count; index++) {
      if (block.dead.isDead(index)) put(page, block.first - first + index, before.get(block.first + index));
    }
    number = block.first + block.count;
  }
}

function put(page: Uint8Array, index: number, value: Availability): void {
  const shift = (index & 3) << 1;
  page[index >>> 2] = ((page[index >>> 2] ?? 0) & ~(3 << shift)) | (value << shift);
}

type Later = { readonly number: number; readonly scanned: ScannedColumn };

/** The bits of a number that the scan could not know, from what it saw under the same path. */
function carried(state: LedgerState, { own }: MirrorState, { number, scanned }: Later): Availability {
  const file = state.table.file(number);
  if (file === undefined) return availability.Absent;
  const held = own?.find(file.path);
  const isHeld = held !== undefined && state.matches(held, file);
  const before = scanned.table.find(file.path);
  const seen = scanned.table.file(before);
  if (seen === undefined) return isHeld ? availability.Current : heldOtherwise(held);
  const bits = scanned.column.get(before);
  if (isSameVersion(seen, file)) return bits;
  return isHeld ? availability.Current : succeeded(bits, seen, state.grace.get(number)?.previous);
}

function heldOtherwise(held: OwnVersion | undefined): Availability {
  return held === undefined ? availability.Absent : availability.WrongSize;
}

/** Changed more than once since the scan: what was current then is older than the version just before. */
function succeeded(bits: Availability, seen: Attributes, previous: Attributes | undefined): Availability {
  const older = previous !== undefined && (previous.size !== seen.size || previous.modifiedAt !== seen.modifiedAt);
  return older && bits === availability.Current ? availability.WrongSize : successor[bits];
}
