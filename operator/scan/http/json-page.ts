import { childNamed } from './child.ts';
import { createJSONSplitter } from './json-splitter.ts';
import { createPageEntries, type PageEntry, type PageReader, type RefuseName } from './page-entries.ts';
import { readHTTPDate, readISOTime } from './printed-time.ts';

type Item = Omit<PageEntry, 'sizeSlack' | 'timeSlack'>;

/**
 * Reads a JSON listing piece by piece: nginx (`name`, `type`, `mtime` as HTTP-date, `size`) and Caddy (`name`, `is_dir`,
 * `is_symlink`, `size`, `mod_time` of RFC 3339). Sizes are exact, times are UTC to the second.
 */
export function createJSONReader(refuse: RefuseName): PageReader {
  const entries = createPageEntries();
  let strange = false;
  const splitter = createJSONSplitter((value) => {
    const item = nginxItem(value) ?? caddyItem(value);
    if (item === undefined) strange = true;
    else if (item !== 'Other') add(item);
  });
  const add = (item: Item): void => {
    const child = childNamed(item.name, item.isFolder);
    if (child.kind === 'Refused') refuse(child.name, child.reason);
    else entries.add({ ...item, sizeSlack: 0, timeSlack: 0 });
  };
  return {
    write: splitter.write,
    end: () => {
      if (splitter.end() === 'Broken') return { kind: 'NoListing', why: 'is JSON, but not a whole list' };
      if (strange) return { kind: 'NoListing', why: 'is a JSON list of something other than files' };
      return { kind: 'Listing', entries: entries.all() };
    },
  };
}

// `other` is what nginx calls devices, sockets and links to nowhere.
function nginxItem(value: Readonly<Record<string, unknown>>): Item | 'Other' | undefined {
  const { name, type, mtime, size } = value;
  if (typeof name !== 'string' || typeof type !== 'string') return undefined;
  if (type !== 'directory' && type !== 'file') return 'Other';
  const time = typeof mtime === 'string' ? readHTTPDate(mtime) : undefined;
  const isFolder = type === 'directory';
  return { name, isFolder, size: isFolder ? undefined : bytes(size), modifiedAt: time?.modifiedAt };
}

function caddyItem(value: Readonly<Record<string, unknown>>): Item | undefined {
  const { name, is_dir: isFolder, is_symlink: isLink, mod_time: modified, size } = value;
  if (typeof name !== 'string' || typeof isFolder !== 'boolean') return undefined;
  // The size of a link is its target's, but the time is the link's own.
  const time = typeof modified === 'string' && isLink !== true ? readISOTime(modified) : undefined;
  return {
    name: isFolder && name.endsWith('/') ? name.slice(0, -1) : name,
    isFolder,
    size: isFolder ? undefined : bytes(size),
    modifiedAt: time?.modifiedAt,
  };
}

function bytes(size: unknown): number | undefined {
  return typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 ? size : undefined;
}
