import type { Resources } from '@geomirror/operator/ports.ts';
import { keyOf, repositoryKeyOf } from '@geomirror/operator/world.ts';
import type { Condition } from '@geomirror/operator/conditions.ts';

type Statuses = Pick<Resources, 'repositories' | 'mirrors' | 'repositoryStatus' | 'mirrorStatus'>;

/**
 * What has not been tried even once: an index of a source, a scan or a probe of a mirror. Failing ones do not count, or one dead
 * mirror would keep the rest from serving. Undefined: everything was looked at.
 */
export function readinessProblem(resources: Statuses): string | undefined {
  const unreadable = new Set<string>();
  for (const repository of resources.repositories()) {
    const { name, uid } = repository.metadata;
    const conditions = resources.repositoryStatus(uid)?.conditions ?? [];
    const problem = repositoryProblem(conditions);
    if (problem !== undefined) return `Repository ${name} is not ${problem} yet.`;
    if (statusOf(conditions, 'SourceIndexed') === 'False') unreadable.add(keyOf(repository));
  }
  // Without an index of the source its mirrors cannot be scanned; other repositories do not wait for that.
  const waited = resources
    .mirrors()
    .filter((mirror) => mirror.spec.mode !== 'Disabled' && !unreadable.has(repositoryKeyOf(mirror)));
  for (const { metadata } of waited) {
    const problem = mirrorProblem(resources.mirrorStatus(metadata.uid)?.conditions ?? []);
    if (problem !== undefined) return `Mirror ${metadata.name} is not ${problem} yet.`;
  }
  return undefined;
}

function repositoryProblem(conditions: readonly Condition[]): string | undefined {
  const indexed = statusOf(conditions, 'SourceIndexed');
  if (indexed === 'Unknown') return 'indexed';
  return indexed === 'True' && statusOf(conditions, 'Published') === 'Unknown' ? 'published' : undefined;
}

function mirrorProblem(conditions: readonly Condition[]): string | undefined {
  if (conditions.some(({ reason }) => reason === 'RepositoryNotFound')) return undefined;
  if (statusOf(conditions, 'Scanned') === 'Unknown') return 'scanned';
  return statusOf(conditions, 'Healthy') === 'Unknown' ? 'probed' : undefined;
}

const statusOf = (conditions: readonly Condition[], type: string): Condition['status'] =>
  conditions.find((condition) => condition.type === type)?.status ?? 'Unknown';
