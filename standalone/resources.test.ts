import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleMirror, sampleRepository } from '@geomirror/operator/samples.ts';
import { createFolderResources } from './resources.ts';

const problem = { file: 'broken.yaml', document: 1, findings: [{ path: 'spec', message: 'is missing' }] } as never;
const set = {
  repositories: [sampleRepository()],
  mirrors: [sampleMirror({ spec: { admin: { name: 'A. Admin', email: 'admin@mirror.example' } } })],
  secrets: [{ kind: 'Secret', metadata: { name: 'login', namespace: 'ns' }, values: { password: 'hidden' } }] as const,
  problems: [problem],
};

test('resources are those of the last set, and a Secret is found by namespace and name', async () => {
  const { resources, replace } = createFolderResources();
  assert.deepEqual([resources.repositories(), resources.mirrors()], [[], []]);
  replace(set);
  assert.deepEqual([resources.repositories(), resources.mirrors()], [set.repositories, set.mirrors]);
  assert.deepEqual(await resources.secret('ns', 'login'), { password: 'hidden' });
  assert.deepEqual(
    [await resources.secret('other', 'login'), await resources.secret('ns', 'x')],
    [undefined, undefined],
  );
});

test('a status stays with its resource and goes with it', async () => {
  const { resources, sink, replace } = createFolderResources();
  replace(set);
  await sink.repository(set.repositories[0]!, { files: 7 });
  await sink.mirror(set.mirrors[0]!, { endpoints: [] });
  replace(set);
  assert.deepEqual(
    [resources.repositoryStatus('repo-uid'), resources.mirrorStatus('mirror-uid')],
    [{ files: 7 }, { endpoints: [] }],
  );
  replace({ ...set, mirrors: [] });
  assert.equal(resources.mirrorStatus('mirror-uid'), undefined);
});

test('the list has every resource with its status and every problem, and neither people nor secrets', async () => {
  const { sink, replace, list } = createFolderResources();
  replace(set);
  await sink.mirror(set.mirrors[0]!, { endpoints: [] });
  const shown = JSON.parse(JSON.stringify(list())) as {
    items: { kind: string; spec: object; status: object }[];
    problems: unknown[];
  };
  assert.deepEqual(
    shown.items.map(({ kind, status }) => [kind, status]),
    [
      ['Repository', {}],
      ['Mirror', { endpoints: [] }],
    ],
  );
  assert.deepEqual(shown.problems, [problem]);
  assert.doesNotMatch(JSON.stringify(shown), /admin|hidden/i);
});
