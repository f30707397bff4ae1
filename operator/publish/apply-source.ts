import {
  availability,
  type Availability,
  type DigestAlgorithm,
  digestAlgorithms,
  type FileVersion,
} from '@geomirror/catalog/file.ts';
import type { Pace } from '@geomirror/catalog/pace.ts';
import { storableAttributes } from '@geomirror/catalog/pages/attributes.ts';
import { isDigest } from '@geomirror/catalog/pages/digests.ts';
import { editTable, type TableEdit } from '@geomirror/catalog/table-edit.ts';
import {
  dropEmptyPages,
  eachPaced,
  isSameVersion,
  type LedgerState,
  type Matches,
  type MirrorState,
} from './ledger-state.ts';
import { sortPaced } from './sort.ts';

/** How the source differs from the table: as a comparison with a listing found it. */
export type SourceChange = {
  readonly added: readonly FileVersion[];
  /** New versions of live paths; also files retained after their removal that are back. */
  readonly changed: readonly FileVersion[];
  /** Live numbers that left the source. */
  readonly removed: readonly number[];
};

export type SourceRules = {
  /** Unix ms. */
  readonly now: number;
  /** For how long mirrors may still serve the previous version of a path; 0: not at all. */
  readonly graceMs: (path: string) => number;
  /** For how long removed files stay reachable; 0: not at all. */
  readonly retainMs: number;
  readonly matches: Matches;
};

/** Versions that got consecutive numbers from `first` on. */
type Numbered = {
  readonly first: number;
  readonly files: readonly FileVersion[];
  /** Numbers of the versions before, by the same index; -1: a path that was not there. */
  readonly before: readonly number[];
};

/**
 * Enters a change of the source. A new version's bits follow from the version before:
 *
 *     the mirror holds by its own exception list   Current, if that is the new version
 *     Current before                               Outdated: eligible while the number is in grace
 *     Outdated or WrongSize before                 WrongSize
 *     Absent before                                Absent
 *     no version before, other exception           WrongSize
 */
export async function applySource(
  state: LedgerState,
  change: SourceChange,
  rules: SourceRules,
  pace: Pace,
): Promise<void> {
  const edit = editTable(state.table);
  const back = new Set<number>();
  const versions = await numberVersions(state, edit, await sortedVersions(change, pace), { back, pace });
  const replaced = new Set(versions.before);
  const leaving = change.removed.filter((at) => state.table.isLive(at) && !state.retained.has(at) && !replaced.has(at));
  if (rules.retainMs <= 0) await eachPaced(leaving, pace, (number) => edit.kill(number));
  const table = await edit.finish(pace);
  await eachPaced(versions.files.keys(), pace, (index) =>
    carryBits(state, versions, { index, matches: rules.matches }),
  );
  await enterGrace(state, versions, rules, pace);
  for (const number of [...back, ...versions.before]) state.retained.delete(number);
  for (const number of leaving) {
    if (rules.retainMs > 0) state.retained.set(number, rules.now + rules.retainMs);
    else state.grace.delete(number);
  }
  state.table = table;
  state.graceRecord = undefined;
  state.matches = rules.matches;
  dropEmptyPages(state);
}

/** Sorted by path, since neighbours share most of their names in a page; of several versions of one path the last counts. */
async function sortedVersions({ added, changed }: SourceChange, pace: Pace): Promise<readonly FileVersion[]> {
  const sorted = await sortPaced(
    [...added, ...changed],
    (a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)),
    pace,
  );
  return sorted.filter((file, index) => file.path !== sorted[index + 1]?.path);
}

async function numberVersions(
  { table, retained }: LedgerState,
  edit: TableEdit,
  files: readonly FileVersion[],
  { back, pace }: { back: Set<number>; pace: Pace },
): Promise<Numbered> {
  const first = edit.end;
  const numbered: FileVersion[] = [];
  const replaced: number[] = [];
  await eachPaced(files, pace, (listed) => {
    const file = storable(listed);
    const before = table.find(file.path);
    const known = table.file(before);
    if (known !== undefined && isSameVersion(known, file)) {
      if (retained.has(before)) back.add(before);
      const digests = { ...known.digests, ...file.digests };
      if (Object.keys(digests).length > Object.keys(known.digests).length) edit.setDigests(before, digests);
      return;
    }
    if (before >= 0) edit.kill(before);
    edit.add(file);
    numbered.push(file);
    replaced.push(before);
  });
  return { first, files: numbered, before: replaced };
}

/** As the table will give it back, so that the next comparison finds no difference. */
function storable(file: FileVersion): FileVersion {
  const { size, modifiedAt, timeSlack } = storableAttributes(file);
  const bad = digestAlgorithms.filter((algorithm) => !isStorable(algorithm, file.digests[algorithm]));
  // The very object where it can be: a million copies would be more work for the garbage collector than for us.
  const same = size === file.size && modifiedAt === file.modifiedAt && timeSlack === file.timeSlack;
  if (same && bad.length === 0) return file;
  const digests = Object.fromEntries(
    Object.entries(file.digests).filter(([name]) => !bad.some((other) => other === name)),
  );
  return { path: file.path, size, modifiedAt, timeSlack, digests };
}

function isStorable(algorithm: DigestAlgorithm, digest: string | undefined): boolean {
  return digest === undefined || isDigest(algorithm, digest);
}

type At = { readonly index: number; readonly matches: Matches };

function carryBits({ mirrors }: LedgerState, versions: Numbered, { index, matches }: At): void {
  const file = versions.files[index];
  const before = versions.before[index] ?? -1;
  if (file === undefined) return;
  for (const mirror of mirrors.values()) {
    const bits = before < 0 ? availability.Absent : mirror.column.get(before);
    mirror.column.set(versions.first + index, nextBits(mirror, bits, { file, before, matches }));
  }
}

type Succession = { readonly file: FileVersion; readonly before: number; readonly matches: Matches };

function nextBits({ own }: MirrorState, bits: Availability, { file, before, matches }: Succession): Availability {
  const held = bits === availability.Current ? undefined : own?.find(file.path);
  if (held !== undefined && matches(held, file)) return availability.Current;
  if (held !== undefined && before < 0) return availability.WrongSize;
  return successor[bits];
}

/** What the bits of a version become for the next one. */
export const successor = {
  [availability.Absent]: availability.Absent,
  [availability.Current]: availability.Outdated,
  [availability.WrongSize]: availability.WrongSize,
  [availability.Outdated]: availability.WrongSize,
} as const satisfies Record<Availability, Availability>;

/** Grace of a version passes with it, and its successor's begins. */
async function enterGrace(
  { grace, table }: LedgerState,
  versions: Numbered,
  rules: SourceRules,
  pace: Pace,
): Promise<void> {
  await eachPaced(versions.files.entries(), pace, ([index, file]) => {
    const before = versions.before[index] ?? -1;
    const graceMs = before < 0 ? 0 : rules.graceMs(file.path);
    if (before >= 0) grace.delete(before);
    if (graceMs <= 0) return;
    const previous = {
      size: table.size(before),
      modifiedAt: table.modifiedAt(before),
      timeSlack: table.timeSlack(before),
    };
    grace.set(versions.first + index, { until: rules.now + graceMs, previous });
  });
}
