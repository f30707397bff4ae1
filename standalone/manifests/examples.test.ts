import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { loadDefinitions } from './definitions.ts';
import { parseManifests, resourceKey } from './parse.ts';
import { printProblem } from './problem.ts';

const validate = await loadDefinitions();
const crds = new URL('../../crds/', import.meta.url);
const examples = (await readdir(new URL('examples/', crds))).sort();

test('There are examples', () => assert.ok(examples.length >= 4));

for (const example of examples) {
  test(`The example ${example} is accepted`, async () => {
    const text = await readFile(new URL(`examples/${example}`, crds), 'utf8');
    const { resources, problems } = await parseManifests(validate, text, example);
    assert.deepEqual(problems.map(printProblem), []);
    const keys = new Set(resources.map(({ key }) => key));
    for (const { resource } of resources) {
      if (resource.kind !== 'Mirror') continue;
      const repository = resourceKey('Repository', { ...resource.metadata, name: resource.spec.repositoryRef.name });
      assert.ok(keys.has(repository), `${repository} is not in this example`);
    }
  });
}

test('Every manifest on the page about the resources is accepted, and every example is linked there', async () => {
  const page = await readFile(new URL('README.md', crds), 'utf8');
  const manifests = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text);
  assert.ok(manifests.length >= 2);
  for (const manifest of manifests) {
    const { problems } = await parseManifests(validate, manifest, 'README.md');
    assert.deepEqual(problems.map(printProblem), []);
  }
  assert.deepEqual(
    examples.filter((example) => !page.includes(`examples/${example}`)),
    [],
  );
});
