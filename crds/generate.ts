/**
 * Writes the TypeScript types of the resources from the CRDs: `node crds/generate.ts`. With `--check` it writes nothing and
 * exits with 1 if a committed file is not what it would write.
 *
 * The types are those of a resource after defaulting: a field with a default is always there.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { compile, type JSONSchema } from 'json-schema-to-typescript';
import { parse } from 'yaml';

type Schema = {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly tsType?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
};

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

async function generated({ kind, crd }: Resource): Promise<string> {
  const definition = parse(await readFile(beside(crd), 'utf8')) as Definition;
  const root = definition.spec.versions[0]?.schema.openAPIV3Schema;
  if (root?.properties === undefined) throw new Error(`${crd} has no schema`);
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

async function main(check: boolean): Promise<void> {
  for (const resource of resources) {
    const file = beside(`../operator/resources/${resource.types}`);
    const wanted = await generated(resource);
    if (!check) {
      await writeFile(file, wanted);
    } else if (wanted !== (await readFile(file, 'utf8').catch(() => ''))) {
      process.stderr.write(
        `operator/resources/${resource.types} is not what ${resource.crd} says: run node crds/generate.ts\n`,
      );
      process.exitCode = 1;
    }
  }
}

await main(process.argv.includes('--check'));
