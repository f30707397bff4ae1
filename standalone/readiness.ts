import type { Resources } from '@geomirror/operator/ports.ts';
import type { Condition } from '@geomirror/operator/conditions.ts';

type Statuses = Pick<Resources, 'repositories' | 'mirrors' | 'repositoryStatus' | 'mirrorStatus'>;

/**
 * What has not been tried even once: an index of a source, a scan or a probe of a mirror. Failing ones do not count, or one dead
 * mirror would keep the rest from serving. Undefined: everything was looked at.
 */
export function readinessProblem(resources: Statuses): string | undefined {
  for (const { metadata } of resources.repositories()) {
    const problem = repositoryProblem(resources.repositoryStatus(metadata.uid)?.conditions ?? []);
    if (problem !== undefined) return `Repository ${metadata.name} is not ${problem} yet.`;
  }
  for (const { metadata, spec } of resources.mirrors()) {
    const conditions = resources.mirrorStatus(metadata.uid)?.conditions ?? [];
    const problem = spec.mode === 'Disabled' ? undefined : mirrorProblem(conditions);
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
