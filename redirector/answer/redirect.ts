import type { Fallback } from '@geomirror/catalog/policy.ts';
import { encodePath } from '@geomirror/catalog/path.ts';
import type { Reachable, ToMirror } from '../decide.ts';
import type { Asked } from '../locate.ts';
import type { Answer, Outcome } from './answer.ts';
import { linkParts, linkTo } from './link.ts';

/** What all redirects of one request have in common. */
export type Redirecting = {
  /** What stands behind a mirror's URL: a validated path, each segment encoded anew. */
  readonly path: string;
  /** As many `Link` lines at most. */
  readonly alternatives: number;
  /** What every answer to this client carries: names and values by turns. */
  readonly common: readonly string[];
  /** Of the file, where the copies are of the version that the catalog knows. */
  readonly tag: string | undefined;
};

/** What to write behind a mirror's URL: each segment encoded anew, a slash behind directories. */
export function urlPath(asked: Asked): string {
  const encoded = encodePath(asked.path);
  return asked.kind === 'Directory' && encoded !== '' ? `${encoded}/` : encoded;
}

/** 302 without a body; the next best stand in `Link: <…>; rel=duplicate` lines (RFC 6249, section 3). */
export function redirectTo(decision: Reachable, to: Redirecting): Answer {
  switch (decision.kind) {
    case 'Mirror':
    case 'AllDown':
      return redirectToMirror(decision, to);
    case 'Fallback':
      return redirectToFallback(decision.fallbacks, to);
    case 'Archive':
      return redirect('Archive', ['Location', `${decision.url}${to.path}`], to);
  }
}

function redirectToMirror({ kind, ranked, choice }: ToMirror, to: Redirecting): Answer {
  const { urls, links } = ranked;
  const headers = ['Location', `${urls[choice.chosen] ?? ''}${to.path}`];
  const { alternatives } = choice;
  for (let at = 0; at < alternatives.length; at++) {
    const parts = links[alternatives[at] ?? -1];
    if (parts !== undefined) headers.push('Link', linkTo(parts, to.path, at + 1));
  }
  return redirect(kind, headers, to);
}

function redirectToFallback(fallbacks: readonly Fallback[], to: Redirecting): Answer {
  const [best, ...others] = fallbacks;
  const headers = ['Location', `${best?.url ?? ''}${to.path}`];
  for (const [at, { url, location }] of others.slice(0, to.alternatives).entries())
    headers.push('Link', linkTo(linkParts(url, location, at + 1), to.path, at + 1));
  return redirect('Fallback', headers, to);
}

function redirect(outcome: Outcome, headers: string[], { common, tag }: Redirecting): Answer {
  for (const text of common) headers.push(text);
  if (tag !== undefined) headers.push('ETag', tag);
  headers.push('Content-Length', '0');
  return { status: 302, outcome, headers, body: '' };
}
