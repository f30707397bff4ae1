import {
  availability,
  type Availability,
  digestAlgorithms,
  type Digests,
  type FileVersion,
} from '@geomirror/catalog/file.ts';
import type { Pace } from '@geomirror/catalog/pace.ts';
import { storableAttributes } from '@geomirror/catalog/pages/attributes.ts';
import { isDigest } from '@geomirror/catalog/pages/digests.ts';
import { editTable, type TableEdit } from '@geomirror/catalog/table-edit.ts';
import {
  dropEmptyPages,
  eachPaced,
  type Grace,
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

/** A version that got a number, and the number of the version before (-1: a path that was not there). */
type Numbered = { readonly file: FileVersion; readonly number: number; readonly before: number };

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
  const leaving = change.removed.filter((number) => state.table.isLive(number) && !state.retained.has(number));
  const killed = new Set(versions.map(({ before }) => before));
  const retained = rules.retainMs > 0 ? leaving.filter((number) => !killed.has(number)) : [];
  if (rules.retainMs <= 0) for (const number of leaving) edit.kill(number);
  const table = await edit.finish(pace);
  await eachPaced(versions, pace, (version) => carryBits(state, version, rules.matches));
  const grace = graceOf(state, versions, rules);
  for (const number of [...back, ...killed]) state.retained.delete(number);
  for (const number of retained) state.retained.set(number, rules.now + rules.retainMs);
  state.table = table;
  state.grace = new Map([...grace].filter(([number]) => table.isLive(number)));
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
): Promise<readonly Numbered[]> {
  const versions: Numbered[] = [];
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
    versions.push({ file, number: edit.add(file), before });
  });
  return versions;
}

/** As the table will give it back, so that the next comparison finds no difference. */
function storable(file: FileVersion): FileVersion {
  const digests: Partial<Record<(typeof digestAlgorithms)[number], string>> = {};
  for (const algorithm of digestAlgorithms) {
    const digest = file.digests[algorithm];
    if (digest !== undefined && isDigest(algorithm, digest)) digests[algorithm] = digest;
  }
  return { path: file.path, ...storableAttributes(file), digests: digests satisfies Digests };
}

function carryBits({ mirrors }: LedgerState, { file, number: to, before }: Numbered, matches: Matches): void {
  for (const mirror of mirrors.values()) {
    const bits = before < 0 ? availability.Absent : mirror.column.get(before);
    mirror.column.set(to, nextBits(mirror, bits, { file, before, matches }));
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

function graceOf({ grace, table }: LedgerState, versions: readonly Numbered[], rules: SourceRules): Map<number, Grace> {
  const next = new Map(grace);
  for (const { file, number: to, before } of versions) {
    const graceMs = before < 0 ? 0 : rules.graceMs(file.path);
    if (graceMs <= 0) continue;
    const previous = {
      size: table.size(before),
      modifiedAt: table.modifiedAt(before),
      timeSlack: table.timeSlack(before),
    };
    next.set(to, { until: rules.now + graceMs, previous });
  }
  return next;
}
