type Matcher = (path: string) => boolean;

/** Braces may stand for this many globs in all. */
const mostAlternatives = 1000;

/**
 * Whether a whole relative path matches any of these globs. `*` is any run of characters within a name, `?` one of them, `[a-c]` and
 * `[!a-c]` one of these or of all others, `{a,b}` either, a backslash takes the next character as it is, and `**` in the place of a
 * name is any number of names, none too. Dot files match like others.
 *
 * Paths come from strangers: the time is at most in proportion to the length of path times glob, whatever is in them. (Globs that
 * become regular expressions take seconds for `*-*-*-*.iso` on a name of dashes.) Throws RangeError for more than 1 000 alternatives.
 */
export function compileGlobs(globs: readonly string[]): Matcher {
  const all = [...new Set(globs.flatMap((glob) => expandBraces(glob)))].map(compileGlob);
  if (all.length === 0) return () => false;
  return (path) => {
    const names = path.split('/');
    return all.some((glob) => matchesNames(glob, names));
  };
}

/** Undefined: two stars in the place of a name. */
type Part = NameGlob | undefined;
type Test = (character: string) => boolean;
/** A literal name, or tests of one character each; undefined: a star. */
type NameGlob = string | readonly (Test | undefined)[];

const compileGlob = (glob: string): readonly Part[] =>
  splitNames(glob).map((name) => (name === '**' ? undefined : compileName(name)));

/** A slash in a class or behind a backslash ends the name all the same: no name has one. */
const splitNames = (glob: string): readonly string[] => glob.split('/');

function compileName(name: string): NameGlob {
  const tests: (Test | undefined)[] = [];
  let literal: string | undefined = '';
  for (let at = 0; at < name.length;) {
    const { test, text, length } = readToken(name, at);
    if (test !== undefined || tests.at(-1) !== undefined || tests.length === 0) tests.push(test);
    literal = text === undefined || literal === undefined ? undefined : literal + text;
    at += length;
  }
  return literal ?? tests;
}

type Token = { readonly test: Test | undefined; readonly text?: string; readonly length: number };

function readToken(name: string, at: number): Token {
  const character = name[at] ?? '';
  switch (character) {
    case '*':
      return { test: undefined, length: 1 };
    case '?':
      return { test: () => true, length: 1 };
    case '[':
      return readClass(name, at) ?? literalToken('[', 1);
    case '\\':
      return at + 1 < name.length ? literalToken(name[at + 1] ?? '', 2) : literalToken('\\', 1);
    default:
      return literalToken(character, 1);
  }
}

const literalToken = (text: string, length: number): Token => ({
  test: (character) => character === text,
  text,
  length,
});

/** Undefined where the bracket is never closed. */
function readClass(name: string, at: number): Token | undefined {
  const isNegated = name[at + 1] === '!' || name[at + 1] === '^';
  const first = at + (isNegated ? 2 : 1);
  // A closing bracket that comes first is one of the characters.
  const end = name.indexOf(']', first + 1);
  if (end === -1) return undefined;
  const characters = name.slice(first, end).split('');
  const singles = new Set<string>();
  const ranges: (readonly [string, string])[] = [];
  for (let index = 0; index < characters.length; index += 1) {
    const [from = '', dash, to] = characters.slice(index, index + 3);
    if (dash !== '-' || to === undefined) {
      singles.add(from);
      continue;
    }
    ranges.push([from, to]);
    index += 2;
  }
  const test = (character: string): boolean =>
    (singles.has(character) || ranges.some(([from, to]) => from <= character && character <= to)) !== isNegated;
  return { test, length: end + 1 - at };
}

/** What matches later parts may always begin as early as it can: only the last run of any names need grow. */
function matchesNames(parts: readonly Part[], names: readonly string[]): boolean {
  let [part, name] = [0, 0];
  let [afterRun, runEnd] = [-1, 0];
  while (name < names.length) {
    const glob = parts[part];
    if (part < parts.length && glob === undefined) [afterRun, runEnd, part] = [part + 1, name, part + 1];
    else if (glob !== undefined && matchesName(glob, names[name] ?? '')) [part, name] = [part + 1, name + 1];
    else if (afterRun === -1) return false;
    else [part, name, runEnd] = [afterRun, runEnd + 1, runEnd + 1];
  }
  return parts.slice(part).every((rest) => rest === undefined);
}

function matchesName(glob: NameGlob, name: string): boolean {
  if (typeof glob === 'string') return glob === name;
  let [token, at] = [0, 0];
  let [afterStar, starEnd] = [-1, 0];
  while (at < name.length) {
    const test = glob[token];
    if (token < glob.length && test === undefined) [afterStar, starEnd, token] = [token + 1, at, token + 1];
    else if (test?.(name[at] ?? '') === true) [token, at] = [token + 1, at + 1];
    else if (afterStar === -1) return false;
    else [token, at, starEnd] = [afterStar, starEnd + 1, starEnd + 1];
  }
  return glob.slice(token).every((rest) => rest === undefined);
}

/** All globs without braces that one with braces stands for; braces that are not closed or without a comma are characters. */
function expandBraces(glob: string): readonly string[] {
  let done: readonly string[] = [''];
  for (let at = 0; at < glob.length;) {
    const group = glob[at] === '{' ? readGroup(glob, at) : undefined;
    const length = group?.length ?? (glob[at] === '\\' ? 2 : 1);
    const tails = group?.alternatives.flatMap((each) => expandBraces(each)) ?? [glob.slice(at, at + length)];
    if (done.length * tails.length > mostAlternatives)
      throw new RangeError(`the glob ${glob} stands for more than ${mostAlternatives} alternatives`);
    done = done.flatMap((head) => tails.map((tail) => head + tail));
    at += length;
  }
  return done;
}

type Group = { readonly alternatives: readonly string[]; readonly length: number };

function readGroup(glob: string, start: number): Group | undefined {
  const alternatives: string[] = [];
  let depth = 0;
  let from = start + 1;
  for (let at = start; at < glob.length; at += glob[at] === '\\' ? 2 : 1) {
    depth += depthOf(glob[at]);
    const isBorder = depth === 0 || (depth === 1 && glob[at] === ',');
    if (!isBorder) continue;
    alternatives.push(glob.slice(from, at));
    from = at + 1;
    if (depth === 0) return alternatives.length > 1 ? { alternatives, length: from - start } : undefined;
  }
  return undefined;
}

function depthOf(character: string | undefined): number {
  if (character === '{') return 1;
  return character === '}' ? -1 : 0;
}
