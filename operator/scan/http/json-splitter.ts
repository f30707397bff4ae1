type State = 'Before' | 'Between' | 'Inside' | 'After' | 'Broken';

/** What follows a character outside of the objects; anything else breaks the list. */
const transitions: Readonly<Record<State, Readonly<Record<string, State>>>> = {
  Before: { '[': 'Between' },
  Between: { '{': 'Inside', ',': 'Between', ']': 'After' },
  Inside: {},
  After: {},
  Broken: {},
};

/** The longest object that is still taken for an entry, in characters. */
const maxObjectLength = 64 * 1024;

export type JSONSplitter = {
  readonly write: (text: string) => void;
  /** `Array`: one whole list of objects was read. `Broken`: anything else. */
  readonly end: () => 'Array' | 'Broken';
};

/**
 * Hands out the objects of a JSON array one by one while the text arrives, so that a listing of any length is never parsed
 * in one go. After something that is not an array of objects nothing more is handed out.
 */
export function createJSONSplitter(each: (value: Readonly<Record<string, unknown>>) => void): JSONSplitter {
  let state: State = 'Before';
  let object = '';

  const outside = (text: string, at: number): number => {
    const character = text[at] ?? '';
    if (!/\s/.test(character)) state = transitions[state][character] ?? 'Broken';
    return state === 'Inside' ? at : at + 1;
  };

  const scan = createObjectScan();
  const inside = (text: string, at: number): number => {
    const end = scan(text, at);
    object += text.slice(at, end === undefined ? text.length : end);
    if (object.length > maxObjectLength) state = 'Broken';
    else if (end !== undefined) state = parse(object);
    if (end !== undefined) object = '';
    return end ?? text.length;
  };

  const parse = (text: string): 'Between' | 'Broken' => {
    try {
      each(JSON.parse(text) as Record<string, unknown>);
      return 'Between';
    } catch (error) {
      if (error instanceof SyntaxError) return 'Broken';
      throw error;
    }
  };

  return {
    write: (text) => {
      for (let at = 0; at < text.length;) {
        if (state === 'Broken') return;
        at = state === 'Inside' ? inside(text, at) : outside(text, at);
      }
    },
    end: () => (state === 'After' ? 'Array' : 'Broken'),
  };
}

/** Finds the position after the brace that closes the object begun earlier, across pieces of text. */
function createObjectScan(): (text: string, from: number) => number | undefined {
  const special = /["\\{}]/g;
  let depth = 0;
  let quoted = false;
  // Position in the next piece of a character that a backslash at the end of this one escapes.
  let skip = 0;
  const step = (character: string): boolean => {
    if (character === '"') quoted = !quoted;
    else if (!quoted) depth += character === '{' ? 1 : character === '}' ? -1 : 0;
    return depth === 0 && !quoted;
  };
  return (text, from) => {
    special.lastIndex = from + skip;
    skip = 0;
    for (let match = special.exec(text); match !== null; match = special.exec(text)) {
      if (match[0] === '\\') special.lastIndex += 1;
      else if (step(match[0])) return special.lastIndex;
      skip = Math.max(0, special.lastIndex - text.length);
    }
    return undefined;
  };
}
