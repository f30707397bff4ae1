import type { FileVersion } from '@geomirror/catalog/file.ts';
import type { Links } from '@geomirror/catalog/links.ts';
import type { Pace } from '@geomirror/catalog/pace.ts';
import type { NumberRange } from '@geomirror/catalog/manifest.ts';
import type { PageName } from '@geomirror/catalog/page-name.ts';
import type { Attributes } from '@geomirror/catalog/pages/attributes.ts';
import type { OwnVersion } from '@geomirror/catalog/pages/exceptions.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import type { ColumnState } from './column-state.ts';
import type { OwnVersions } from './own-versions.ts';

/** Whether what a mirror holds is this version, by the tolerances of the repository. */
export type Matches = (own: OwnVersion, file: FileVersion) => boolean;

/** A changed file whose previous version may still be served until then (Unix ms). */
export type Grace = { readonly until: number; readonly previous: Attributes | undefined };

export type GraceRecord = { readonly ranges: readonly NumberRange[]; readonly previous: NamedPage | undefined };

export type MirrorState = { readonly column: ColumnState; own: OwnVersions | undefined };

export type NamedPage = { readonly name: PageName; readonly bytes: Uint8Array };

/** Everything a ledger remembers. */
export type LedgerState = {
  table: Table;
  links: Links;
  linksPage: NamedPage | undefined;
  /** By the number of the new version. */
  grace: Map<number, Grace>;
  /** What an edition says of grace; undefined since grace has changed. */
  graceRecord: GraceRecord | undefined;
  /** Files that left the source, until when (Unix ms) they stay reachable. */
  retained: Map<number, number>;
  readonly mirrors: Map<string, MirrorState>;
  /** As the last source change handed it in. */
  matches: Matches;
};

/** Whether two descriptions can be of one version: equal size, times that can be equal, and no digest that contradicts. */
export function isSameVersion(a: FileVersion, b: FileVersion): boolean {
  if (a.size !== b.size || !isSameTime(a, b)) return false;
  const known = Object.entries(a.digests);
  const other: Readonly<Record<string, string | undefined>> = b.digests;
  return known.every(([algorithm, digest]) => other[algorithm] === undefined || other[algorithm] === digest);
}

function isSameTime(a: FileVersion, b: FileVersion): boolean {
  if (a.modifiedAt === undefined || b.modifiedAt === undefined) return a.modifiedAt === b.modifiedAt;
  return a.modifiedAt <= b.modifiedAt + b.timeSlack && b.modifiedAt <= a.modifiedAt + a.timeSlack;
}

/** Calls back for each item, giving way between slices. */
export async function eachPaced<Item>(items: Iterable<Item>, pace: Pace, visit: (item: Item) => void): Promise<void> {
  for (const item of items) {
    visit(item);
    if (pace.due()) await pace.rest();
  }
}

/** Drops the columns' pages where the table has no live file left. */
export function dropEmptyPages({ table, mirrors }: LedgerState): void {
  for (const [ordinal, block] of table.full.entries()) {
    if (block !== undefined) continue;
    for (const { column } of mirrors.values()) column.replace(ordinal, undefined);
  }
}
