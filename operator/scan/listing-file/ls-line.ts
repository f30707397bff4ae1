import { utf8 } from '../decode-lines.ts';
import type { ListedFile, ListedLink } from '../listing.ts';
import { parseLsTime } from './ls-time.ts';

/** One line of `ls -l` within a folder: `name` and `path` are names only. */
export type LsLine =
  | ListedFile
  | ListedLink
  | { readonly kind: 'Folder'; readonly name: string }
  /** A device, pipe or socket. */
  | { readonly kind: 'Special' }
  /** Begins like an entry, but its size, time or name cannot be told. */
  | { readonly kind: 'Unreadable' }
  | { readonly kind: 'NoEntry' };

export type LsRules = {
  /** Unix ms when the listing was made, for times without a year. */
  readonly madeAt: number;
  /** Names are C strings, as `ls -Q` prints them. */
  readonly quoted: boolean;
};

const mode = /^([-dlbcpsDCMnP?])[-rwxsStTlL]{9}[+.@]? /;

/** Reads a line in latin1 text. Links, owner and group may be missing or hold blanks: the size is the number before the time. */
export function parseLsLine(line: string, rules: LsRules): LsLine {
  const type = mode.exec(line)?.[1];
  if (type === undefined) return { kind: 'NoEntry' };
  if (!'-dl'.includes(type)) return { kind: 'Special' };
  const number = / (\d{1,15}) +(?=[A-Z\d])/g;
  number.lastIndex = 9;
  for (let found = number.exec(line); found !== null; found = number.exec(line)) {
    const time = parseLsTime(line.slice(number.lastIndex), rules.madeAt);
    if (time === undefined) {
      // Two numbers in a row share the blank between them.
      number.lastIndex = found.index + 1;
      continue;
    }
    const { rest, ...times } = time;
    return describe(type, rest, { size: Number(found[1]), times, quoted: rules.quoted });
  }
  return { kind: 'Unreadable' };
}

type Fields = {
  readonly size: number;
  readonly times: { readonly modifiedAt: number; readonly timeSlack: number };
  readonly quoted: boolean;
};

function describe(type: string, text: string, { size, times, quoted }: Fields): LsLine {
  if (type === 'l') return describeLink(text, size, quoted);
  const name = quoted ? unquote(text) : text;
  if (name === undefined) return { kind: 'Unreadable' };
  if (type === 'd') return { kind: 'Folder', name: utf8(name).replace(/\/$/, '') };
  return { kind: 'File', path: utf8(name), size, sizeSlack: 0, ...times };
}

const arrow = ' -> ';

/** The size of a link is the length of its target, which tells where to cut if names hold an arrow too. */
function describeLink(text: string, size: number, quoted: boolean): LsLine {
  const plain = (part: string): string | undefined => (quoted ? unquote(part) : part);
  let first: ListedLink | undefined;
  for (let at = text.indexOf(arrow, 1); at >= 0; at = text.indexOf(arrow, at + 1)) {
    const [name, target] = [plain(text.slice(0, at)), plain(text.slice(at + arrow.length))];
    if (name === undefined || target === undefined) continue;
    const link: ListedLink = { kind: 'Link', path: utf8(name), target: utf8(target) };
    if (target.length === size) return link;
    first ??= link;
  }
  return first ?? { kind: 'Unreadable' };
}

const letters: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** The text of a C string with its quotation marks, undefined if it is none. */
export function unquote(text: string): string | undefined {
  if (!/^"(?:[^"\\]|\\.)*"$/.test(text)) return undefined;
  return text
    .slice(1, -1)
    .replaceAll(/\\([0-3][0-7]{2}|.)/g, (_, escaped: string) =>
      escaped.length === 3 ? String.fromCharCode(Number.parseInt(escaped, 8)) : (letters[escaped] ?? escaped),
    );
}
