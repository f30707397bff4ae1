import type { Table } from '@geomirror/catalog/table.ts';
import type { Answer } from './answer.ts';
import { entityTag } from './validators.ts';

/** 304: the client has this version of the file, wherever it got it. */
export function notModified(table: Table, number: number, common: readonly string[]): Answer {
  const headers = [...common];
  const tag = entityTag(table, number);
  if (tag !== undefined) headers.push('ETag', tag);
  const modifiedAt = table.modifiedAt(number);
  // A time that is known to the minute only must not be told as if it were exact.
  if (modifiedAt !== undefined && table.timeSlack(number) === 0)
    headers.push('Last-Modified', new Date(modifiedAt * 1000).toUTCString());
  return { status: 304, outcome: 'NotModified', headers, body: '' };
}
