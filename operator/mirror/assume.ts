import { availability } from '@geomirror/catalog/file.ts';
import { createColumnBits } from '@geomirror/catalog/column.ts';
import { paced } from '@geomirror/catalog/pace.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import type { MirrorPlan } from './plan.ts';
import type { ScanOutcome, ScanSubject } from './subject.ts';

/** A mirror taken to equal its source: every file is current but those that verification found wrong. */
export async function planAll(table: Table, foundWrong: ReadonlySet<string>): Promise<MirrorPlan> {
  const pace = paced();
  const column = createColumnBits();
  let wrongSize = 0;
  for (const number of table.live()) {
    if (pace.due()) await pace.rest();
    const isWrong = foundWrong.size > 0 && foundWrong.has(table.path(number));
    column.set(number, isWrong ? availability.WrongSize : availability.Current);
    if (isWrong) wrongSize += 1;
  }
  return {
    column,
    exceptions: [],
    times: { offsetSeconds: 0, keepsTimes: false },
    counts: { files: table.liveFiles, current: table.liveFiles - wrongSize, outdated: 0, wrongSize, missing: 0 },
    loss: { had: 0, lost: 0, id: '' },
  };
}

/** CRD `method: Assume`: a CDN that pulls from the source; probes and samples are the proof. */
export async function assumeAll({ state, repositoryState: { ledger } }: ScanSubject): Promise<ScanOutcome> {
  const { table } = ledger;
  const plan = await planAll(table, state.foundWrong);
  await ledger.setColumn(state.uid, table, plan.column, plan.exceptions);
  const message = `taken to hold all ${table.liveFiles} files of the source`;
  return { outcome: 'Succeeded', reason: undefined, message, accepted: { plan, protocol: 'assumed' } };
}
