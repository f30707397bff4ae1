import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadDefinitions } from './definitions.ts';
import { parseManifests } from './parse.ts';
import { printProblem } from './problem.ts';

const validate = await loadDefinitions();

const mirror = (name: string, spec = '') => `apiVersion: geomirror.io/v1alpha1
kind: Mirror
metadata: {name: ${name}}
spec:
  repositoryRef: {name: videolan}
  endpoints: [{url: "https://${name}.example/"}]
${spec}`;

/** Keys of the resources and printed problems of a file called m.yaml. */
async function read(text: string) {
  const { resources, problems } = await parseManifests(validate, text, 'm.yaml');
  return { keys: resources.map(({ key }) => key), problems: problems.map(printProblem) };
}

test('A file holds several documents, the namespace is default unless given, empty documents do not count', async () => {
  const text = `# a comment\n---\n${mirror('a')}---\n---\n${mirror('b').replace('{name: b}', '{name: b, namespace: other}')}...\n---\n# nothing\n`;
  assert.deepEqual(await read(text), { keys: ['Mirror default/a', 'Mirror other/b'], problems: [] });
});

test('A file may begin with a directive, a byte order mark or a document marker, and end its lines as on Windows', async () => {
  const variants = ['%YAML 1.2\n---\n', '---\n', '--- # first\n'].map((start) => start + mirror('a'));
  variants.push(`\uFEFF${mirror('a')}`, mirror('a').replaceAll('\n', '\r\n'));
  for (const text of variants)
    assert.deepEqual(await read(text), { keys: ['Mirror default/a'], problems: [] }, JSON.stringify(text));
});

test('A broken document is named with its number, kind, name and field, and the others are read', async () => {
  const text = [mirror('a'), mirror('b', '  weight: heavy'), 'kind: [', mirror('d')].join('\n---\n');
  assert.deepEqual(await read(text), {
    keys: ['Mirror default/a', 'Mirror default/d'],
    problems: [
      'm.yaml, document 2 (Mirror default/b): spec.weight: must be a whole number',
      'm.yaml, document 3: line 17 is indented too little here, or a bracket before it is not closed',
    ],
  });
});

test('All mistakes of a document are reported at once', async () => {
  const { problems } = await read(mirror('a', '  weight: 0\n  mdoe: Active\n  scan: {interval: 5}'));
  assert.deepEqual(problems, [
    'm.yaml, document 1 (Mirror default/a): spec.mdoe: is not a field; did you mean mode?',
    'm.yaml, document 1 (Mirror default/a): spec.scan.interval: must be text; write the number in quotes',
    'm.yaml, document 1 (Mirror default/a): spec.weight: must be at least 1',
  ]);
});

test('A document that is no resource of ours says what is wrong with it', async () => {
  const cases: readonly (readonly [text: string, problem: string])[] = [
    ['- a', 'm.yaml, document 1: must be a mapping with apiVersion, kind and metadata'],
    ['just text', 'm.yaml, document 1: must be a mapping with apiVersion, kind and metadata'],
    ['metadata: {name: a}', 'm.yaml, document 1: kind: is missing'],
    ['kind: mirror', 'm.yaml, document 1: kind: must be one of Repository, Mirror, Secret; did you mean Mirror?'],
    ['{apiVersion: v1, kind: ConfigMap}', 'm.yaml, document 1: kind: must be one of Repository, Mirror, Secret'],
    [
      mirror('a').replace('v1alpha1', 'v1'),
      'm.yaml, document 1 (Mirror default/a): apiVersion: must be geomirror.io/v1alpha1 for kind Mirror',
    ],
    [mirror('a').replace('name: a', 'namespace: a'), 'm.yaml, document 1: metadata.name: is missing'],
    ['a: 1\na: 2', 'm.yaml, document 1: line 2 has the same field twice'],
    ['a:\n\tb: 1', 'm.yaml, document 1: line 2 is indented with a tab here; YAML wants spaces'],
  ];
  for (const [text, problem] of cases) assert.deepEqual(await read(text), { keys: [], problems: [problem] }, text);
});

test('A bare NO is what it is to kubectl: not Norway', async () => {
  const field = 'spec.location.additionalCountries[0]';
  const message = 'must be text; true, yes, NO, on and the like need quotes to be text in YAML';
  assert.deepEqual((await read(mirror('a', '  location: {additionalCountries: [NO]}'))).problems, [
    `m.yaml, document 1 (Mirror default/a): ${field}: ${message}`,
  ]);
  assert.deepEqual((await read(mirror('a', '  location: {additionalCountries: ["NO"]}'))).problems, []);
});

test('What an API server prints of a resource can be used as a manifest: its status counts for nothing', async () => {
  const printed = mirror('a').replace(
    '{name: a}',
    '{name: a, uid: 1-2, resourceVersion: "5", generation: 3, creationTimestamp: "2026-01-01T00:00:00Z"}',
  );
  const { resources, problems } = await parseManifests(validate, `${printed}\nstatus: {anything: [goes]}`, 'm.yaml');
  assert.deepEqual(problems, []);
  const resource = resources[0]?.resource;
  assert.deepEqual(resource && 'status' in resource && resource.status, { observedGeneration: -1 });
});

test('A Secret gives its values decoded, stringData before data', async () => {
  const text = `apiVersion: v1
kind: Secret
type: Opaque
metadata: {name: master}
data: {username: bWU=, password: b2xk}
stringData: {password: new}`;
  const { resources, problems } = await parseManifests(validate, text, 's.yaml');
  assert.deepEqual(problems, []);
  assert.deepEqual(resources[0]?.resource, {
    kind: 'Secret',
    metadata: { name: 'master', namespace: 'default' },
    values: { username: 'me', password: 'new' },
  });
});

test('No message quotes a value, which could be a password', async () => {
  const secret = (body: string) => `apiVersion: v1\nkind: Secret\nmetadata: {name: master}\n${body}`;
  const texts = [
    secret('data: {password: hunter2!}'),
    secret('stringData: {password: *hunter2}'),
    secret('stringData: {password: @hunter2}'),
    secret('stringData: {password: "\\hunter2"}'),
    secret('stringData: {password: "hunter2}'),
    secret('stringData: {password: !hunter2 x}'),
    secret('stringData: {password: [hunter2]}'),
    secret('stringData: hunter2'),
    mirror('a').replace('https://a.', 'https://me:hunter2@a.'),
    mirror('a', '  mode: hunter2'),
  ];
  for (const text of texts) {
    const { problems } = await read(text);
    assert.ok(problems.length > 0, text);
    assert.ok(!problems.join().includes('hunter2'), problems.join());
  }
});

test('A YAML bomb, an abyss and a flood are refused without harm', async () => {
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x]',
    'b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]',
    'c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]',
    'd: [*c, *c, *c, *c, *c, *c, *c, *c, *c]',
  ];
  assert.deepEqual((await read(bomb.join('\n'))).problems, [
    'm.yaml, document 1: line 1 uses aliases to excess; write the values out',
  ]);
  assert.equal((await read('['.repeat(100_000))).problems.length, 1);
  assert.equal((await read('a:\n '.repeat(1))).problems.length, 1);
  assert.match((await read('#'.repeat(5 * 1024 * 1024))).problems.join(), /larger than 4 MiB/);
  assert.match((await read('--- 1\n'.repeat(6000))).problems.at(-1) ?? '', /more than 5000 documents/);
});

test('A field named like a part of every JavaScript object is a field like any other', async () => {
  const { keys, problems } = await read(mirror('a', '  __proto__: {weight: 5}\n  constructor: x'));
  assert.deepEqual(keys, []);
  assert.equal(problems.length, 2);
});

test('Problems stay short and printable, whatever a manifest calls its fields', async () => {
  const { problems } = await read(mirror('a', `  "<b>\\n\\u0007${'x'.repeat(900)}": 1\n`));
  assert.match(
    problems[0] ?? '',
    /^m\.yaml, document 1 \(Mirror default\/a\): spec\.\?b\?\?\?x+…: is not a field; known here are [\w, ]+$/,
  );
  const flood = Array.from({ length: 1000 }, (_, i) => `  f${i}: 1`).join('\n');
  assert.equal((await read(mirror('a', flood))).problems.length, 20);
  assert.match(
    (await read(mirror('a').replace('{name: a}', '{name: "<script>"}'))).problems[0] ?? '',
    /^m\.yaml, document 1: metadata\.name: must be/,
  );
});
