import { compileGlobs } from '@geomirror/catalog/glob.ts';
import type { ArchiveRule, Policy } from '@geomirror/catalog/policy.ts';

/** A policy whose globs are ready to be matched. */
export type CompiledPolicy = {
  readonly policy: Policy;
  /** Whether the first freshness rule that matches this path sends it to the authority only. */
  authorityOnly(path: string): boolean;
  /** Where a path goes that has left the tree. */
  archiveURL(path: string): string | undefined;
};

// Far beyond what people write, far below what makes a request slow.
const maxGlobs = 1000;
const maxGlobLength = 1024;

/** Compiles the globs once; throws RangeError if there are more or longer ones than a redirector is willing to match. */
export function compilePolicy(policy: Policy): CompiledPolicy {
  const globs = [...policy.freshnessRules, ...policy.archive].flatMap((rule) => rule.paths);
  if (globs.length > maxGlobs)
    throw new RangeError(`${globs.length} globs in one policy: at most ${maxGlobs} are matched`);
  const long = globs.find((glob) => glob.length > maxGlobLength);
  if (long !== undefined)
    throw new RangeError(`a glob of ${long.length} characters: at most ${maxGlobLength} are matched`);

  const rules = policy.freshnessRules.map((rule) => ({ matches: compileGlobs(rule.paths), ...rule }));
  const archives = policy.archive.map((rule: ArchiveRule) => ({ matches: compileGlobs(rule.paths), url: rule.url }));
  const anyAuthority = rules.some((rule) => rule.authorityOnly);
  return {
    policy,
    authorityOnly: (path) => anyAuthority && rules.find((rule) => rule.matches(path))?.authorityOnly === true,
    archiveURL: (path) => archives.find((rule) => rule.matches(path))?.url,
  };
}
