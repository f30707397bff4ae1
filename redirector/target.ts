import { maxPathBytes, refusePath, type PathRefusal } from '@geomirror/catalog/path.ts';

/** Why a request target names no path that any file could have. */
export type TargetRefusal = PathRefusal | 'NotAPath' | 'MalformedEscape' | 'EncodedSlash' | 'LeavesRoot';

/** A request target that was understood. */
export type Target = {
  readonly kind: 'Target';
  /** Decoded text, begins with a slash, without empty or dot segments and without a slash at its end. */
  readonly path: string;
  /** Whether it ended in a slash or dot segment: a directory is meant. The root is always one. */
  readonly directory: boolean;
  /** Of an absolute-form target, in place of the Host header (RFC 9112, section 3.2.2). */
  readonly authority: string | undefined;
  /** Undefined where there is no `?`. */
  readonly query: URLSearchParams | undefined;
};

export type RefusedTarget = { readonly kind: 'Refused'; readonly refusal: TargetRefusal };

const absoluteForm = /^https?:\/\/[^/?#]*/i;
const encodedSlash = /%2f/i;
const untidy = /\/(?:\/|\.\.?(?:\/|$))/;
// oxlint-disable-next-line no-control-regex -- everything beyond ASCII is meant
const beyondASCII = /[^\u0000-\u007f]/;

// One scan tells the usual target, which has nothing to decode, take out or refuse, at a tenth of the price of finding out.
const usual = /^(?:\/(?!\.\.?(?:\/|$))[A-Za-z0-9\-._~+:@=,]{1,255})+$/;

/**
 * Reads a request target (RFC 9112, section 3.2). Escapes are decoded strictly and once; empty and dot segments, also
 * escaped ones, are taken out (RFC 3986, section 5.2.4). A bare `#` or backslash is a character like any other.
 */
export function parseTarget(raw: string): Target | RefusedTarget {
  if (raw.length <= maxPathBytes && usual.test(raw))
    return { kind: 'Target', path: raw, directory: false, authority: undefined, query: undefined };
  const start = raw.startsWith('/') ? '' : absoluteForm.exec(raw)?.[0];
  if (start === undefined) return refused('NotAPath');
  const mark = raw.indexOf('?', start.length);
  const read = readPath(mark < 0 ? raw.slice(start.length) : raw.slice(start.length, mark));
  if ('refusal' in read) return read;
  const authority = start === '' ? undefined : start.slice(start.indexOf('//') + 2);
  const query = mark < 0 ? undefined : new URLSearchParams(raw.slice(mark + 1));
  return { kind: 'Target', path: read.path, directory: read.directory, authority, query };
}

function readPath(raw: string): Pick<Target, 'path' | 'directory'> | RefusedTarget {
  const decoded = decode(raw);
  if (typeof decoded !== 'string') return decoded;
  const path = tidy(decoded.startsWith('/') ? decoded : `/${decoded}`);
  if (path === undefined) return refused('LeavesRoot');
  const directory = path.endsWith('/');
  const bare = directory ? path.slice(0, -1) : path;
  const refusal = bare === '' ? undefined : refusePath(bare.slice(1));
  return refusal === undefined ? { path: bare, directory } : refused(refusal);
}

/** Percent-decodes; bytes that are not ASCII may also stand unescaped, as old clients send them. */
function decode(raw: string): string | RefusedTarget {
  // Node hands the target out byte by byte, as Latin-1.
  const text = beyondASCII.test(raw) ? Buffer.from(raw, 'latin1').toString('utf8') : raw;
  if (!text.includes('%')) return text;
  if (encodedSlash.test(text)) return refused('EncodedSlash');
  try {
    return decodeURIComponent(text);
  } catch {
    return refused('MalformedEscape');
  }
}

/** Without empty and dot segments; undefined if it climbs over the root. A last dot segment means a directory. */
function tidy(path: string): string | undefined {
  if (!untidy.test(path)) return path;
  const names: string[] = [];
  const segments = path.slice(1).split('/');
  for (const segment of segments) {
    if (segment === '..') {
      if (names.pop() === undefined) return undefined;
    } else if (!isEmptyOrDot(segment)) names.push(segment);
  }
  const last = segments.at(-1) ?? '';
  const directory = names.length > 0 && (last === '..' || isEmptyOrDot(last));
  return `/${names.join('/')}${directory ? '/' : ''}`;
}

function isEmptyOrDot(segment: string): boolean {
  return segment === '' || segment === '.';
}

function refused(refusal: TargetRefusal): RefusedTarget {
  return { kind: 'Refused', refusal };
}

/** A Host header or authority as a policy names hosts: lower-case, without user, port and final dot; IPv6 without brackets. */
export function hostName(authority: string): string {
  const host = authority.slice(authority.lastIndexOf('@') + 1).toLowerCase();
  if (host.startsWith('[')) return host.slice(1, Math.max(1, host.indexOf(']')));
  const colon = host.indexOf(':');
  const name = colon < 0 ? host : host.slice(0, colon);
  return name.endsWith('.') ? name.slice(0, -1) : name;
}
