import { refusePath, type PathRefusal } from '@geomirror/catalog/path.ts';

/** A name right below the listed folder, decoded, without a slash. */
export type Child = { readonly kind: 'Child'; readonly name: string; readonly isFolder: boolean };

/** A link below the listed folder whose name cannot stand in the catalog, as printed. */
export type RefusedChild = { readonly kind: 'Refused'; readonly name: string; readonly reason: PathRefusal };

/**
 * What a link on the page of `folder` (whose path ends with a slash) points to, or undefined for everything that is not a
 * direct child: parents, other hosts and folders, sort links, fragments, `javascript:`.
 *
 * Resolved by hand: WHATWG URLs drop tabs and line ends, turn `\` into `/` and fold `%2e%2e`, so that a name could change its meaning.
 */
export function childOf(folder: URL, href: string): Child | RefusedChild | undefined {
  const relative = relativeTo(folder, href.trim());
  if (relative === undefined || /[?#]/.test(relative)) return undefined;
  const isFolder = relative.endsWith('/');
  const encoded = isFolder ? relative.slice(0, -1) : relative;
  if (encoded === '' || encoded === '.' || encoded === '..' || encoded.includes('/')) return undefined;
  return child(encoded, decode(encoded), isFolder);
}

/** The same for a name that is printed as it is (JSON listings). */
export function childNamed(name: string, isFolder: boolean): Child | RefusedChild {
  return child(name, name, isFolder);
}

function child(printed: string, name: string | undefined, isFolder: boolean): Child | RefusedChild {
  const reason = name === undefined ? 'NotUTF8' : refuseName(name);
  if (name === undefined || reason !== undefined)
    return { kind: 'Refused', name: printed, reason: reason ?? 'NotUTF8' };
  return { kind: 'Child', name, isFolder };
}

// A slash within one name would lead to another folder, as a dot segment does.
function refuseName(name: string): PathRefusal | undefined {
  return name.includes('/') ? 'DotSegment' : refusePath(name);
}

function relativeTo(folder: URL, href: string): string | undefined {
  if (href.startsWith('./')) return href.slice(2);
  if (href.startsWith('//')) return below(folder, `${folder.protocol}${href}`);
  if (href.startsWith('/')) return below(folder, `${folder.origin}${href}`);
  return /^[a-z][a-z0-9+.-]*:/i.test(href) ? below(folder, href) : href;
}

function below(folder: URL, absolute: string): string | undefined {
  const { origin, pathname } = folder;
  if (!absolute.toLowerCase().startsWith(`${origin}/`)) return undefined;
  const path = absolute.slice(origin.length);
  // Servers differ in what they escape; the parent is compared decoded, the name is kept as it is printed.
  const end = path.lastIndexOf('/', path.length - 2) + 1;
  return decode(path.slice(0, end)) === decode(pathname) ? path.slice(end) : undefined;
}

function decode(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
