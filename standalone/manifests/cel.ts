import { isIP } from 'node:net';
import { Environment } from '@marcbachmann/cel-js';

/** One CEL rule made ready: true if the values keep it; an error inside the rule counts as broken. */
export type CompiledRule = (values: { readonly self: unknown; readonly oldSelf?: unknown }) => boolean;

/** CEL with those of Kubernetes' extension functions that the resources' rules use: `isCIDR`. */
export function createRuleCompiler(): (rule: string) => CompiledRule {
  const environment = new Environment()
    .registerVariable('self', 'dyn')
    .registerVariable('oldSelf', 'dyn')
    .registerFunction('isCIDR(string): bool', isCIDR);
  return (rule) => {
    const evaluate = environment.parse(rule);
    const checked = evaluate.check();
    if (!checked.valid) throw new TypeError(`CEL rule cannot be evaluated: ${rule}`, { cause: checked.error });
    return (values) => {
      try {
        return evaluate(values) === true;
      } catch {
        return false;
      }
    };
  };
}

/** The value with whole numbers as CEL's integers. */
export function toCELValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toCELValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, toCELValue(field)]));
}

/** As Kubernetes' CEL library has it: bits beyond the prefix are allowed, zones and IPv4-mapped addresses are not. */
function isCIDR(text: string): boolean {
  const [, address = '', prefix] = /^([^/]*)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  if (prefix === undefined || address.includes('%') || /^[0:]*:ffff:/i.test(address)) return false;
  const family = isIP(address);
  return family !== 0 && Number(prefix) <= (family === 4 ? 32 : 128);
}
