import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { settings } from './config.ts';

const readme = await readFile(new URL('README.md', import.meta.url), 'utf8');

test('the README has every setting with its default', () => {
  for (const { name, fallback } of Object.values(settings))
    assert.ok(readme.includes(`| \`${name}\` | ${fallback === '' ? 'empty' : `\`${fallback}\``} |`), name);
});

test('README, route.ts and route.test.ts number the same steps', async () => {
  const [story, tests] = await Promise.all(
    ['route.ts', 'route.test.ts'].map((name) => readFile(new URL(name, import.meta.url), 'utf8')),
  );
  for (let step = 1; step <= 10; step++) {
    assert.match(readme, new RegExp(`^${step}\\. \\*\\*`, 'm'));
    assert.match(story ?? '', new RegExp(`// (?:.* )?${step}\\. `));
    assert.match(tests ?? '', new RegExp(`'(?:.* )?${step}\\. `));
  }
});
