import { pageFiles, segmentFiles } from './column.ts';
import { MalformedPage } from './pages/page.ts';

/** How the numbers below `end` are cut: full pages, then finished segments, then the growing segment. */
export type Layout = {
  readonly end: number;
  readonly full: number;
  readonly segments: number;
  /** The first number of the growing segment and how many it has. */
  readonly growingFirst: number;
  readonly growing: number;
};

/** Numbers fit 32 bits in pages and index. */
const mostNumbers = 2 ** 32 - 2;

/** Throws MalformedPage for an end that no table can have. */
export function layoutOf(end: number): Layout {
  if (!Number.isInteger(end) || end < 0 || end > mostNumbers) throw new MalformedPage(`No table ends at ${end}`);
  const full = Math.floor(end / pageFiles);
  const growing = end % segmentFiles;
  const growingFirst = end - growing;
  return { end, full, segments: (growingFirst - full * pageFiles) / segmentFiles, growingFirst, growing };
}
