import type { OwnVersion } from '@geomirror/catalog/pages/exceptions.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import type { ListedFile } from '../scan/listing.ts';
import { createNewest } from './newest.ts';
import { createTimeJury, sameTime, type TimeDifference, type TimeJudgement } from './times.ts';

/** What a listing showed of each file number. Memory: six bytes a file of the table, plus what differs. */
export type Observations = {
  add(file: ListedFile): void;
  /** Files added, known to the table or not. */
  readonly files: number;
  readonly judge: () => TimeJudgement;
  readonly isSeen: (number: number) => boolean;
  readonly sizeAgrees: (number: number) => boolean;
  /** True also where either side says no time. */
  readonly timeAgrees: (number: number, times: TimeJudgement) => boolean;
  /** What was shown of a number that was seen. */
  readonly shown: (number: number, times: TimeJudgement) => OwnVersion;
  /** The newest of what the table does not know. */
  readonly unknown: (times: TimeJudgement) => OwnVersion[];
};

const unseen = 0;
const sameSize = 1;
const otherSize = 2;
const noTime = -0x8000_0000;
/** Exceptions beyond are forgotten: they only make explanations and early verdicts better. */
const mostUnknown = 65_536;

export type Observing = {
  /** Seconds by which equal times may differ. */
  readonly tolerance: number;
  /** Files that are kept just as they are shown; should be few. */
  readonly isKept: (number: number) => boolean;
};

export function createObservations(table: Table, { tolerance, isKept }: Observing): Observations {
  const state = new Uint8Array(table.end);
  const differences = createDifferences(table.end);
  const kept = new Map<number, OwnVersion>();
  const unknown = createNewest<OwnVersion>(mostUnknown, (own) => own.modifiedAt ?? 0);
  const jury = createTimeJury(tolerance);
  let files = 0;
  const addTime = (number: number, file: ListedFile): void => {
    const difference = differenceOf(table, number, file);
    if (difference === undefined) return;
    differences.set(number, difference);
    if (state[number] === sameSize) jury.add(difference);
  };

  return {
    add(file) {
      files += 1;
      const number = table.find(file.path);
      if (number === -1) return unknown.add(file);
      if (state[number] !== unseen) return;
      state[number] = sizesAgree(table.size(number), file) ? sameSize : otherSize;
      if (state[number] === otherSize || isKept(number)) kept.set(number, file);
      addTime(number, file);
    },
    get files() {
      return files;
    },
    judge: () => jury.judge(),
    isSeen: (number) => state[number] !== unseen,
    sizeAgrees: (number) => state[number] === sameSize,
    timeAgrees(number, times) {
      const difference = differences.get(number);
      return difference === undefined || sameTime(difference, times.offsetSeconds, tolerance);
    },
    shown(number, times) {
      const file = kept.get(number);
      return file === undefined ? ofSourceSize(table, number, differences.get(number), times) : corrected(file, times);
    },
    unknown: (times) => unknown.values().map((file) => corrected(file, times)),
  };
}

/** What a listing showed of a file with the source's size: its time follows from the difference that was kept. */
function ofSourceSize(
  table: Table,
  number: number,
  difference: TimeDifference | undefined,
  { offsetSeconds }: TimeJudgement,
): OwnVersion {
  const timeSlack = Math.max(0, (difference?.slack ?? 0) - table.timeSlack(number));
  const source = table.modifiedAt(number);
  const modifiedAt =
    source === undefined || difference === undefined
      ? undefined
      : source - difference.seconds - timeSlack + offsetSeconds;
  return { path: table.path(number), size: table.size(number), sizeSlack: 0, modifiedAt, timeSlack };
}

function differenceOf(table: Table, number: number, file: ListedFile): TimeDifference | undefined {
  const source = table.modifiedAt(number);
  if (source === undefined || file.modifiedAt === undefined) return undefined;
  return { seconds: source - file.modifiedAt - file.timeSlack, slack: file.timeSlack + table.timeSlack(number) };
}

/** Source time minus mirror time by number, five bytes each. */
function createDifferences(end: number): {
  readonly set: (number: number, difference: TimeDifference) => void;
  readonly get: (number: number) => TimeDifference | undefined;
} {
  const seconds = new Int32Array(end).fill(noTime);
  const slack = new Uint8Array(end);
  const slacks: number[] = [];
  return {
    set(number, difference) {
      // Times so far apart are as good as unknown.
      if (Math.abs(difference.seconds) >= -noTime) return;
      seconds[number] = difference.seconds;
      slack[number] = indexIn(slacks, difference.slack);
    },
    get(number) {
      const known = seconds[number] ?? noTime;
      return known === noTime ? undefined : { seconds: known, slack: slacks[slack[number] ?? 0] ?? 0 };
    },
  };
}

/** The place of a value in a short list that grows as values come; beyond 256 different ones the last place stands for all. */
function indexIn(values: number[], value: number): number {
  const known = values.indexOf(value);
  if (known !== -1) return known;
  return values.length === 256 ? 255 : values.push(value) - 1;
}

export function sizesAgree(size: number | undefined, own: Pick<OwnVersion, 'size' | 'sizeSlack'>): boolean {
  if (size === undefined || own.size === undefined) return true;
  return own.size <= size && size <= own.size + own.sizeSlack;
}

function corrected(file: OwnVersion, { offsetSeconds }: TimeJudgement): OwnVersion {
  const { path, size, sizeSlack, modifiedAt, timeSlack } = file;
  return {
    path,
    size,
    sizeSlack,
    modifiedAt: modifiedAt === undefined ? undefined : modifiedAt + offsetSeconds,
    timeSlack,
  };
}
