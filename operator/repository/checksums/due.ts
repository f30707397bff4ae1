import { paced, type Pace } from '@geomirror/catalog/pace.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import { isSameVersion } from '../../publish/ledger-state.ts';
import { besideOf } from './sums-name.ts';

/** What is remembered of a repository's files of checksums from one index to the next. */
export type SumsMemory = {
  /** As it was when it was looked at last; undefined: never. */
  table: Table | undefined;
  /** All files of checksums found so far, by path. */
  readonly known: Set<string>;
  /** Those that have to be read. */
  readonly due: Set<string>;
};

export const noSums = (): SumsMemory => ({ table: undefined, known: new Set(), due: new Set() });

/**
 * Finds the files of checksums that have to be read: new ones, changed ones, and those that may name a file that is new or changed,
 * because it was published after its checksum. Looks only at numbers that are new since the last time.
 */
export async function findDue(memory: SumsMemory, table: Table, isSums: (path: string) => boolean): Promise<void> {
  const pace = paced();
  const before = memory.table;
  const files: string[] = [];
  for await (const path of newVersions(before, table, pace)) {
    if (isSums(path)) addSums(memory, path);
    else if (before !== undefined) files.push(path);
  }
  await forgetGone(memory, table, pace);
  if (files.length > 0) addCovering(memory, files, coverage(memory.known, table));
  memory.table = table;
}

/** Paths that are new or have another version, the first time all. */
async function* newVersions(before: Table | undefined, table: Table, pace: Pace): AsyncGenerator<string, void, void> {
  for (const number of table.live(before?.end ?? 0)) {
    if (pace.due()) await pace.rest();
    if (before === undefined || !isMoved(before, table, number)) yield table.path(number);
  }
}

function addSums({ known, due }: SumsMemory, path: string): void {
  known.add(path);
  due.add(path);
}

function addCovering({ due }: SumsMemory, files: readonly string[], covering: Covering): void {
  for (const path of files) for (const sums of covering(path)) due.add(sums);
}

async function forgetGone({ known, due }: SumsMemory, table: Table, pace: Pace): Promise<void> {
  for (const path of known) {
    if (pace.due()) await pace.rest();
    if (table.find(path) !== -1) continue;
    known.delete(path);
    due.delete(path);
  }
}

/** Whether a new number is only a version that was there before under another. */
function isMoved(before: Table, table: Table, number: number): boolean {
  const [was, is] = [before.file(before.find(table.path(number))), table.file(number)];
  return was !== undefined && is !== undefined && isSameVersion(was, is);
}

/** Which files of checksums may name a path: those beside it, and those for whole folders in its folder and above. */
type Covering = (path: string) => readonly string[];

function coverage(known: ReadonlySet<string>, table: Table): Covering {
  const byPlace = new Map<string, string[]>();
  const enter = (place: string, sums: string): void => {
    const there = byPlace.get(place);
    if (there === undefined) byPlace.set(place, [sums]);
    else there.push(sums);
  };
  for (const sums of known) {
    const beside = besideOf(sums);
    if (beside !== undefined && table.find(beside) !== -1) enter(beside, sums);
    else enter(sums.slice(0, sums.lastIndexOf('/') + 1), sums);
  }
  return (path) => placesOf(path).flatMap((place) => byPlace.get(place) ?? []);
}

/** `a/b/c`: itself, `a/b/`, `a/` and the root. */
function placesOf(path: string): string[] {
  const places = [path];
  for (let at = path.lastIndexOf('/'); at >= 0; at = path.lastIndexOf('/', at - 1)) {
    places.push(path.slice(0, at + 1));
    if (at === 0) break;
  }
  return [...places, ''];
}
