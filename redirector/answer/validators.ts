import type { Table } from '@geomirror/catalog/table.ts';

/** What a client says it already has. */
export type Conditions = {
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
};

/** The entity tag of a file version: of its time and size, else of its digest; undefined where the source tells neither. */
export function entityTag(table: Table, number: number): string | undefined {
  return timeTag(table, number) ?? digestTag(table, number);
}

function digestTag(table: Table, number: number): string | undefined {
  const { sha256, sha512, sha1, md5 } = table.digests(number);
  const digest = sha256 ?? sha512 ?? sha1 ?? md5;
  return digest === undefined ? undefined : `"${digest.slice(0, 32)}"`;
}

/** In the form that nginx uses: a tag that a client got from a mirror is known here, and one from here is known there. */
function timeTag(table: Table, number: number): string | undefined {
  const size = table.size(number);
  const modifiedAt = table.modifiedAt(number);
  if (size === undefined || modifiedAt === undefined || modifiedAt < 0 || table.timeSlack(number) > 0) return undefined;
  return `"${modifiedAt.toString(16)}-${size.toString(16)}"`;
}

/** Whether the client has this version of the file, by the precedence of RFC 9110, section 13.2.2: tags before times. */
export function isNotModified(table: Table, number: number, conditions: Conditions): boolean {
  const { ifNoneMatch, ifModifiedSince } = conditions;
  if (ifNoneMatch !== undefined) return matchesTag(ifNoneMatch, [digestTag(table, number), timeTag(table, number)]);
  if (ifModifiedSince === undefined) return false;
  const modifiedAt = table.modifiedAt(number);
  const since = parseHTTPDate(ifModifiedSince);
  if (modifiedAt === undefined || since === undefined) return false;
  return (modifiedAt + table.timeSlack(number)) * 1000 <= since;
}

const httpDate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d{2}:\d{2}:\d{2}/;

/** Unix ms of an HTTP-date in any of its three forms (RFC 9110, section 5.6.7); undefined if it is none. */
function parseHTTPDate(text: string): number | undefined {
  if (!httpDate.test(text)) return undefined;
  const ms = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Weak comparison with a list (RFC 9110, section 13.1.2); `*` matches whatever exists. */
function matchesTag(header: string, tags: readonly (string | undefined)[]): boolean {
  if (header.trim() === '*') return true;
  return header.split(',').some((tag) => tags.includes(tag.trim().replace(/^W\//, '')));
}
