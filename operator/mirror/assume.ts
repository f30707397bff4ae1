import { availability } from '@geomirror/catalog/file.ts';
import { createColumnBits, type Column } from '@geomirror/catalog/column.ts';
import { paced } from '@geomirror/catalog/pace.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import type { Ledger } from '../publish/ledger.ts';
import type { MirrorPlan } from './plan.ts';
import type { MirrorState } from './state.ts';
import type { ScanOutcome, ScanSubject } from './subject.ts';

/** What is known of a mirror that is taken to equal its source. */
export type Assumption = {
  readonly foundWrong: ReadonlySet<string>;
  readonly isRetained: (number: number) => boolean;
  /** The column so far; undefined for a mirror never scanned. */
  readonly before: Column | undefined;
};

/**
 * A mirror taken to equal its source: every file is current but those that verification found wrong. What left the source
 * keeps its bits: whether the mirror still has it nobody knows.
 */
export async function planAll(table: Table, { foundWrong, isRetained, before }: Assumption): Promise<MirrorPlan> {
  const pace = paced();
  const column = createColumnBits();
  let files = 0;
  let wrongSize = 0;
  for (const number of table.live()) {
    if (pace.due()) await pace.rest();
    if (isRetained(number)) {
      column.set(number, before?.get(number) ?? availability.Absent);
      continue;
    }
    files += 1;
    const isWrong = foundWrong.size > 0 && foundWrong.has(table.path(number));
    column.set(number, isWrong ? availability.WrongSize : availability.Current);
    if (isWrong) wrongSize += 1;
  }
  return {
    column,
    exceptions: [],
    times: { offsetSeconds: 0, keepsTimes: false },
    counts: { files, current: files - wrongSize, outdated: 0, wrongSize, missing: 0 },
    loss: { had: 0, lost: 0, id: '' },
  };
}

/** The same as ledger and mirror have it now. */
export const assumptionOf = (
  ledger: Pick<Ledger, 'column' | 'isRetained'>,
  { uid, foundWrong }: Pick<MirrorState, 'uid' | 'foundWrong'>,
): Assumption => ({
  foundWrong,
  isRetained: (number) => ledger.isRetained(number),
  before: ledger.column(uid),
});

/** CRD `method: Assume`: a CDN that pulls from the source; probes and samples are the proof. */
export async function assumeAll({ state, repositoryState: { ledger } }: ScanSubject): Promise<ScanOutcome> {
  const { table } = ledger;
  const plan = await planAll(table, assumptionOf(ledger, state));
  await ledger.setColumn(state.uid, table, plan.column, plan.exceptions);
  const message = `taken to hold all ${plan.counts.files} files of the source`;
  return { outcome: 'Succeeded', reason: undefined, message, accepted: { plan, protocol: 'assumed' } };
}
