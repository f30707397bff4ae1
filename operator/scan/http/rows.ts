import type { Child } from './child.ts';
import type { PageEntry } from './page-entries.ts';
import { readSize, sizePattern, type Rounding } from './printed-size.ts';
import { readISOTime, readPrintedTime, timePattern } from './printed-time.ts';

type Attributes = Readonly<Record<string, string>>;

/** Follows the lines of a page: what stands between the link to a child and the end of its line. */
export type Rows = {
  /** A link; undefined if it does not lead to a child. */
  readonly link: (child: Child | undefined) => void;
  readonly open: (tag: string, attributes: Attributes) => void;
  readonly text: (text: string) => void;
  readonly close: (tag: string) => void;
};

type Row = {
  readonly child: Child;
  text: string;
  rounding: Rounding;
  exactSize: string | undefined;
  datetime: string | undefined;
};

const maxRowLength = 1000;
const lineEnds: ReadonlySet<string> = new Set(['tr', 'li', 'pre', 'table', 'br', 'ul', 'body']);

/** Calls `each` with every finished line. */
export function createRows(each: (entry: PageEntry) => void): Rows {
  let row: Row | undefined;
  let inLink = false;
  let preformatted = false;

  const finish = (): void => {
    if (row !== undefined) each(entryOf(row));
    row = undefined;
  };
  const append = (text: string): void => {
    if (row !== undefined && row.text.length < maxRowLength) row.text += text;
  };

  return {
    link: (child) => {
      inLink = true;
      // An icon and the name may both be links to the same child.
      if (child === undefined || child.name === row?.child.name) return;
      finish();
      row = {
        child,
        text: '',
        rounding: preformatted ? 'Nearest' : 'Unknown',
        exactSize: undefined,
        datetime: undefined,
      };
    },
    open: (tag, attributes) => {
      if (lineEnds.has(tag)) finish();
      if (tag === 'pre') preformatted = true;
      if (row !== undefined) readAttributes(row, tag, attributes);
    },
    text: (text) => {
      const lineEnd = preformatted && !inLink ? text.indexOf('\n') : -1;
      if (!inLink) append(lineEnd < 0 ? text : text.slice(0, lineEnd));
      if (lineEnd >= 0) finish();
    },
    close: (tag) => {
      if (tag === 'a') inLink = false;
      if (tag === 'pre') preformatted = false;
      if (tag === 'td') append('  ');
      if (lineEnds.has(tag)) finish();
    },
  };
}

function readAttributes(row: Row, tag: string, attributes: Attributes): void {
  if (tag === 'time') row.datetime ??= attributes['datetime']?.trim();
  if (tag !== 'td') return;
  row.exactSize ??= attributes['data-size'] ?? attributes['data-order'];
  if (attributes['class'] === 's') row.rounding = 'Lighttpd';
  else if (attributes['align'] === 'right') row.rounding = 'Nearest';
}

const size = `(${sizePattern})`;
// Columns are at least two spaces apart: `  23 files` is a description, not a size.
const columns = new RegExp(
  String.raw`^\s*/?\s*(?:${size}\s{2,})?(${timePattern})(?:\s{2,}${size}(?=\s{2}|\s*$))?`,
  'i',
);

function entryOf(row: Row): PageEntry {
  const { child, text, rounding, exactSize, datetime } = row;
  const [, before, time = '', after] = columns.exec(text) ?? [];
  const modified = datetime === undefined ? readPrintedTime(time) : readISOTime(datetime);
  // Other pages use the attributes of exactSize for other numbers; together with <time datetime> they are Caddy's.
  const printed = (datetime === undefined ? undefined : exactSize) ?? after ?? before;
  return {
    name: child.name,
    isFolder: child.isFolder,
    ...noSize,
    ...(!child.isFolder && printed !== undefined && readSize(printed, rounding)),
    ...noTime,
    ...modified,
  };
}

const noSize = { size: undefined, sizeSlack: 0 };
const noTime = { modifiedAt: undefined, timeSlack: 0 };
