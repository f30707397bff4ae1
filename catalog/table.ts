import type { Digests } from './file.ts';

export { pageFiles, segmentFiles } from './column.ts';

/** The numbered files of one repository: an immutable value that shares pages and index with its predecessors. */
export type Table = {
  /** The number after the last one used. */
  readonly end: number;
  /** Live files and the sum of their known sizes in bytes, files retained after their removal included. */
  readonly liveFiles: number;
  readonly liveBytes: number;
  /** The live number of a path, or -1. */
  find(path: string): number;
  isLive(number: number): boolean;
  /** Also of dead numbers whose page still exists; '' otherwise. */
  path(number: number): string;
  size(number: number): number | undefined;
  modifiedAt(number: number): number | undefined;
  timeSlack(number: number): number;
  digests(number: number): Digests;
  /** Live numbers in [from, to), ascending. */
  live(from?: number, to?: number): Generator<number, void, void>;
};
