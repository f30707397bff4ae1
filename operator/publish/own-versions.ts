import { hashPath, PathIndex, pathKey, writePathKey } from '@geomirror/catalog/path-index.ts';
import { type PageName, pageName } from '@geomirror/catalog/page-name.ts';
import {
  decodeExceptions,
  encodeExceptions,
  type ExceptionsPage,
  type OwnVersion,
} from '@geomirror/catalog/pages/exceptions.ts';

/** As many of a mirror's own versions as are kept: the newest. */
const mostOwnVersions = 131_072;

/** What a mirror holds that differs from the source or that the source does not know, as its last scan saw it. */
export type OwnVersions = {
  readonly name: PageName;
  readonly page: ExceptionsPage;
  find(path: string): OwnVersion | undefined;
};

/** Undefined where there are none; a later version of a path replaces an earlier one. */
export function recordOwnVersions(versions: readonly OwnVersion[]): OwnVersions | undefined {
  const byPath = [...new Map(versions.map((own) => [own.path, own])).values()];
  const newest = byPath.length <= mostOwnVersions ? byPath : byPath.toSorted(newestFirst).slice(0, mostOwnVersions);
  return newest.length === 0 ? undefined : openOwnVersions(encodeExceptions(newest));
}

function newestFirst(a: OwnVersion, b: OwnVersion): number {
  return (b.modifiedAt ?? 0) - (a.modifiedAt ?? 0);
}

/** Throws MalformedPage. */
export function openOwnVersions(bytes: Uint8Array): OwnVersions {
  const page = decodeExceptions(bytes);
  let index: PathIndex | undefined;
  return {
    name: pageName(bytes),
    page,
    find(path) {
      index ??= indexPaths(page);
      const length = writePathKey(path);
      if (length < 0) return undefined;
      const found = index.find(hashPath(pathKey, length), (at) => page.paths.equals(at, pathKey, length));
      return found < 0 ? undefined : page.own(found);
    },
  };
}

function indexPaths({ paths, count }: ExceptionsPage): PathIndex {
  const index = new PathIndex(count);
  paths.forEach((at, path, length) => index.add(hashPath(path, length), at));
  return index;
}
