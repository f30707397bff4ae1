import type { Link } from './pages/links.ts';

/** As many links as one path may go through. */
const mostHops = 8;

/** The symbolic links of a repository. */
export type Links = {
  /**
   * The path with every link on its way followed; undefined where there is no link on the way, or the way leaves the root
   * (absolute targets do) or takes more than eight hops.
   */
  resolve(path: string): string | undefined;
  readonly size: number;
  /** The target of the link with this very path, as written. */
  target(path: string): string | undefined;
  entries(): Iterable<Link>;
};

/** A later entry for a path replaces an earlier one. */
export function createLinks(entries: Iterable<Link>): Links {
  const targets = new Map<string, string>();
  for (const { path, target } of entries) targets.set(path, target);
  return {
    size: targets.size,
    resolve: (path) => resolve(targets, path),
    target: (path) => targets.get(path),
    *entries() {
      for (const [path, target] of targets) yield { path, target };
    },
  };
}

function resolve(targets: ReadonlyMap<string, string>, path: string): string | undefined {
  if (targets.size === 0) return undefined;
  let at = path;
  for (let hops = 0; hops <= mostHops; hops++) {
    const link = longestLink(targets, at);
    if (link === undefined) return hops === 0 ? undefined : at;
    const followed = follow(link.path, link.target, at.slice(link.path.length));
    if (followed === undefined) return undefined;
    at = followed;
  }
  return undefined;
}

function longestLink(targets: ReadonlyMap<string, string>, path: string): Link | undefined {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const prefix = path.slice(0, end);
    const target = targets.get(prefix);
    if (target !== undefined) return { path: prefix, target };
  }
  return undefined;
}

/** Where the target leads from the link's folder, with the rest of the path behind it. */
function follow(linkPath: string, target: string, rest: string): string | undefined {
  if (target.startsWith('/')) return undefined;
  const names = linkPath.split('/').slice(0, -1);
  for (const name of `${target}${rest}`.split('/')) {
    if (name === '' || name === '.') continue;
    if (name !== '..') names.push(name);
    else if (names.pop() === undefined) return undefined;
  }
  return names.join('/');
}
