import { Parser } from 'htmlparser2';

import { printable } from '../../network/explain.ts';
import { childOf } from './child.ts';
import { createPageEntries, type Page, type PageEntry, type PageReader, type RefuseName } from './page-entries.ts';
import { createRows } from './rows.ts';

const maxHeadingLength = 80;

// The parser looks closing tags up in its stack of open ones: unbounded depth would cost quadratic time.
const maxDepth = 500;

/**
 * Reads an HTML directory page piece by piece: Apache mod_autoindex in all its forms, nginx autoindex and fancyindex,
 * lighttpd mod_dirlisting, Caddy browse, and pages that look like one of them.
 *
 * A page counts as a listing if its title says so ("Index of"), if it has Apache's sort links or Caddy's table, or if at
 * least half of its links to children are followed by a time. Then links without a time, of a README above the list for
 * example, are not part of the list.
 */
export function createHTMLReader(folder: URL, refuse: RefuseName): PageReader {
  const entries = createPageEntries();
  const rows = createRows(entries.add);
  const headings = createHeadings();
  let marked = false;
  let depth = 0;

  const openLink = (href: string): void => {
    if (/^\?C=[NMSD](?:[;&]O=[AD])?$/.test(href)) marked = true;
    const child = childOf(folder, href);
    if (child?.kind === 'Refused') refuse(child.name, child.reason);
    rows.link(child?.kind === 'Child' ? child : undefined);
  };
  const parser = new Parser({
    onopentag: (tag, attributes) => {
      depth += 1;
      if (tag === 'a') openLink(attributes['href'] ?? '');
      if (tag === 'table' && attributes['aria-describedby'] === 'summary') marked = true;
      headings.open(tag);
      rows.open(tag, attributes);
    },
    ontext: (text) => {
      headings.text(text);
      rows.text(text);
    },
    onclosetag: (tag) => {
      depth -= 1;
      headings.close(tag);
      rows.close(tag);
    },
  });
  return {
    write: (text) => {
      if (depth <= maxDepth) parser.write(text);
    },
    end: () => {
      if (depth > maxDepth) return { kind: 'NoListing', why: 'nests its tags too deeply' };
      parser.end();
      return judge(entries.all(), marked || headings.announceListing(), headings.title());
    },
  };
}

function judge(entries: readonly PageEntry[], marked: boolean, title: string): Page {
  const timed = entries.filter((entry) => entry.modifiedAt !== undefined);
  if (timed.length > 0 && timed.length * 2 >= entries.length) return { kind: 'Listing', entries: timed };
  if (marked) return { kind: 'Listing', entries };
  return { kind: 'NoListing', why: title === '' ? 'is an ordinary page' : `is an ordinary page titled "${title}"` };
}

type Headings = {
  readonly open: (tag: string) => void;
  readonly text: (text: string) => void;
  readonly close: (tag: string) => void;
  readonly announceListing: () => boolean;
  /** The title or else the first heading, printable and short. */
  readonly title: () => string;
};

function createHeadings(): Headings {
  const headings: string[] = [];
  let current: string | undefined;
  return {
    open: (tag) => {
      if (tag === 'title' || tag === 'h1') current = '';
    },
    text: (text) => {
      if (current !== undefined && current.length < maxHeadingLength) current += text;
    },
    close: (tag) => {
      if ((tag !== 'title' && tag !== 'h1') || current === undefined) return;
      // Two are enough: the title and the first heading.
      if (headings.length < 2) headings.push(current.trim());
      current = undefined;
    },
    announceListing: () => headings.some((heading) => /^(index of|directory listing (for|of))\b/i.test(heading)),
    title: () => printable(headings[0] ?? '', maxHeadingLength),
  };
}
