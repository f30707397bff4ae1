import type { Watchdog } from '../network/watchdog.ts';
import type { Refusals } from './entries.ts';
import type { FTPSession } from './ftp-session.ts';
import type { ListingRequest } from './listing.ts';

/** One listing on one session. */
export type FTPWalk = {
  readonly session: FTPSession;
  readonly watchdog: Watchdog;
  readonly request: ListingRequest;
  /** Begins the sentences of failures. */
  readonly doing: string;
  /** Unix ms. */
  readonly now: () => number;
  readonly maxEntries: number;
  readonly maxTimesAsked: number;
};

/** What the listing has seen so far. */
export type FTPTally = {
  entries: number;
  unreadableLines: number;
  /** Files whose time was asked for one by one. */
  timesAsked: number;
  readonly refusals: Refusals;
};

export type Subfolder = {
  readonly path: string;
  /** Tells the same folder under another name, where the server says so. */
  readonly unique: string | undefined;
  /** `unique` of each folder above, '' where unknown. */
  readonly above: readonly string[];
};
