import { StoreFailure } from './store/failure.ts';

/** Turns an unknown value into a T or throws StoreFailure `Malformed`; `where` says which field it was, never what it held. */
export type Parse<T> = (value: unknown, where: string) => T;

/** Any string. Free text is shown to people by code that escapes it, so nothing more is asked here. */
export const text: Parse<string> = (value, where) => (typeof value === 'string' ? value : malformed(where, 'a string'));

/** A string that satisfies a test; `what` completes the sentence "… is not". */
export const textThat =
  (holds: (value: string) => boolean, what: string): Parse<string> =>
  (value, where) =>
    typeof value === 'string' && holds(value) ? value : malformed(where, what);

// Printable ASCII only: such a URL can stand in a header, a log line or a page as it is.
const isWebURL = (url: string): boolean => /^https?:\/\/[!-~]+$/.test(url) && URL.canParse(url);

/** An http or https URL in ASCII. */
export const webURL: Parse<string> = textThat(isWebURL, 'an http or https URL in ASCII');

/** An http or https URL in ASCII to which a path can be appended: it ends with a slash and has no query or fragment. */
export const baseURL: Parse<string> = textThat(
  (url) => isWebURL(url) && url.endsWith('/') && !/[?#]/.test(url),
  'an http or https URL in ASCII that ends with a slash',
);

/** A finite number within the bounds. */
export const number =
  (least: number, most: number): Parse<number> =>
  (value, where) =>
    typeof value === 'number' && value >= least && value <= most
      ? value
      : malformed(where, `a number from ${least} to ${most}`);

/** A whole number, exact in a double, not negative. */
export const whole: Parse<number> = (value, where) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : malformed(where, 'a whole number from 0');

/** `true` or `false`. */
export const flag: Parse<boolean> = (value, where) =>
  typeof value === 'boolean' ? value : malformed(where, 'true or false');

/** One of the given literals. */
export const oneOf =
  <const T extends string | number>(choices: readonly T[]): Parse<T> =>
  (value, where) =>
    choices.find((choice) => choice === value) ?? malformed(where, `one of ${choices.join(', ')}`);

/** A T or null. */
export const orNull =
  <T>(parse: Parse<T>): Parse<T | null> =>
  (value, where) =>
    value === null ? null : parse(value, where);

/** A T or nothing at all: `object` leaves the key out. */
export const optional =
  <T>(parse: Parse<T>): Parse<T | undefined> =>
  (value, where) =>
    value === undefined ? undefined : parse(value, where);

/** An array of T. */
export const list =
  <T>(parse: Parse<T>): Parse<readonly T[]> =>
  (value, where) =>
    Array.isArray(value)
      ? value.map((item: unknown, index) => parse(item, `${where}[${index}]`))
      : malformed(where, 'a list');

/** An object used as a dictionary. The result has no prototype, so that a key such as `constructor` finds nothing. */
export const dictionary =
  <T>(parse: Parse<T>): Parse<Readonly<Record<string, T>>> =>
  (value, where) => {
    const entries = Object.entries(fieldsOf(value, where));
    const found: Record<string, T> = Object.create(null);
    for (const [key, item] of entries) found[key] = parse(item, `${where}[…]`);
    return found;
  };

/** An object with these fields; unknown ones are left out, so that a neighbouring release may add some. */
export const object =
  <T extends object>(fields: { readonly [K in keyof T]-?: Parse<T[K]> }): Parse<T> =>
  (value, where) => {
    const given = fieldsOf(value, where);
    const found: Partial<T> = {};
    for (const key in fields) {
      const parsed = fields[key](Object.hasOwn(given, key) ? given[key] : undefined, `${where}.${key}`);
      if (parsed !== undefined) found[key] = parsed;
    }
    // Every field has been parsed; those left out are the optional ones.
    return found as T;
  };

function fieldsOf(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return malformed(where, 'an object');
  return value as Readonly<Record<string, unknown>>;
}

/** The JSON in these bytes, nothing known of it yet. */
export function parseJSON(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return malformed(where, 'JSON');
  }
}

/** Throws StoreFailure `Malformed`: this field is not what it has to be. */
export function malformed(where: string, what: string): never {
  throw new StoreFailure('Malformed', `${where} is not ${what}`);
}
