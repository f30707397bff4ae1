import { isScalar, parseDocument, visit, type Document, type ErrorCode } from 'yaml';

/** A document of a YAML file, or why it is none. `line` is the file's line, from 1, where it begins or where it is wrong. */
export type YAMLDocument =
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly error: string };

/** More aliases than this per document, counted with what they stand for, are taken for an attack (a "YAML bomb"). */
const maxAliases = 100;

/**
 * The documents of a YAML stream, without empty ones. They are cut at `---` first, so that one that is broken does not take the
 * others with it. Messages never quote the text, which may be a Secret's.
 */
export function* yamlDocuments(text: string): Generator<YAMLDocument, void, void> {
  for (const { line, body } of chunks(text)) {
    const read = readDocument(body, line);
    if ('error' in read || (read.value !== null && read.value !== undefined)) yield read;
  }
}

/** Neither a block scalar nor a quoted one may contain a line that begins with a document marker (YAML 1.2, 9.1.2). */
function* chunks(text: string): Generator<{ line: number; body: string }, void, void> {
  let line = 1;
  let body: string[] = [];
  for (const [i, row] of text.split(/\r?\n/).entries()) {
    if (/^---(\s|$)/.test(row)) {
      yield { line, body: body.join('\n') };
      line = i + 1;
      body = [row.slice(3)];
    } else if (!row.startsWith('%')) {
      body.push(row);
    }
  }
  yield { line, body: body.join('\n') };
}

function readDocument(body: string, line: number): YAMLDocument {
  try {
    const document = parseDocument(body, { prettyErrors: false, logLevel: 'silent', version: '1.2', merge: true });
    const [error] = [...document.errors, ...document.warnings];
    if (error) return { line: line + newlines(body.slice(0, error.pos[0])), error: sentence(error.code) };
    readBooleansAsKubectlDoes(document);
    return { line, value: document.toJS({ maxAliasCount: maxAliases }) as unknown };
  } catch (error) {
    // ReferenceError: too many aliases. RangeError: nested too deeply.
    const isBomb = error instanceof ReferenceError;
    return {
      line,
      error: isBomb
        ? 'uses aliases to excess; write the values out'
        : 'cannot be read as YAML; it may be nested too deeply',
    };
  }
}

/** kubectl reads YAML 1.1, where a bare NO (Norway) is false. Accepting it as text here would only hurt later. */
function readBooleansAsKubectlDoes(document: Document): void {
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || !isScalar(node) || node.type !== 'PLAIN' || typeof node.value !== 'string') return;
      if (/^(y|yes|on)$/i.test(node.value)) node.value = true;
      else if (/^(n|no|off)$/i.test(node.value)) node.value = false;
    },
  });
}

const newlines = (text: string) => text.split('\n').length - 1;

const sentences: Partial<Record<ErrorCode, string>> = {
  BAD_ALIAS: 'has an alias (*name) without its anchor (&name); text that begins with * needs quotes',
  BAD_DQ_ESCAPE: 'has a backslash in double quotes that escapes nothing; use single quotes or two backslashes',
  BAD_INDENT: 'is indented too little here, or a bracket before it is not closed',
  BAD_SCALAR_START: 'has text here that begins with a character reserved by YAML; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'has a nested mapping on one line here; text with ": " in it needs quotes',
  DUPLICATE_KEY: 'has the same field twice',
  MISSING_CHAR: 'lacks a closing quote or bracket, or a colon after a field name',
  MULTILINE_IMPLICIT_KEY: 'lacks a colon after a field name',
  TAG_RESOLVE_FAILED: 'has a tag (!name) here; text that begins with ! needs quotes',
  TAB_AS_INDENT: 'is indented with a tab here; YAML wants spaces',
};

const sentence = (code: ErrorCode) => sentences[code] ?? 'is not valid YAML here';
