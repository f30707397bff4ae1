/** The part of a Kubernetes structural schema that types and the reference are made from. */
export type Schema = {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  /** json-schema-to-typescript: the type as it stands. */
  readonly tsType?: string;
};

/** A Markdown table of all fields below an object, in the schema's order. */
export function fieldTable(schema: Schema): string {
  const rows = [...fieldRows(schema, '')];
  return ['| field | values | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function* fieldRows(schema: Schema, prefix: string): Generator<string> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const path = `${prefix}${name}${field.items ? '[]' : ''}`;
    const cells = [
      `\`${path}\``,
      values(field.items ?? field),
      presence(name, field, schema),
      prose(field.description ?? ''),
    ];
    yield `| ${cells.join(' | ')} |`;
    yield* fieldRows(field.items ?? field, `${path}.`);
  }
}

/** Text without what Markdown would take for markup. */
const prose = (text: string) => text.replace(/[*_|<\\]/g, '\\$&');

function values({ type, enum: allowed, minimum, maximum }: Schema): string {
  if (allowed) return allowed.map((value) => `\`${String(value)}\``).join(' ');
  if (type === 'boolean') return '`true` `false`';
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (type === 'object') return '';
  return type === 'string' ? 'text' : 'number';
}

function presence(name: string, field: Schema, parent: Schema): string {
  if (parent.required?.includes(name)) return 'required';
  const value = field.default;
  // An object's default says no more than those of its fields.
  if (value === undefined || (typeof value === 'object' && !Array.isArray(value))) return '';
  return `\`${JSON.stringify(value)}\``;
}
