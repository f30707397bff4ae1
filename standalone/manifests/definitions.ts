import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { createRuleCompiler, type CompiledRule } from './cel.ts';
import type { Finding } from './problem.ts';
import { compileRules } from './rules.ts';
import { compileShape } from './shape.ts';
import { dropNulls, type JSONObject, type StructuralSchema } from './structural.ts';

export const kinds = ['Repository', 'Mirror', 'Secret'] as const;
export type Kind = (typeof kinds)[number];

export const apiVersions = {
  Repository: 'geomirror.io/v1alpha1',
  Mirror: 'geomirror.io/v1alpha1',
  Secret: 'v1',
} as const satisfies Record<Kind, string>;

/**
 * Makes a document of that kind what an API server would keep of it (defaults filled in, in place) and reports what it would
 * refuse, and unknown fields too. `old` is the version before, for rules about changes.
 */
export type Validate = (kind: Kind, document: JSONObject, old?: unknown) => Finding[];

type CRD = {
  readonly spec: { readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: StructuralSchema } }[] };
};

const crds = new URL('../../crds/', import.meta.url);

/** The validation of the CRDs in crds/, all CEL rules included; the very same files that an API server gets. */
export async function loadDefinitions(): Promise<Validate> {
  const compile = createRuleCompiler();
  const checks = {
    Repository: createCheck(await crdSchema('geomirror.io_repositories.yaml'), compile),
    Mirror: createCheck(await crdSchema('geomirror.io_mirrors.yaml'), compile),
    Secret: createCheck(secretSchema, compile),
  } satisfies Record<Kind, unknown>;
  return (kind, document, old) => checks[kind](document, old);
}

function createCheck(given: StructuralSchema, compile: (rule: string) => CompiledRule) {
  const schema = { ...given, properties: { ...given.properties, metadata: metadataSchema } };
  const checkShape = compileShape(schema);
  const checkRules = compileRules(schema, compile);
  return (document: JSONObject, old: unknown): Finding[] => {
    dropNulls(document, schema);
    const misshapen = checkShape(document);
    // Rules speak of fields that may be misshapen: as in an API server, they wait until the shape is right.
    return misshapen.length > 0 ? misshapen : checkRules(document, old);
  };
}

/** The schema of one of the CRDs in crds/. */
export async function crdSchema(file: string): Promise<StructuralSchema> {
  const definition = parse(await readFile(new URL(file, crds), 'utf8')) as CRD;
  const [version] = definition.spec.versions;
  if (!version) throw new Error(`crds/${file} has no version`);
  return version.schema.openAPIV3Schema;
}

const text: StructuralSchema = { type: 'string' };
const texts: StructuralSchema = { type: 'object', additionalProperties: text };

/** What may stand in a manifest's metadata; what only an API server writes is allowed, so that its output can be used as it is. */
const metadataSchema: StructuralSchema = {
  type: 'object',
  required: ['name'],
  properties: {
    name: {
      type: 'string',
      maxLength: 253,
      'x-kubernetes-validations': [
        {
          rule: "self.matches('^[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)*$')",
          message: 'must be lower-case letters, digits, dashes and dots, such as acc-umu-se',
        },
      ],
    },
    namespace: {
      type: 'string',
      default: 'default',
      maxLength: 63,
      'x-kubernetes-validations': [
        {
          rule: "self.matches('^[a-z0-9]([a-z0-9-]*[a-z0-9])?$')",
          message: 'must be lower-case letters, digits and dashes, such as mirrors',
        },
      ],
    },
    labels: texts,
    annotations: texts,
    uid: text,
    resourceVersion: text,
    generation: { type: 'integer' },
    creationTimestamp: text,
  },
};

/** core/v1 Secret. */
const secretSchema: StructuralSchema = {
  type: 'object',
  properties: {
    apiVersion: text,
    kind: text,
    type: text,
    immutable: { type: 'boolean' },
    data: texts,
    stringData: texts,
  },
};
