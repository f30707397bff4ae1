import { availability, type Availability } from '@geomirror/catalog/file.ts';
import { createColumnBits, type Column } from '@geomirror/catalog/column.ts';
import { paced } from '@geomirror/catalog/pace.ts';
import type { Attributes } from '@geomirror/catalog/pages/attributes.ts';
import type { OwnVersion } from '@geomirror/catalog/pages/exceptions.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import { below } from '../scan/below.ts';
import type { ListingEntry } from '../scan/listing.ts';
import { createLossTally, type Loss } from '../scan/loss.ts';
import { createObservations, sizesAgree, type Observations } from './observations.ts';
import type { TimeJudgement } from './times.ts';

/** How times count for a path: CRD field `freshness.compare`. */
export type Compare = 'Auto' | 'Size' | 'SizeAndTime';

export type MirrorRules = {
  readonly compare: (path: string) => Compare;
  /** Seconds by which equal times may differ. */
  readonly tolerance: number;
  /** False for paths that the repository leaves out. */
  readonly included: (path: string) => boolean;
  /** The version before a number in grace. */
  readonly previous: (number: number) => Attributes | undefined;
  /** Left the source and is only kept reachable for a while: its bits are judged, but nobody misses it. */
  readonly isRetained: (number: number) => boolean;
  /** Found wrong by verification, and not found clean since: a listing does not acquit it. */
  readonly foundWrong: ReadonlySet<string>;
};

/** What a listing means for the mirror's column, before any guard has looked at it. */
export type MirrorPlan = {
  /** For the numbers of the table that the plan was made against. */
  readonly column: Column;
  /** What it shows otherwise than the source, and what the source does not know; times after the time-zone correction. */
  readonly exceptions: readonly OwnVersion[];
  readonly times: TimeJudgement;
  readonly counts: MirrorCounts;
  /** What it held before of the source's files and no longer shows. */
  readonly loss: Loss;
};

/** Files retained after their removal are in none of the counts but the first. */
export type MirrorCounts = {
  /** Files listed, known to the source or not. */
  readonly files: number;
  readonly current: number;
  readonly outdated: number;
  readonly wrongSize: number;
  readonly missing: number;
};

/** Compares a mirror's listing with the source's table as it streams in. */
export type MirrorComparison = {
  readonly add: (entries: readonly ListingEntry[]) => void;
  readonly finish: (ending: MirrorEnding) => Promise<MirrorPlan>;
};

export type MirrorEnding = {
  /** The column so far; undefined for a mirror never scanned. */
  readonly before: Column | undefined;
  /** Folders whose content is unknown: their files keep the bits they had. */
  readonly unreadable: readonly string[];
};

export function compareMirror(table: Table, rules: MirrorRules): MirrorComparison {
  const { tolerance, previous } = rules;
  // Whether it can be the version before is judged by what it really shows, not by what fits the source.
  const seen = createObservations(table, { tolerance, isKept: (number) => previous(number) !== undefined });
  return {
    add(entries) {
      for (const entry of entries) if (entry.kind === 'File' && rules.included(entry.path)) seen.add(entry);
    },
    finish: (ending) => judgeAll(table, seen, rules, ending),
  };
}

/**
 *   not listed                                      Absent, or what it was where the folder could not be read
 *   found wrong by verification                     WrongSize
 *   size agrees, time agrees or does not count      Current
 *   in grace and the version before                 Outdated
 *   in grace and anything else                      WrongSize
 *   size agrees, time does not                      Outdated
 *   otherwise                                       WrongSize
 */
async function judgeAll(
  table: Table,
  seen: Observations,
  rules: MirrorRules,
  ending: MirrorEnding,
): Promise<MirrorPlan> {
  const pace = paced();
  const times = seen.judge();
  const column = createColumnBits();
  const exceptions = seen.unknown(times);
  const tally = createTally(table, rules);
  const isUnreadable = below(ending.unreadable);
  const someUnreadable = ending.unreadable.length > 0;
  const before = ending.before ?? createColumnBits();
  let judged = 0;
  for (const number of table.live()) {
    judged += 1;
    if (judged % 256 === 0 && pace.due()) await pace.rest();
    const had = before.get(number);
    const listed = judge(table, seen, rules, { number, times });
    const isUnseen = listed === availability.Absent && someUnreadable && isUnreadable(table.path(number));
    const now = isUnseen ? had : listed;
    column.set(number, now);
    if (isException(listed)) exceptions.push(seen.shown(number, times));
    tally.add(number, had, now);
  }
  return { column, exceptions, times, ...tally.result(seen.files) };
}

type Tally = {
  readonly add: (number: number, had: Availability, now: Availability) => void;
  readonly result: (files: number) => Pick<MirrorPlan, 'counts' | 'loss'>;
};

/** Sums up what the mirror has, and what it had, of the files of the source. */
function createTally(table: Table, { isRetained }: Pick<MirrorRules, 'isRetained'>): Tally {
  const counts: Record<Availability, number> = { 0: 0, 1: 0, 2: 0, 3: 0 };
  const loss = createLossTally();
  return {
    add(number, had, now) {
      if (isRetained(number)) return;
      counts[now] += 1;
      if (had !== availability.Absent) loss.add(now === availability.Absent ? table.path(number) : undefined);
    },
    result: (files) => ({ counts: countsOf(files, counts), loss: loss.result() }),
  };
}

const isException = (listed: Availability): boolean =>
  listed === availability.WrongSize || listed === availability.Outdated;

const countsOf = (files: number, by: Readonly<Record<Availability, number>>): MirrorCounts => ({
  files,
  current: by[availability.Current],
  outdated: by[availability.Outdated],
  wrongSize: by[availability.WrongSize],
  missing: by[availability.Absent],
});

type Judged = { readonly number: number; readonly times: TimeJudgement };

function judge(table: Table, seen: Observations, rules: MirrorRules, { number, times }: Judged): Availability {
  if (!seen.isSeen(number)) return availability.Absent;
  if (isFoundWrong(rules, table, number)) return availability.WrongSize;
  const sizeAgrees = seen.sizeAgrees(number);
  if (sizeAgrees && (seen.timeAgrees(number, times) || !timesCount(rules.compare(table.path(number)), times))) {
    return availability.Current;
  }
  const previous = rules.previous(number);
  if (previous === undefined) return sizeAgrees ? availability.Outdated : availability.WrongSize;
  const tolerance = times.keepsTimes ? rules.tolerance : Infinity;
  return isVersion(seen.shown(number, times), previous, tolerance) ? availability.Outdated : availability.WrongSize;
}

const isFoundWrong = ({ foundWrong }: MirrorRules, table: Table, number: number): boolean =>
  foundWrong.size > 0 && foundWrong.has(table.path(number));

const timesCount = (compare: Compare, times: TimeJudgement): boolean =>
  compare === 'SizeAndTime' || (compare === 'Auto' && times.keepsTimes);

/** Whether what a mirror shows can be this version: sizes and times (within `tolerance` seconds) agree where both are known. */
export function isVersion(own: OwnVersion, version: Attributes, tolerance: number): boolean {
  if (!sizesAgree(version.size, own)) return false;
  if (version.modifiedAt === undefined || own.modifiedAt === undefined) return true;
  const difference = version.modifiedAt - own.modifiedAt;
  return difference <= own.timeSlack + tolerance && difference >= -version.timeSlack - tolerance;
}
