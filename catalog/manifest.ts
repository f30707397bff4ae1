import type { PageName } from './page-name.ts';
import type { Audience, Location, Policy } from './policy.ts';

/** Version of everything that lies in the store; part of the manifest's and health record's key. */
export const schemaVersion = 1;

/** `namespace/name` of a Repository: what a slot of the store is called. */
export type Slot = `${string}/${string}`;

/** One published state of one repository: names of immutable pages plus what changes too often or is too small for a page. */
export type Manifest = {
  readonly schema: typeof schemaVersion;
  /** UID of the Repository resource: a slot under the same name with another UID is another catalog. */
  readonly uid: string;
  /** Grows with every publication of this slot. */
  readonly revision: number;
  /** Unix ms. */
  readonly publishedAt: number;
  readonly policy: Policy;
  /** Live files and the sum of their known sizes in bytes. */
  readonly files: number;
  readonly bytes: number;
  readonly table: TableRecord;
  readonly links: PageName | null;
  /** Changed files whose previous version may still be served: Outdated counts as eligible until then. */
  readonly grace: readonly NumberRange[];
  /** Files that left the source and may still be served by the mirrors that hold them. */
  readonly retained: readonly NumberRange[];
  /** Sizes and times of the versions before those in grace: for the operator only. */
  readonly previous: PageName | null;
  readonly mirrors: readonly MirrorRecord[];
};

/** `[first, count, until]`: file numbers first … first + count - 1, until a Unix time in ms. */
export type NumberRange = readonly [first: number, count: number, until: number];

export type TableRecord = {
  /** The list of full pages and finished segments. */
  readonly list: PageName | null;
  /** Pages of the growing segment; null while it is empty. */
  readonly growing: SegmentPages | null;
  /** The number after the last one used. */
  readonly end: number;
};

/** Names of the pages that describe one run of file numbers. */
export type SegmentPages = {
  readonly paths: PageName;
  readonly attributes: PageName;
  readonly digests: PageName | null;
  readonly dead: PageName | null;
};

export type MirrorRecord = {
  readonly name: string;
  readonly uid: string;
  /** Where clients are sent: http and https URLs that end with a slash. */
  readonly endpoints: readonly string[];
  readonly location: Location;
  readonly weight: number;
  readonly audience: Audience;
  /** Bytes. */
  readonly maxFileSize?: number;
  readonly mode: 'Active' | 'Drained';
  readonly sponsor?: { readonly name: string; readonly url?: string; readonly logoURL?: string };
  /** Unix ms of the last accepted scan. */
  readonly scannedAt?: number;
  /** The list of its column's pages. */
  readonly column: PageName | null;
  /** Base64 of the column's bits in the table's growing segment, at most 64 bytes; empty: all Absent. */
  readonly growing: string;
  /** What it holds differently from the source: for the operator and for explanations. */
  readonly exceptions: PageName | null;
};
