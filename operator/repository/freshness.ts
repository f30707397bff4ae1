import picomatch from 'picomatch';
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
  const rules = spec.rules.map((rule) => ({ matches: globs(rule.paths), rule }));
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

/** Globs over whole relative paths; dot files match like others. */
export function globs(patterns: readonly string[]): (path: string) => boolean {
  return patterns.length === 0 ? () => false : picomatch([...patterns], { dot: true });
}

/** CRD fields `source.include` and `source.exclude`: which paths belong to the repository. */
export function compileScope(include: readonly string[], exclude: readonly string[]): Scope {
  const isIncluded = include.length === 0 ? () => true : globs(include);
  const isExcluded = globs(exclude);
  return {
    includes: (path) => isIncluded(path) && !isExcluded(path),
    // A folder whose every child is excluded need not be entered; two probes tell such a pattern from one for some names.
    skipsFolder: (path) => isExcluded(`${path}/\u{1f4c1}`) && isExcluded(`${path}/\u{1f4c1}/\u{1f4c1}`),
  };
}

export type Scope = { readonly includes: (path: string) => boolean; readonly skipsFolder: (path: string) => boolean };
