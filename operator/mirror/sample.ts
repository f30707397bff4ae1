import { availability } from '@geomirror/catalog/file.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import { createPace } from '../pace.ts';
import { sampleHTTP } from '../scan/http/sample.ts';
import { planAll } from './assume.ts';
import { createNewest } from './newest.ts';
import type { ScanDeps, ScanOutcome, ScanSubject } from './scan.ts';

type SampledFile = { readonly number: number; readonly path: string; readonly size: number | undefined; readonly modifiedAt: number | undefined };

const requestsPerSecond = 20;
const atOnce = 4;
const silenceMs = 20_000;

/**
 * CRD `method: Sample`, for a mirror without listings: HEADs of random and of the newest files. The column equals the source only if
 * all match; otherwise what was seen missing or wrong is entered and the rest stays as it was.
 */
export async function sampleMirror(deps: ScanDeps, subject: ScanSubject): Promise<ScanOutcome> {
  const { mirror, state, repository, repositoryState, signal } = subject;
  const { ledger } = repositoryState;
  const table = ledger.table;
  const url = new URL((mirror.spec.scan?.endpoints ?? mirror.spec.endpoints)[0]?.url ?? '');
  const files = await chooseSample(table, mirror.spec.scan?.sampleSize ?? 200, deps.random);
  const result = await deps.jobs.run(url.hostname, signal, () =>
    sampleHTTP(deps, {
      base: url,
      files,
      requestsPerSecond,
      atOnce,
      timeoutMs: silenceMs,
      redirects: mirror.spec.redirectPolicy ?? repository.spec.redirectPolicy,
      signal,
    }),
  );
  if (result.wrong.length === 0) {
    const plan = await planAll(table, state.foundWrong);
    await ledger.setColumn(state.uid, table, plan.column, plan.exceptions);
    const message = `${result.checked} sampled files are as in the source, so all are taken to be`;
    return { outcome: 'Succeeded', reason: undefined, message, accepted: { plan, protocol: 'sample' } };
  }
  const numbers = new Map(files.map(({ path, number }) => [path, number]));
  const verdicts = result.wrong.map(
    ({ path, reason }) => [numbers.get(path) ?? -1, reason === 'Missing' ? availability.Absent : availability.WrongSize] as const,
  );
  ledger.setBits(state.uid, verdicts.filter(([number]) => number !== -1));
  const example = result.wrong[0];
  const message = `${result.wrong.length} of ${result.checked} sampled files differ, for example ${example?.path ?? ''}: ${example?.reason ?? ''}`;
  return { outcome: 'Failed', reason: 'SampleMismatch', message };
}

/** Half at random, half the newest; all of them where there are no more. */
async function chooseSample(table: Table, size: number, random: () => number): Promise<SampledFile[]> {
  const pause = createPace();
  const newest = createNewest<number>(Math.ceil(size / 2), (number) => table.modifiedAt(number) ?? 0);
  for (const number of table.live()) {
    if (number % 1024 === 0) await pause();
    newest.add(number);
  }
  const chosen = new Set(newest.values());
  const wanted = Math.min(size, table.liveFiles);
  // In a table of mostly dead numbers the draw gives up early rather than spin.
  for (let tries = 0; chosen.size < wanted && tries < size * 20; tries += 1) {
    const number = Math.floor(random() * table.end);
    if (table.isLive(number)) chosen.add(number);
  }
  return [...chosen].map((number) => ({
    number,
    path: table.path(number),
    size: table.size(number),
    modifiedAt: table.modifiedAt(number),
  }));
}
