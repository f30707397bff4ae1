import type { Manifest } from '@geomirror/catalog/manifest.ts';
import { numbersOf } from '@geomirror/catalog/number-ranges.ts';
import type { Pace } from '@geomirror/catalog/pace.ts';
import type { PageName } from '@geomirror/catalog/page-name.ts';
import type { Attributes } from '@geomirror/catalog/pages/attributes.ts';
import { decodePrevious } from '@geomirror/catalog/pages/previous.ts';
import type { Pages } from '@geomirror/catalog/store/store.ts';
import type { CatalogView } from '@geomirror/catalog/view.ts';
import { ColumnState } from './column-state.ts';
import type { LedgerState } from './ledger-state.ts';
import { openOwnVersions } from './own-versions.ts';
import { setLinks } from './set-links.ts';

/** The pages that a view does not load and an operator that starts wants: fetch these, and hand them to `restore`. */
export function operatorPages({ previous, mirrors }: Manifest): readonly PageName[] {
  return [...new Set([previous, ...mirrors.map(({ exceptions }) => exceptions)])].filter((name) => name !== null);
}

/** Becomes what was published. Without its operator pages only explanations and early verdicts are poorer. Throws MalformedPage. */
export async function restore(state: LedgerState, view: CatalogView, pages: Pages, pace: Pace): Promise<void> {
  const { manifest, table } = view;
  const previous = restorePrevious(manifest, pages);
  state.table = table;
  state.grace = new Map(
    [...numbersOf(manifest.grace, table.end)].map(([number, until]) => [
      number,
      { until, previous: previous.get(number) },
    ]),
  );
  state.retained = new Map(numbersOf(manifest.retained, table.end));
  state.graceRecord = undefined;
  await setLinks(state, view.links.entries(), pace);
  state.mirrors.clear();
  for (const [index, { uid, exceptions }] of manifest.mirrors.entries()) {
    const column = view.columns[index];
    const own = exceptions === null ? undefined : pages.get(exceptions);
    state.mirrors.set(uid, {
      column: new ColumnState(column?.pages, column?.names),
      own: own === undefined ? undefined : openOwnVersions(own),
    });
  }
}

function restorePrevious({ previous }: Manifest, pages: Pages): ReadonlyMap<number, Attributes> {
  const bytes = previous === null ? undefined : pages.get(previous);
  return bytes === undefined ? new Map() : decodePrevious(bytes);
}
