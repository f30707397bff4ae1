import { createLinks } from '@geomirror/catalog/links.ts';
import type { Pace } from '@geomirror/catalog/pace.ts';
import { pageName } from '@geomirror/catalog/page-name.ts';
import { byPath, type Link, LinksEncoder } from '@geomirror/catalog/pages/links.ts';
import { maxPathBytes } from '@geomirror/catalog/path.ts';
import { eachPaced, type LedgerState, type NamedPage } from './ledger-state.ts';
import { sortPaced } from './sort.ts';

/** Replaces the links; of several for one path the last counts, and targets longer than a path may be lead nowhere. */
export async function setLinks(state: LedgerState, entries: Iterable<Link>, pace: Pace): Promise<void> {
  const targets = new Map<string, string>();
  let same = true;
  await eachPaced(entries, pace, ({ path, target }) => {
    if (Buffer.byteLength(target) > maxPathBytes) return;
    targets.set(path, target);
    same &&= state.links.target(path) === target;
  });
  if (same && targets.size === state.links.size) return;
  const links = await sortPaced(
    [...targets].map(([path, target]) => ({ path, target })),
    byPath,
    pace,
  );
  state.linksPage = links.length === 0 ? undefined : await encode(links, pace);
  state.links = createLinks(links);
}

async function encode(links: readonly Link[], pace: Pace): Promise<NamedPage> {
  const encoder = new LinksEncoder();
  await eachPaced(links, pace, (link) => encoder.add(link));
  const bytes = encoder.page();
  return { name: pageName(bytes), bytes };
}
