import type { Digests, FileVersion } from '@geomirror/catalog/file.ts';
import { paced } from '@geomirror/catalog/pace.ts';
import { maxPathBytes } from '@geomirror/catalog/path.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import { below } from '../scan/below.ts';
import type { ListedFile, ListedLink, ListingEntry } from '../scan/listing.ts';
import { createLossTally, type Loss } from '../scan/loss.ts';
import { contradicts, tellsMore } from './told-digests.ts';

/** What a source's listing means for the table, before the guard has looked at it. */
export type SourcePlan = {
  readonly added: readonly FileVersion[];
  readonly changed: readonly FileVersion[];
  /** Live numbers that the listing no longer shows. */
  readonly removed: readonly number[];
  readonly links: readonly ListedLink[];
  readonly loss: Loss;
  /** Files of the source from now on: those listed, and those below folders that could not be read. */
  readonly files: number;
  /** What the listing rounds of added and changed files, by path: their size is unknown above. */
  readonly rounded: ReadonlyMap<string, RoundedSize>;
};

export type Additions = Pick<SourcePlan, 'added' | 'rounded'>;

/** The true size lies in [size, size + sizeSlack]. */
export type RoundedSize = { readonly size: number; readonly sizeSlack: number };

/** Compares the source's listing with the table as it streams in. */
export type SourceComparison = {
  add(entries: readonly ListingEntry[]): void;
  /** New files that were neither taken nor finished yet. */
  waiting(): number;
  /** Hands the new files so far over, so that a first index need not hold them all: `finish` leaves them out but counts them. */
  takeAdded(): Additions;
  /** `unreadable`: folders whose content is unknown, '' for the root: their files stay. */
  finish(unreadable: readonly string[]): Promise<SourcePlan>;
};

/** `isRetained` tells which live numbers have left the source already: they are neither lost again nor counted as held. */
export function compareSource(
  table: Table,
  included: (path: string) => boolean,
  isRetained: (number: number) => boolean,
): SourceComparison {
  const seen = new Uint8Array(table.end);
  const added = new Map<string, FileVersion>();
  const changed: FileVersion[] = [];
  const links: ListedLink[] = [];
  const rounded = new Map<string, RoundedSize>();
  let [back, taken] = [0, 0];

  const addFile = (file: ListedFile): void => {
    const number = table.find(file.path);
    if (number === -1) {
      added.set(file.path, version(file, rounded));
      return;
    }
    if (seen[number] === 1) return;
    seen[number] = 1;
    const isBack = isRetained(number);
    if (isBack) back += 1;
    changed.push(...newsOf({ table, number, isBack }, file, rounded));
  };

  return {
    add(entries) {
      for (const entry of entries) {
        if (!included(entry.path)) continue;
        if (entry.kind === 'File') addFile(entry);
        else if (Buffer.byteLength(entry.target) <= maxPathBytes) links.push(entry);
      }
    },

    waiting: () => added.size,
    takeAdded() {
      const additions = { added: [...added.values()], rounded: new Map(rounded) };
      taken += added.size;
      added.clear();
      rounded.clear();
      return additions;
    },

    async finish(unreadable) {
      const { removed, loss } = await findRemoved({ table, seen, isRetained }, unreadable);
      const files = loss.had - loss.lost + back + taken + added.size;
      return { added: [...added.values()], changed, removed, links, rounded, loss, files };
    },
  };
}

type Met = { readonly table: Table; readonly number: number; readonly isBack: boolean };

/** The version to enter for a known path, if any. */
function newsOf({ table, number, isBack }: Met, file: ListedFile, rounded: Map<string, RoundedSize>): FileVersion[] {
  if (!isUnchanged(table, number, file)) return [version(file, rounded)];
  // What the table knows is exact where the listing may round.
  if (isBack) return [table.file(number) ?? version(file, rounded)];
  return file.digests === undefined ? [] : sameWithDigests(table, number, file.digests);
}

/** A rounded size is noted apart: the catalog has exact ones only. */
function version(file: ListedFile, rounded: Map<string, RoundedSize>): FileVersion {
  const { path, size, sizeSlack, modifiedAt, timeSlack, digests = noDigests } = file;
  const isRounded = size !== undefined && sizeSlack > 0;
  if (isRounded) rounded.set(path, { size, sizeSlack });
  return { path, size: isRounded ? undefined : size, modifiedAt, timeSlack, digests };
}

type Known = {
  readonly table: Table;
  /** 1 for each number that the listing shows. */
  readonly seen: Uint8Array;
  readonly isRetained: (number: number) => boolean;
};

async function findRemoved(
  { table, seen, isRetained }: Known,
  unreadable: readonly string[],
): Promise<Pick<SourcePlan, 'removed' | 'loss'>> {
  const pace = paced();
  const removed: number[] = [];
  const loss = createLossTally();
  const isUnreadable = below(unreadable);
  for (let number = 0; number < table.end; number += 1) {
    if (number % 256 === 0 && pace.due()) await pace.rest();
    if (!table.isLive(number) || isRetained(number)) continue;
    const path = seen[number] === 1 ? undefined : table.path(number);
    const isLost = path !== undefined && !isUnreadable(path);
    loss.add(isLost ? path : undefined);
    if (isLost) removed.push(number);
  }
  return { removed, loss: loss.result() };
}

const noDigests = {};

/** Within what the listing expresses: a rounded size or a minute time that fits the known one is no change. */
function isUnchanged(table: Table, number: number, file: ListedFile): boolean {
  const size = table.size(number);
  if (file.digests !== undefined && contradicts(table.digests(number), file.digests)) return false;
  if (size === undefined ? file.size !== undefined : file.size !== undefined && !fits(size, file.size, file.sizeSlack))
    return false;
  const modifiedAt = table.modifiedAt(number);
  if (modifiedAt === undefined || file.modifiedAt === undefined) return true;
  return file.modifiedAt <= modifiedAt + table.timeSlack(number) && modifiedAt <= file.modifiedAt + file.timeSlack;
}

/** Digests that are new to the table come in as the same version once more. */
function sameWithDigests(table: Table, number: number, digests: Digests): FileVersion[] {
  const known = table.file(number);
  return known !== undefined && tellsMore(known.digests, digests) ? [{ ...known, digests }] : [];
}

const fits = (value: number, least: number, slack: number): boolean => least <= value && value <= least + slack;
