import { parseArgs } from 'node:util';
import { openStore } from '@geomirror/catalog/store/open.ts';
import { createLedger } from './ledger.ts';
import { createPublisher } from './publisher.ts';
import { enterSampleFiles, sampleColumn, sampleMirrors, samplePolicy } from './sample-catalog.ts';

// Publishes the sample catalog for measurements of readers, then changes one file per line on its standard input:
//   node operator/publish/publish-sample.ts --store redis://127.0.0.1:6379 --slot bench/debian [--in-step]
const { values } = parseArgs({
  options: {
    store: { type: 'string', default: 'memory:' },
    slot: { type: 'string', default: 'bench/sample' },
    files: { type: 'string', default: '1500000' },
    mirrors: { type: 'string', default: '400' },
    'in-step': { type: 'boolean', default: false },
  },
});

await using writer = await openStore(values.store, {
  report: (failure) => process.stderr.write(`${failure.message}\n`),
});
const slot = values.slot as `${string}/${string}`;
const token = Date.now();
await writer.claim(token, [slot]);
const ledger = createLedger();
await enterSampleFiles(ledger, Number(values.files));
const mirrors = sampleMirrors(Number(values.mirrors));
for (const [index, { uid }] of mirrors.entries()) {
  const seed = values['in-step'] ? 0 : index;
  await ledger.setColumn(uid, ledger.table, sampleColumn(ledger.table.end, 0.005, seed), []);
}
const publisher = createPublisher({ writer, ledger, slot, uid: 'sample', token, revision: 0, now: Date.now });
const publication = { policy: samplePolicy, mirrors };
process.stdout.write(`${await publisher.publish(publication)}\n`);

for await (const chunk of process.stdin) {
  const number = Number(String(chunk).trim());
  const file = ledger.table.file(number);
  if (file === undefined) break;
  const changed = [{ ...file, modifiedAt: Math.floor(Date.now() / 1000) }];
  await ledger.applySource(
    { added: [], changed, removed: [] },
    { now: Date.now(), graceMs: () => 3_600_000, retainMs: 0, matches: () => false },
  );
  process.stdout.write(`${await publisher.publish(publication)}\n`);
}
