import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8');

test('the README explains every reason that a condition can have, and no other', async () => {
  const words = new Set<string>();
  for (const path of ['mirror/conditions.ts', 'repository/conditions.ts', 'mirror/sample.ts', 'attempts.ts']) {
    const source = await read(path);
    for (const [, word = ''] of source.matchAll(/is(?:True|False|Unknown)\(\s*'\w+',\s*'(\w+)'/g)) words.add(word);
    for (const [, word = ''] of source.matchAll(/reason: '(\w+)'/g)) words.add(word);
  }
  const unions = [
    await read('failures.ts'),
    await read('../catalog/reason.ts').then((text) => text.slice(text.indexOf('WithheldReason ='))),
  ];
  for (const union of unions) for (const [, word = ''] of union.matchAll(/\| '(\w+)'/g)) words.add(word);
  for (const word of [
    'Succeeded',
    'PartlyUnreadable',
    'Held',
    'RepositoryNotFound',
    'HoldsNothing',
    'Behind',
    'Partial',
    'PartlyDown',
    'Down',
  ])
    words.add(word);
  const readme = await read('README.md');
  const table = readme.slice(readme.indexOf('## Reasons'), readme.indexOf('## Parts'));
  const explained = new Set(
    [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, word]) => word),
    ),
  );
  assert.deepEqual(
    [...words].filter((word) => !explained.has(word)),
    [],
  );
  assert.deepEqual(
    [...explained].filter((word) => word !== undefined && !words.has(word)),
    [],
  );
});
