import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';

type Package = {
  readonly workspaces?: readonly string[];
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
};
type Row = { readonly name: string; readonly workspaces: string; readonly licence: string };

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const readPackage = (path: string): Package => JSON.parse(read(path)) as Package;
const root = readPackage('../package.json');
const workspaces = [...(root.workspaces ?? []), 'root'];

/** By package, the workspaces that name it, in the order of the root's list. */
function named(kind: 'dependencies' | 'devDependencies'): Record<string, string> {
  const by: Record<string, string[]> = {};
  for (const workspace of workspaces) {
    const { [kind]: dependencies = {} } = workspace === 'root' ? root : readPackage(`../${workspace}/package.json`);
    for (const name of Object.keys(dependencies)) {
      if (!name.startsWith('@geomirror/')) (by[name] ??= []).push(workspace);
    }
  }
  return Object.fromEntries(Object.entries(by).map(([name, users]) => [name, users.toSorted().join(', ')]));
}

function rows(section: string): Row[] {
  const [, text = ''] = read('dependencies.md').split(`## ${section}\n`);
  const [own = ''] = text.split('\n## ');
  return [...own.matchAll(/^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|/gm)].map(
    ([, name = '', users = '', licence = '']) => ({
      name,
      workspaces: users.split(', ').toSorted().join(', '),
      licence,
    }),
  );
}

const documented = (section: string): Record<string, string> =>
  Object.fromEntries(rows(section).map((row) => [row.name, row.workspaces]));

describe('docs/dependencies.md', () => {
  // What the end-to-end tests need at run time and what programs need is one list for the reader.
  const runtime = named('dependencies');
  const development = named('devDependencies');

  it('lists every dependency with the workspaces that name it, and no other', () => {
    const both = Object.fromEntries(
      Object.entries(runtime).map(([name, users]) => {
        const all = [...users.split(', '), ...(development[name]?.split(', ') ?? [])];
        return [name, [...new Set(all)].toSorted().join(', ')];
      }),
    );
    assert.deepEqual(documented('Of the programs'), both);
  });

  it('lists every other development dependency with the workspaces that name it, and no other', () => {
    const others = Object.entries(development).filter(([name]) => runtime[name] === undefined);
    assert.deepEqual(documented('Of those who work on it'), Object.fromEntries(others));
  });

  it('gives the licence that each package states', () => {
    const { resolve } = createRequire(import.meta.url);
    for (const { name, licence } of [...rows('Of the programs'), ...rows('Of those who work on it')]) {
      const folder = resolve.paths(name)?.map((path) => `file://${path}/${name}/package.json`) ?? [];
      const stated = folder.flatMap((url) => stateOf(url))[0];
      assert.equal(licence.split(',')[0], stated, name);
    }
  });
});

function stateOf(url: string): string[] {
  try {
    return [readPackage(url).license ?? ''];
  } catch {
    return [];
  }
}
