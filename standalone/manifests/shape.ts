import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { closestName } from './closest-name.ts';
import { printableName, type Finding } from './problem.ts';
import { isObject, type JSONObject, type StructuralSchema } from './structural.ts';

/** Fills in defaults and reports everything that is not of the schema's shape; unknown fields too, which an API server would drop. */
export type ShapeCheck = (resource: JSONObject) => Finding[];

const uniqueBy = 'uniqueBy';

/** Compiles the structural part of a Kubernetes schema: all but CEL rules and formats. */
export function compileShape(schema: StructuralSchema): ShapeCheck {
  const ajv = new Ajv({ allErrors: true, useDefaults: true, verbose: true, strict: false, validateFormats: false });
  ajv.addKeyword({ keyword: uniqueBy, type: 'array', schemaType: 'array', validate: haveUniqueKeys });
  const validate: ValidateFunction = ajv.compile(jsonSchema(schema));
  return (resource) => (validate(resource) ? [] : (validate.errors ?? []).map(finding));
}

function jsonSchema(schema: StructuralSchema): JSONObject {
  const { properties, additionalProperties, items, ...rest } = schema;
  return {
    ...rest,
    ...(properties && { properties: mapValues(properties, jsonSchema) }),
    ...(schema.type === 'object' && {
      additionalProperties: additionalProperties ? jsonSchema(additionalProperties) : false,
    }),
    ...(items && { items: jsonSchema(items) }),
    ...(rest['x-kubernetes-list-type'] === 'set' && { uniqueItems: true }),
    ...(rest['x-kubernetes-list-map-keys'] && { [uniqueBy]: rest['x-kubernetes-list-map-keys'] }),
  };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

function haveUniqueKeys(keys: readonly string[], list: readonly unknown[]): boolean {
  const seen = list.map((item) => JSON.stringify(keys.map((key) => (isObject(item) ? item[key] : undefined))));
  return new Set(seen).size === seen.length;
}

/** What ajv says of an error; which of these are there depends on the keyword. */
type Params = {
  readonly limit: number;
  readonly i: number;
  readonly j: number;
  readonly type: string;
  readonly allowedValues: readonly string[];
  readonly additionalProperty: string;
  readonly missingProperty: string;
};
type Sentence = (params: Params, error: ErrorObject) => string;

const sentences: Readonly<Record<string, Sentence>> = {
  required: () => 'is missing',
  additionalProperties: ({ additionalProperty }, { parentSchema }) => unknownField(additionalProperty, parentSchema),
  type: ({ type }, { data }) => wrongType(type, data),
  enum: ({ allowedValues }) => `must be one of ${allowedValues.join(', ')}`,
  minimum: ({ limit }) => `must be at least ${limit}`,
  maximum: ({ limit }) => `must be at most ${limit}`,
  minLength: ({ limit }) => (limit === 1 ? 'must not be empty' : `must have at least ${limit} characters`),
  maxLength: ({ limit }) => `must have at most ${limit} characters`,
  minItems: ({ limit }) => `must have at least ${limit} ${limit === 1 ? 'item' : 'items'}`,
  maxItems: ({ limit }) => `must have at most ${limit} items`,
  maxProperties: ({ limit }) => `must have at most ${limit} entries`,
  uniqueItems: ({ i, j }) => `must not name the same twice (items ${i} and ${j})`,
  [uniqueBy]: (_, { schema }) => `must not have two items with the same ${(schema as string[]).join(' and ')}`,
};

function finding(error: ErrorObject): Finding {
  const params = error.params as Params;
  const sentence = sentences[error.keyword];
  return {
    field: fieldPath(error.instancePath, params.missingProperty ?? params.additionalProperty),
    message: sentence?.(params, error) ?? error.message ?? 'is not as the schema has it',
  };
}

/** `/spec/endpoints/0/url` as Kubernetes writes it: `spec.endpoints[0].url`. */
function fieldPath(pointer: string, inside: string | undefined): string {
  const segments = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return [...segments, ...(inside === undefined ? [] : [inside])]
    .map((part) => (/^\d+$/.test(part) ? `[${part}]` : `.${printableName(part)}`))
    .join('')
    .replace(/^\./, '');
}

function unknownField(name: string, schema: JSONObject | undefined): string {
  const known = isObject(schema?.['properties']) ? Object.keys(schema['properties']) : [];
  const meant = closestName(name, known);
  return meant === undefined
    ? `is not a field; known here are ${known.join(', ')}`
    : `is not a field; did you mean ${meant}?`;
}

const typeNames: Readonly<Record<string, string>> = {
  object: 'a mapping of fields',
  array: 'a list',
  string: 'text',
  integer: 'a whole number',
  boolean: 'true or false',
};

function wrongType(expected: string, found: unknown): string {
  const wanted = `must be ${typeNames[expected] ?? expected}`;
  if (expected !== 'string') return wanted;
  if (typeof found === 'number') return `${wanted}; write the number in quotes`;
  if (typeof found === 'boolean') return `${wanted}; true, yes, NO, on and the like need quotes to be text in YAML`;
  return wanted;
}
