import { toCELValue, type CompiledRule } from './cel.ts';
import type { Finding } from './problem.ts';
import { isObject, type StructuralSchema, type ValidationRule } from './structural.ts';

/** The rules of a schema, compiled, at the places where they stand. */
type RuleTree = {
  readonly rules: readonly {
    readonly given: ValidationRule;
    readonly holds: CompiledRule;
    readonly isTransition: boolean;
  }[];
  readonly properties: ReadonlyMap<string, RuleTree>;
  readonly items: RuleTree | undefined;
  readonly keys: readonly string[] | undefined;
};

/** Reports each broken rule; `old` is the version before, without which rules about changes are not applied. */
export type RuleCheck = (resource: unknown, old: unknown) => Finding[];

/** Compiles the CEL rules of a schema; throws TypeError for a rule that cannot be evaluated. */
export function compileRules(schema: StructuralSchema, compile: (rule: string) => CompiledRule): RuleCheck {
  const tree = ruleTree(schema, compile);
  return (resource, old) => {
    const findings: Finding[] = [];
    if (tree) check(tree, { field: '', self: toCELValue(resource), oldSelf: toCELValue(old) }, findings);
    return findings;
  };
}

function ruleTree(schema: StructuralSchema, compile: (rule: string) => CompiledRule): RuleTree | undefined {
  const rules = (schema['x-kubernetes-validations'] ?? []).map((given) => ({
    given,
    holds: compile(given.rule),
    isTransition: /\boldSelf\b/.test(given.rule),
  }));
  const properties = new Map<string, RuleTree>();
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const tree = ruleTree(field, compile);
    if (tree) properties.set(name, tree);
  }
  const items = schema.items && ruleTree(schema.items, compile);
  if (rules.length === 0 && properties.size === 0 && !items) return undefined;
  return { rules, properties, items, keys: schema['x-kubernetes-list-map-keys'] };
}

type Place = { readonly field: string; readonly self: unknown; readonly oldSelf: unknown };

function check(tree: RuleTree, place: Place, findings: Finding[]): void {
  checkHere(tree, place, findings);
  checkFields(tree.properties, place, findings);
  if (tree.items) checkItems(tree.items, tree.keys, place, findings);
}

function checkHere({ rules }: RuleTree, { field, self, oldSelf }: Place, findings: Finding[]): void {
  for (const { given, holds, isTransition } of rules) {
    if (isTransition && oldSelf === undefined) continue;
    const place = field + (given.fieldPath ?? '');
    if (!holds(isTransition ? { self, oldSelf } : { self }))
      findings.push({ field: withoutDot(place), message: given.message });
  }
}

function checkFields(
  fields: ReadonlyMap<string, RuleTree>,
  { field, self, oldSelf }: Place,
  findings: Finding[],
): void {
  if (!isObject(self)) return;
  for (const [name, below] of fields) {
    const old = isObject(oldSelf) ? oldSelf[name] : undefined;
    if (self[name] !== undefined) check(below, { field: `${field}.${name}`, self: self[name], oldSelf: old }, findings);
  }
}

function checkItems(below: RuleTree, keys: readonly string[] | undefined, place: Place, findings: Finding[]): void {
  const list: readonly unknown[] = Array.isArray(place.self) ? place.self : [];
  const oldList: readonly unknown[] = Array.isArray(place.oldSelf) ? place.oldSelf : [];
  for (const [i, self] of list.entries()) {
    // Items have an earlier version only where keys tell which one it is.
    const oldSelf =
      keys && oldList.find((old) => keys.every((key) => isObject(old) && isObject(self) && old[key] === self[key]));
    check(below, { field: `${place.field}[${i}]`, self, oldSelf }, findings);
  }
}

const withoutDot = (path: string) => path.replace(/^\./, '');
