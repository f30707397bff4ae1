import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Condition } from '@geomirror/operator/conditions.ts';
import { sampleMirror, sampleRepository, sampleResources } from '@geomirror/operator/samples.ts';
import { readinessProblem } from './readiness.ts';

type Given = Readonly<Record<string, Condition['status']>>;
const conditions = (given: Given, reason = 'Reason'): Condition[] =>
  Object.entries(given).map(([type, status]) => ({ type, status, reason, message: '', lastTransitionTime: '' }));

type World = {
  readonly repository?: Given;
  readonly mirror?: Given;
  readonly reason?: string;
  readonly mode?: 'Active' | 'Drained' | 'Disabled';
};

function problem({ repository, mirror, reason, mode = 'Active' }: World): string | undefined {
  const resources = sampleResources([sampleRepository()], [sampleMirror({ spec: { mode } })]);
  if (repository) resources.repositoryStatuses.set('repo-uid', { conditions: conditions(repository) });
  if (mirror) resources.mirrorStatuses.set('mirror-uid', { conditions: conditions(mirror, reason) });
  return readinessProblem(resources);
}

const indexed: Given = { SourceIndexed: 'True', Published: 'True' };
const looked: Given = { Scanned: 'True', Healthy: 'True' };

for (const [title, world, expected] of [
  ['everything was looked at', { repository: indexed, mirror: looked }, undefined],
  ['nothing has a status yet', {}, 'Repository repo is not indexed yet.'],
  [
    'a source was not read yet',
    { repository: { SourceIndexed: 'Unknown' }, mirror: looked },
    'Repository repo is not indexed yet.',
  ],
  [
    'nothing was published yet',
    { repository: { SourceIndexed: 'True', Published: 'Unknown' } },
    'Repository repo is not published yet.',
  ],
  ['publishing fails', { repository: { SourceIndexed: 'True', Published: 'False' }, mirror: looked }, undefined],
  ['a mirror has no status yet', { repository: indexed }, 'Mirror mirror is not scanned yet.'],
  [
    'a mirror was not scanned yet',
    { repository: indexed, mirror: { ...looked, Scanned: 'Unknown' } },
    'Mirror mirror is not scanned yet.',
  ],
  [
    'a mirror was not probed yet',
    { repository: indexed, mirror: { ...looked, Healthy: 'Unknown' } },
    'Mirror mirror is not probed yet.',
  ],
  ['a mirror fails', { repository: indexed, mirror: { Scanned: 'False', Healthy: 'False' } }, undefined],
  ['a mirror is disabled', { repository: indexed, mode: 'Disabled' }, undefined],
  [
    'a mirror has no repository',
    { repository: indexed, mirror: { Scanned: 'Unknown' }, reason: 'RepositoryNotFound' },
    undefined,
  ],
  [
    'a source cannot be read: its mirrors cannot be scanned',
    { repository: { SourceIndexed: 'False', Published: 'Unknown' } },
    undefined,
  ],
] as const) {
  test(`standalone is ${expected === undefined ? 'ready' : 'not ready'} when ${title}`, () => {
    assert.equal(problem(world), expected);
  });
}
