/**
 * Writes the TypeScript types of the resources and the tables of their fields in crds/README.md from the CRDs:
 * `node crds/generate.ts`. With `--check` it writes nothing and exits with 1 if a committed file is not what it would write.
 *
 * The types are those of a resource after defaulting: a field with a default is always there.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { compile, type JSONSchema } from 'json-schema-to-typescript';
import { parse } from 'yaml';
import { fieldTable, type Schema } from './reference.ts';

type Definition = {
  readonly spec: { readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[] };
};

const resources = [
  { kind: 'Repository', crd: 'geomirror.io_repositories.yaml', types: 'repository.ts' },
  { kind: 'Mirror', crd: 'geomirror.io_mirrors.yaml', types: 'mirror.ts' },
] as const;
type Resource = (typeof resources)[number];

const strings: Schema = { tsType: 'Readonly<Record<string, string>>' };
const metadata: Schema = {
  type: 'object',
  description: 'What Kubernetes keeps of every object, as far as it is used.',
  required: ['name', 'namespace', 'uid', 'generation', 'creationTimestamp'],
  properties: {
    name: { type: 'string' },
    namespace: { type: 'string' },
    uid: { type: 'string' },
    generation: { type: 'integer', description: 'Grows with every change of the spec.' },
    creationTimestamp: { type: 'string', description: 'RFC 3339.' },
    resourceVersion: { type: 'string' },
    deletionTimestamp: { type: 'string', description: 'RFC 3339; set while the object is being deleted.' },
    labels: strings,
    annotations: strings,
  },
};

const beside = (path: string) => new URL(path, import.meta.url);
const capitalised = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
const singular = (word: string) => word.replace(/ies$/, 'y').replace(/([^s])s$/, '$1');

/** Name of an object's type: kind and path, without `Spec` in the middle; what all kinds share is called alike. */
function typeName(path: readonly string[]): string {
  const last = path.at(-1);
  if (last === 'metadata') return 'ObjectMeta';
  if (last === 'condition') return 'Condition';
  return path
    .filter((word, depth) => word !== 'spec' || depth === path.length - 1)
    .map(capitalised)
    .join('');
}

/** The schema as JSON Schema whose objects are named and whose defaulted fields are required. */
function toJSONSchema(schema: Schema, path: readonly string[]): JSONSchema {
  const { items, properties, enum: values, tsType } = schema;
  const description = schema.description === undefined ? {} : { description: schema.description };
  if (tsType !== undefined) return { ...description, tsType };
  if (values !== undefined) return { ...description, enum: [...values] as string[] };
  if (items !== undefined) {
    const each = [...path.slice(0, -1), singular(path.at(-1) ?? '')];
    return { ...description, type: 'array', items: toJSONSchema(items, each) };
  }
  if (properties === undefined) return { ...description, type: schema.type as 'string' };
  const fields = Object.entries(properties);
  return {
    ...description,
    title: typeName(path),
    type: 'object',
    additionalProperties: false,
    required: fields
      .filter(([name, field]) => field.default !== undefined || schema.required?.includes(name))
      .map(([name]) => name),
    properties: Object.fromEntries(fields.map(([name, field]) => [name, toJSONSchema(field, [...path, name])])),
  };
}

/** All fields and lists made readonly, and `type` instead of `interface`, as everywhere else. */
function readonlyTypes(source: string): string {
  return source
    .replace(/^( +)(\w+\??): /gm, '$1readonly $2: ')
    .replace(/: (.+)\[\];$/gm, ': readonly $1[];')
    .replace(/^export interface (\w+) \{$/gm, 'export type $1 = {')
    .replace(/^\}$/gm, '};');
}

async function readSchema({ crd }: Resource): Promise<Schema> {
  const definition = parse(await readFile(beside(crd), 'utf8')) as Definition;
  const schema = definition.spec.versions[0]?.schema.openAPIV3Schema;
  if (schema?.properties === undefined) throw new Error(`${crd} has no schema`);
  return schema;
}

async function types({ kind, crd }: Resource, root: Schema): Promise<string> {
  const fixed = { apiVersion: { enum: ['geomirror.io/v1alpha1'] }, kind: { enum: [kind] }, metadata };
  const whole: Schema = {
    ...root,
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
    properties: { ...root.properties, ...fixed },
  };
  const source = await compile(toJSONSchema(whole, [kind]), kind, {
    bannerComment: `/* Written by crds/generate.ts from crds/${crd}. Do not edit: change the CRD and run it again. */`,
    style: { singleQuote: true, printWidth: 120 },
  });
  return readonlyTypes(source);
}

/** The page with the tables between `<!-- fields of Mirror.spec -->` and `<!-- end -->` written anew. */
function withTables(page: string, schemas: Readonly<Record<string, Schema>>): string {
  return page.replace(
    /^(<!-- fields of (\w+)\.(\w+) -->)\n.*?^<!-- end -->$/gms,
    (_, start: string, kind: string, part: string) => {
      const schema = schemas[kind]?.properties?.[part];
      if (!schema) throw new Error(`crds/README.md wants the fields of ${kind}.${part}, which is in no CRD`);
      return `${start}\n${fieldTable(schema)}\n<!-- end -->`;
    },
  );
}

const page = 'crds/README.md';

async function main(check: boolean): Promise<void> {
  const wanted = new Map<string, string>();
  const schemas: Record<string, Schema> = {};
  for (const resource of resources) {
    const schema = await readSchema(resource);
    schemas[resource.kind] = schema;
    wanted.set(`operator/resources/${resource.types}`, await types(resource, schema));
  }
  wanted.set(page, withTables(await readFile(beside(`../${page}`), 'utf8'), schemas));
  for (const [file, text] of wanted) {
    const place = beside(`../${file}`);
    if (!check) {
      await writeFile(place, text);
    } else if (text !== (await readFile(place, 'utf8').catch(() => ''))) {
      process.stderr.write(`${file} is not what the CRDs say: run node crds/generate.ts\n`);
      process.exitCode = 1;
    }
  }
}

await main(process.argv.includes('--check'));
