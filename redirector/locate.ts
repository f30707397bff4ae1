import type { ServedRepository } from './view/repository.ts';
import type { Target } from './target.ts';

/** What a path means in a repository. Paths are relative, without a slash at either end. */
export type Asked =
  | AskedFile
  | { readonly kind: 'Directory'; readonly path: string }
  /** Gone or never known, but someone else may have it. */
  | { readonly kind: 'Elsewhere'; readonly path: string }
  | { readonly kind: 'Archived'; readonly path: string; readonly url: string }
  | { readonly kind: 'Nothing'; readonly path: string };

export type AskedFile = {
  readonly kind: 'File';
  readonly path: string;
  readonly number: number;
  readonly size: number | undefined;
  /** Whether copies of the version before still count. */
  readonly inGrace: boolean;
  /** Left the source, but mirrors that hold it may still serve it. */
  readonly retained: boolean;
};

/** Finds what a target means: through links to a file, a directory, or the rule for paths that are not in the catalog. */
export function locate(repository: ServedRepository, target: Target, now: number): Asked {
  const { table, links } = repository.catalog;
  const path = target.path.slice(repository.policy.pathPrefix.length);
  if (target.directory || path === '') return { kind: 'Directory', path: links.resolve(path) ?? path };
  const direct = table.find(path);
  if (direct >= 0) return fileOf(repository, path, direct, now);
  const resolved = links.resolve(path);
  if (resolved === undefined) return unknown(repository, path);
  const number = table.find(resolved);
  return number >= 0 ? fileOf(repository, resolved, number, now) : unknown(repository, resolved);
}

function fileOf(repository: ServedRepository, path: string, number: number, now: number): Asked {
  const { catalog } = repository;
  const retainedUntil = catalog.retainedUntil(number);
  if (retainedUntil !== undefined && retainedUntil <= now) return unknown(repository, path);
  const size = catalog.table.size(number);
  const inGrace = catalog.inGrace(number, now);
  return { kind: 'File', path, number, size, inGrace, retained: retainedUntil !== undefined };
}

/** Where a path goes that the catalog does not know: archive rule, else what `unknownFiles` says. */
export function unknown({ policy, rules }: ServedRepository, path: string): Asked {
  const url = rules.archiveURL(path);
  if (url !== undefined) return { kind: 'Archived', path, url };
  return policy.unknownFiles === 'Fallback' ? { kind: 'Elsewhere', path } : { kind: 'Nothing', path };
}
