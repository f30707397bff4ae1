/** A Kubernetes structural schema, as far as the resources of geomirror use it (apiextensions.k8s.io/v1, JSONSchemaProps). */
export type StructuralSchema = {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema;
  readonly items?: StructuralSchema;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
};

/** One CEL rule of a schema and the sentence for those who break it. */
export type ValidationRule = { readonly rule: string; readonly message: string; readonly fieldPath?: string };

/** An object of a parsed document. */
export type JSONObject = Record<string, unknown>;

/** True for what YAML calls a mapping. */
export function isObject(value: unknown): value is JSONObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Removes what is null from the fields the schema knows, as the API server does before defaulting. */
export function dropNulls(value: unknown, schema: StructuralSchema): void {
  if (Array.isArray(value) && schema.items) for (const item of value) dropNulls(item, schema.items);
  if (!isObject(value)) return;
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    if (value[name] === null) delete value[name];
    else dropNulls(value[name], field);
  }
}
