import type { Location } from '@geomirror/catalog/policy.ts';

/** A `Link` line to a copy but for the path (RFC 6249, section 3): made once, joined for each request. */
export type LinkParts = {
  /** Up to the path. */
  readonly start: string;
  /** Behind the path, by priority from 1. */
  readonly ends: readonly string[];
};

/** `pri` counts from the second best on, `geo` is the country in lower case or empty, as mirrorbits writes them. */
export function linkParts(url: string, { country = '' }: Location, most: number): LinkParts {
  const geo = country.toLowerCase();
  const ends = Array.from({ length: most }, (_, at) => `>; rel=duplicate; pri=${at + 1}; geo=${geo}`);
  return { start: `<${url}`, ends };
}

/** The value of a `Link` header; the priority must be one that the parts were made for. */
export function linkTo({ start, ends }: LinkParts, path: string, priority: number): string {
  return `${start}${path}${ends[priority - 1] ?? ''}`;
}
