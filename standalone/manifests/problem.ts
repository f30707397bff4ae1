/** Something in a manifest that keeps a document from being used. Carries no value of the manifest, only names of fields. */
export type Problem = {
  /** Name of the file as it was handed in. */
  readonly file: string;
  /** Counts the file's documents from 1; 0: the file as a whole. */
  readonly document: number;
  /** `Mirror mirrors/acc-umu-se`, as far as it can be read; empty otherwise. */
  readonly resource: string;
  /** `spec.endpoints[0].url`; empty: the document as a whole. */
  readonly field: string;
  /** Says what to write instead. */
  readonly message: string;
};

/** A problem found inside one document, before it is known where that lies. */
export type Finding = Pick<Problem, 'field' | 'message'>;

/** One line for logs and people: `mirrors.yaml, document 2 (Mirror default/acc): spec.weight: must be at least 1`. */
export function printProblem({ file, document, resource, field, message }: Problem): string {
  const place = document === 0 ? file : `${file}, document ${document}`;
  const where = resource === '' ? place : `${place} (${resource})`;
  return field === '' ? `${where}: ${message}` : `${where}: ${field}: ${message}`;
}

/** The name of a field as it may be shown: a hostile manifest's may be anything. */
export function printableName(name: string): string {
  const shown = name.replace(/[^\w./-]/g, '?');
  return shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
}
