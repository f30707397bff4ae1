import { utf8 } from './decode-lines.ts';
import { cutLink } from './link-text.ts';

/** One line of `rsync --list-only`: what it says, not yet checked. */
export type RsyncLine =
  | { readonly kind: 'File'; readonly path: string; readonly size: number; readonly modifiedAt: number | undefined }
  | { readonly kind: 'Link'; readonly path: string; readonly target: string }
  /** A folder, device, pipe or socket. */
  | { readonly kind: 'Other' }
  /** An entry whose name or size cannot be told. */
  | { readonly kind: 'Unreadable' }
  /** Not a line of a listing: chatter of the server. */
  | { readonly kind: 'Chatter' };

// -rw-r--r--    1,234,567 2026/11/23 07:51:26 name
const entry = /^[-dlbcpsD?][-rwxsStTlL]{9}[+.@]? /;
const rest = /^ *(\S+) +(\S+) (\d\d:\d\d:\d\d) (.+)$/;
const digits = /^\d{1,3}(?:\d*|(?:[,.'\u00a0]\d{3})*)$/;

/** Reads a line of latin1 text (one character per byte) as `rsync --list-only -8` prints it, with or without digit groups. */
export function parseRsyncLine(line: string): RsyncLine {
  const permissions = entry.exec(line)?.[0];
  if (permissions === undefined) return { kind: 'Chatter' };
  const fields = rest.exec(line.slice(permissions.length)) ?? [];
  const [size, name] = [parseSize(fields[1] ?? ''), fields[4] ?? ''];
  if (size === undefined) return { kind: 'Unreadable' };
  if (line.startsWith('l')) return parseLink(name, size);
  if (!line.startsWith('-')) return { kind: 'Other' };
  return { kind: 'File', path: utf8(unescapeRsync(name)), size, modifiedAt: parseTime(`${fields[2]} ${fields[3]}`) };
}

/** Undoes rsync's `\#ooo`, octal, which it prints for control characters and for a backslash that would look like one. */
export function unescapeRsync(text: string): string {
  if (!text.includes('\\#')) return text;
  return text.replaceAll(/\\#([0-3][0-7]{2})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function parseLink(text: string, size: number): RsyncLine {
  const link = cutLink(text, size, unescapeRsync);
  return link === undefined
    ? { kind: 'Unreadable' }
    : { kind: 'Link', path: utf8(link.name), target: utf8(link.target) };
}

function parseSize(text: string): number | undefined {
  if (!digits.test(text)) return undefined;
  const size = Number(text.replaceAll(/\D/g, ''));
  return Number.isSafeInteger(size) ? size : undefined;
}

/** Unix seconds of what rsync printed as UTC; undefined for what is no date of four-digit years. */
function parseTime(text: string): number | undefined {
  if (!/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d$/.test(text)) return undefined;
  const at = Date.parse(`${text.replaceAll('/', '-').replace(' ', 'T')}Z`);
  return Number.isNaN(at) ? undefined : at / 1000;
}
