import { compileGlobs } from '@geomirror/catalog/glob.ts';
import { durationMs } from '../duration.ts';
import type { Compare } from '../mirror/plan.ts';
import type { RepositorySpec } from '../resources/repository.ts';

/** The freshness rules of a Repository, compiled: first match wins. */
export type Freshness = {
  readonly compare: (path: string) => Compare;
  /** How long the previous version of a changed file may be served, in ms. */
  readonly graceMs: (path: string) => number;
  /** Seconds. */
  readonly tolerance: number;
};

export function compileFreshness(spec: RepositorySpec['freshness']): Freshness {
  const rules = spec.rules.map((rule) => ({ matches: compileGlobs(rule.paths), rule }));
  const ruleFor = (path: string): (typeof rules)[number]['rule'] | undefined =>
    rules.find(({ matches }) => matches(path))?.rule;
  const maxLagMs = durationMs(spec.maxLag);
  return {
    compare: (path) => ruleFor(path)?.compare ?? spec.compare,
    graceMs: (path) => {
      const rule = ruleFor(path);
      return rule?.maxLag === undefined ? maxLagMs : durationMs(rule.maxLag);
    },
    tolerance: durationMs(spec.timeTolerance) / 1000,
  };
}

/** CRD fields `source.include` and `source.exclude`: which paths belong to the repository. */
export function compileScope(include: readonly string[], exclude: readonly string[]): Scope {
  const isIncluded = include.length === 0 ? () => true : compileGlobs(include);
  const isExcluded = compileGlobs(exclude);
  const isCovered = compileGlobs(exclude.flatMap(folderOf));
  return {
    includes: (path) => isIncluded(path) && !isExcluded(path),
    // A name that is a glob's very text matches it without being what it means: a child tells.
    skipsFolder: (path) => isCovered(path) && isExcluded(`${path}/\u{1f4c1}`),
  };
}

export type Scope = {
  readonly includes: (path: string) => boolean;
  /** Whether nothing in the folder, however deep, can be included: scanners need not enter it. */
  readonly skipsFolder: (path: string) => boolean;
};

/** Only a glob that ends with two stars covers all below the folders that match the rest of it. */
function folderOf(glob: string): readonly string[] {
  if (glob === '**') return ['**'];
  const folder = /^(.*[^\\])\/\*\*$/.exec(glob)?.[1];
  return folder === undefined ? [] : [folder];
}
