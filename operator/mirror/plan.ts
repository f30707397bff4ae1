import { availability, type Availability } from '@geomirror/catalog/file.ts';
import { createColumnBits, type Column } from '@geomirror/catalog/column.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import type { ListedFile, ListingEntry } from '../scan/listing.ts';
import { createLossTally, type Loss } from '../scan/loss.ts';
import { createNewest } from './newest.ts';
import { createTimeJury, sameTime, type TimeJudgement } from './times.ts';

/** How times count for a path: CRD field `freshness.compare`. */
export type Compare = 'Auto' | 'Size' | 'SizeAndTime';

/** A size and time as a mirror shows it; `modifiedAt` in Unix seconds after the time-zone correction. */
export type OwnVersion = Omit<ListedFile, 'kind'>;

export type MirrorRules = {
  readonly compare: (path: string) => Compare;
  /** Seconds by which equal times may differ. */
  readonly tolerance: number;
  /** False for paths that the repository leaves out. */
  readonly included: (path: string) => boolean;
  /** The version before a number in grace. */
  readonly previous: (number: number) => { readonly size: number | undefined; readonly modifiedAt: number | undefined } | undefined;
  /** Found wrong by verification, and not found clean since: a listing does not acquit it. */
  readonly foundWrong: ReadonlySet<string>;
};

/** What a listing means for the mirror's column, before any guard has looked at it. */
export type MirrorPlan = {
  /** For the numbers of the table that the plan was made against. */
  readonly column: Column;
  readonly exceptions: readonly OwnVersion[];
  readonly times: TimeJudgement;
  readonly counts: MirrorCounts;
  /** What it held before and no longer shows. */
  readonly loss: Loss;
};

export type MirrorCounts = {
  /** Files listed, known to the source or not. */
  readonly files: number;
  readonly current: number;
  readonly outdated: number;
  readonly wrongSize: number;
  readonly missing: number;
};

/** Compares a mirror's listing with the source's table as it streams in. Memory: six bytes a file plus what differs. */
export type MirrorComparison = {
  add(entries: readonly ListingEntry[]): void;
  finish(ending: Ending): Promise<MirrorPlan>;
};

export type Ending = {
  /** The column so far; undefined for a mirror never scanned. */
  readonly before: Column | undefined;
  /** Folders whose content is unknown: their files keep the bits they had. */
  readonly unreadable: readonly string[];
  /** Lets other work run; called every 16 384 files. */
  readonly pause: () => Promise<void>;
};

const unseen = 0;
const sameSize = 1;
const otherSize = 2;
const noTime = -0x8000_0000;
const mostUnknown = 65_536;
const slice = 16_384;

export function compareMirror(table: Table, rules: MirrorRules): MirrorComparison {
  const state = new Uint8Array(table.end);
  const slack = new Uint8Array(table.end);
  const difference = new Int32Array(table.end).fill(noTime);
  const different = new Map<number, OwnVersion>();
  const unknown = createNewest<OwnVersion>(mostUnknown, (own) => own.modifiedAt ?? 0);
  const slacks: number[] = [];
  const jury = createTimeJury(rules.tolerance);
  let files = 0;

  const slackClass = (seconds: number): number => {
    const known = slacks.indexOf(seconds);
    return known === -1 ? Math.min(slacks.push(seconds), 256) - 1 : known;
  };

  const addTimes = (number: number, file: ListedFile): void => {
    const source = table.modifiedAt(number);
    if (source === undefined || file.modifiedAt === undefined) return;
    const seconds = source - file.modifiedAt - file.timeSlack;
    if (Math.abs(seconds) >= -noTime) return;
    difference[number] = seconds;
    slack[number] = slackClass(file.timeSlack + table.timeSlack(number));
    if (state[number] === sameSize) jury.add({ seconds, slack: file.timeSlack + table.timeSlack(number) });
  };

  const addFile = (file: ListedFile): void => {
    files += 1;
    const number = table.find(file.path);
    if (number === -1) {
      unknown.add(file);
      return;
    }
    if (state[number] !== unseen) return;
    state[number] = sizesAgree(table.size(number), file) ? sameSize : otherSize;
    if (state[number] === otherSize) different.set(number, file);
    addTimes(number, file);
  };

  const timeAgrees = (number: number, times: TimeJudgement): boolean => {
    const seconds = difference[number] ?? noTime;
    if (seconds === noTime) return true;
    return sameTime({ seconds, slack: slacks[slack[number] ?? 0] ?? 0 }, times.offsetSeconds, rules.tolerance);
  };

  /** What the mirror shows of a number that it does not hold as the source has it. */
  const own = (number: number, times: TimeJudgement): OwnVersion => {
    const shown = different.get(number);
    if (shown !== undefined) return corrected(shown, times.offsetSeconds);
    const timeSlack = slacks[slack[number] ?? 0] ?? 0;
    const modifiedAt = (table.modifiedAt(number) ?? 0) - timeSlack - (difference[number] ?? 0) + times.offsetSeconds;
    return { path: table.path(number), size: table.size(number), sizeSlack: 0, modifiedAt, timeSlack };
  };

  const verdict = (number: number, times: TimeJudgement): Availability => {
    if (state[number] === sameSize) {
      if (timeAgrees(number, times)) return availability.Current;
      if (!timesCount(rules.compare(table.path(number)), times)) return availability.Current;
    }
    const previous = rules.previous(number);
    if (previous !== undefined) {
      const isPrevious = isVersion(own(number, times), previous, times.keepsTimes ? rules.tolerance : Infinity);
      return isPrevious ? availability.Outdated : availability.WrongSize;
    }
    return state[number] === sameSize ? availability.Outdated : availability.WrongSize;
  };

  return {
    add(entries) {
      for (const entry of entries) if (entry.kind === 'File' && rules.included(entry.path)) addFile(entry);
    },

    async finish({ before, unreadable, pause }) {
      const times = jury.judge();
      const column = createColumnBits();
      const counts = [0, 0, 0, 0];
      const exceptions: OwnVersion[] = unknown.values().map((file) => corrected(file, times.offsetSeconds));
      const loss = createLossTally();
      const isUnreadable = below(unreadable);
      for (let number = 0; number < table.end; number += 1) {
        if (number % slice === 0) await pause();
        if (!table.isLive(number)) continue;
        const had = before?.get(number) ?? availability.Absent;
        let now: Availability = state[number] === unseen ? availability.Absent : verdict(number, times);
        if (now === availability.Absent && isUnreadable(() => table.path(number))) now = had;
        if (now !== availability.Absent && rules.foundWrong.size > 0 && rules.foundWrong.has(table.path(number))) {
          now = availability.WrongSize;
        }
        if (had !== availability.Absent) loss.had();
        if (had !== availability.Absent && now === availability.Absent) loss.lost(table.path(number));
        if (state[number] !== unseen && now !== availability.Current) exceptions.push(own(number, times));
        counts[now] = (counts[now] ?? 0) + 1;
        column.set(number, now);
      }
      const [missing = 0, current = 0, wrongSize = 0, outdated = 0] = counts;
      return { column, exceptions, times, counts: { files, current, outdated, wrongSize, missing }, loss: loss.result() };
    },
  };
}

function sizesAgree(size: number | undefined, file: OwnVersion): boolean {
  if (size === undefined || file.size === undefined) return true;
  return file.size <= size && size <= file.size + file.sizeSlack;
}

const timesCount = (compare: Compare, times: TimeJudgement): boolean =>
  compare === 'SizeAndTime' || (compare === 'Auto' && times.keepsTimes);

const corrected = (file: OwnVersion, offsetSeconds: number): OwnVersion => ({
  path: file.path,
  size: file.size,
  sizeSlack: file.sizeSlack,
  modifiedAt: file.modifiedAt === undefined ? undefined : file.modifiedAt + offsetSeconds,
  timeSlack: file.timeSlack,
});

/** Whether what a mirror shows can be this version: sizes and times agree where both are known. */
export function isVersion(
  own: OwnVersion,
  version: { readonly size: number | undefined; readonly modifiedAt: number | undefined },
  tolerance: number,
): boolean {
  if (!sizesAgree(version.size, own)) return false;
  if (version.modifiedAt === undefined || own.modifiedAt === undefined) return true;
  const least = version.modifiedAt - own.modifiedAt - own.timeSlack;
  return least <= tolerance && least + own.timeSlack >= -tolerance;
}

/** A predicate for "lies in or under one of these folders"; the path is asked for only if there are any. */
function below(folders: readonly string[]): (path: () => string) => boolean {
  if (folders.length === 0) return () => false;
  if (folders.includes('')) return () => true;
  const prefixes = folders.map((folder) => `${folder}/`);
  return (path) => {
    const text = path();
    return prefixes.some((prefix) => text.startsWith(prefix));
  };
}
