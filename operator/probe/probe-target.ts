import { encodePath } from '@geomirror/catalog/path.ts';

import { complainOf, complaint, type Answer, type Complaint } from './answer.ts';
import type { ProbeFile } from './choose-files.ts';

/** What a probe asks for. */
export type ProbeTarget =
  /** Up to three files: the second and third are only asked for when the one before is missing, which can be an accident. */
  | { readonly kind: 'Files'; readonly files: readonly ProbeFile[] }
  /** `healthCheck.path`, relative to the endpoint: any 2xx will do. */
  | { readonly kind: 'Path'; readonly path: string }
  /** Nothing is known to be there yet: any answer but a server error will do, also a redirect that is not followed. */
  | { readonly kind: 'Anything' };

/** One URL to ask for, and what an answer must be. */
export type ProbeStep = {
  readonly url: URL;
  readonly judge: (answer: Answer) => Complaint | undefined;
  readonly file?: ProbeFile;
};

/** The requests of a probe, of which each is made only if the one before found ContentMissing. */
export function stepsOf(endpoint: URL, target: ProbeTarget): readonly ProbeStep[] {
  switch (target.kind) {
    case 'Files':
      return target.files.map((file) => {
        return { url: fileURL(endpoint, file.path), judge: (answer) => complainOf(answer, file), file };
      });
    case 'Path':
      return [{ url: fileURL(endpoint, target.path.replace(/^\/+/, '')), judge: complainUnlessSuccess }];
    case 'Anything':
      return [{ url: endpoint, judge: complainOfServerError }];
  }
}

/** The URL of a file of the catalog below an endpoint, which ends with a slash. */
export function fileURL(endpoint: URL, path: string): URL {
  const base = new URL(endpoint);
  base.search = '';
  base.hash = '';
  return new URL(base.href + encodePath(path));
}

function complainUnlessSuccess(answer: Answer): Complaint | undefined {
  return answer.status >= 200 && answer.status < 300 ? undefined : complaint('UnexpectedStatus', answer);
}

function complainOfServerError(answer: Answer): Complaint | undefined {
  return answer.status < 500 ? undefined : complaint('UnexpectedStatus', answer);
}
