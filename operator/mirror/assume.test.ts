import assert from 'node:assert/strict';
import { test } from 'node:test';
import { availability } from '@geomirror/catalog/file.ts';
import { createLedger } from '../publish/ledger.ts';
import { sampleFile } from '../samples.ts';
import { assumptionOf, planAll } from './assume.ts';

const { Absent, Current, WrongSize } = availability;

test('a mirror that is assumed has every file but those found wrong; what left the source keeps its bits', async () => {
  const ledger = createLedger();
  const rules = { now: 0, graceMs: () => 0, retainMs: 1000, matches: () => false };
  const added = ['a', 'b', 'left', 'never'].map((path) => sampleFile({ path }));
  await ledger.applySource({ added, changed: [], removed: [] }, rules);
  const number = (path: string): number => ledger.table.find(path);
  await ledger.setBits('m', [[number('left'), Current]]);
  await ledger.applySource({ added: [], changed: [], removed: [number('left'), number('never')] }, rules);
  const known = assumptionOf(ledger, { uid: 'm', foundWrong: new Set(['b']) });
  const { column, counts, loss, exceptions } = await planAll(ledger.table, known);
  assert.deepEqual(
    ['a', 'b', 'left', 'never'].map((path) => column.get(number(path))),
    [Current, WrongSize, Current, Absent],
  );
  assert.deepEqual(counts, { files: 2, current: 1, outdated: 0, wrongSize: 1, missing: 0 });
  assert.deepEqual([loss.lost, exceptions], [0, []]);
});
