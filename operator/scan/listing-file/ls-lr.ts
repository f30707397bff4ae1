import { utf8 } from '../decode-lines.ts';
import type { LineMeaning, LineParser } from './line-parser.ts';
import { parseLsLine, unquote, type LsLine } from './ls-line.ts';

const mostUnreadable = 10_000;

/**
 * The format LsLR: what `ls -lR` prints, run in the tree's root or given its absolute path. A folder that is shown by its parent
 * but never listed itself could not be read by `ls`, or the listing was cut off.
 */
export function createLsLRParser(madeAt: number): LineParser {
  const folders = createFolders();
  let quoted = false;
  let afterBlank = true;
  let afterHeading = true;
  let partlyUnseen = false;

  const readHeading = (line: string): boolean => {
    const heading = parseHeading(line);
    if (heading === undefined) return false;
    quoted ||= heading.quoted;
    folders.enter(heading.path);
    return true;
  };

  return {
    read(line) {
      const [isFirst, mayBeHeading] = [afterHeading, afterBlank];
      afterBlank = line === '';
      afterHeading = false;
      if (line === '') return 'Understood';
      const entry = parseLsLine(line, { madeAt, quoted });
      if (entry.kind === 'Unreadable') partlyUnseen = true;
      if (entry.kind !== 'NoEntry') return folders.place(entry);
      afterHeading = mayBeHeading && readHeading(line);
      return afterHeading || (isFirst && isTotal(line)) ? 'Understood' : 'NotUnderstood';
    },
    end() {
      const unreadable = folders.unlisted();
      if (unreadable.length > mostUnreadable) return { unreadable: [], partlyUnseen: true };
      return { unreadable, partlyUnseen };
    },
  };
}

type Folders = {
  /** What follows lies in the folder of this heading. */
  readonly enter: (heading: string) => void;
  readonly place: (line: LsLine) => LineMeaning;
  /** Folders that were shown but not listed. */
  readonly unlisted: () => string[];
};

function createFolders(): Folders {
  let root: string | undefined;
  let folder = '';
  const awaited = new Set<string>();
  const below = (name: string): string => (folder === '' ? name : `${folder}/${name}`);
  return {
    enter(heading) {
      root ??= heading.startsWith('/') ? heading : '';
      folder = relativeTo(root, heading);
      awaited.delete(folder);
    },
    place(line) {
      if (line.kind === 'File' || line.kind === 'Link') return { ...line, path: below(line.path) };
      // The dots are of ls -a.
      if (line.kind === 'Folder' && line.name !== '.' && line.name !== '..') awaited.add(below(line.name));
      return line.kind === 'Unreadable' ? 'NotUnderstood' : 'Understood';
    },
    unlisted: () => [...awaited],
  };
}

type Heading = { readonly path: string; readonly quoted: boolean };

/** `./a/b:`, or with -Q `"./a/b":`. */
function parseHeading(line: string): Heading | undefined {
  if (!line.endsWith(':') || line.length === 1) return undefined;
  const text = line.slice(0, -1);
  const unquoted = unquote(text);
  return { path: utf8(unquoted ?? text), quoted: unquoted !== undefined };
}

/** `total 12`, in whatever language. */
const isTotal = (line: string): boolean => /^\S+ \d[\d.,]*[A-Za-z]{0,3}$/.test(line);

function relativeTo(root: string, heading: string): string {
  const path = root !== '' && heading.startsWith(root) ? heading.slice(root.length).replace(/^\/+/, '') : heading;
  return path === '.' ? '' : path.replace(/^(?:\.\/+)+/, '').replace(/\/+$/, '');
}
