import { pagesByOrdinal } from '@geomirror/catalog/column.ts';
import type { Health } from '@geomirror/catalog/health.ts';
import type { Slot } from '@geomirror/catalog/manifest.ts';
import type { Policy } from '@geomirror/catalog/policy.ts';
import type { CatalogView } from '@geomirror/catalog/view.ts';
import { compilePolicy, type CompiledPolicy } from './policy.ts';
import { createRankings, type Rankings } from './rankings.ts';

/** One repository as requests see it: immutable but for its caches, replaced as a whole. */
export type ServedRepository = {
  readonly slot: Slot;
  readonly policy: Policy;
  readonly rules: CompiledPolicy;
  readonly catalog: CatalogView;
  readonly health: Health | undefined;
  readonly rankings: Rankings;
  /** Whether any mirror names a maximum size of files. */
  readonly hasSizeLimits: boolean;
  /** By page ordinal, then by place in the manifest: which files of the page each mirror has. */
  readonly holdings: ReturnType<typeof pagesByOrdinal>;
};

/** Throws RangeError for a policy with more globs than are matched. */
export function serveRepository(slot: Slot, catalog: CatalogView, health: Health | undefined): ServedRepository {
  const { manifest } = catalog;
  const { policy } = manifest;
  const known = health?.uid === manifest.uid ? health : undefined;
  const rankings = createRankings(manifest, known);
  const hasSizeLimits = manifest.mirrors.some(({ maxFileSize }) => maxFileSize !== undefined);
  const holdings = pagesByOrdinal(catalog.columns);
  return { slot, policy, rules: compilePolicy(policy), catalog, health: known, rankings, hasSizeLimits, holdings };
}

/**
 * The same catalog with newer health; its rankings are kept where nothing but the time of writing differs. Health of
 * another catalog under the same name changes nothing.
 */
export function withHealth(repository: ServedRepository, health: Health): ServedRepository {
  const { manifest } = repository.catalog;
  if (health.uid !== manifest.uid) return repository;
  const rankings = isSameHealth(repository.health, health) ? repository.rankings : createRankings(manifest, health);
  return { ...repository, health, rankings };
}

function isSameHealth(a: Health | undefined, b: Health): boolean {
  return JSON.stringify([a?.mirrors, a?.fallbacks]) === JSON.stringify([b.mirrors, b.fallbacks]);
}
