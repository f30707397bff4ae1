import { availability, type Availability } from '@geomirror/catalog/file.ts';
import { remoteHost } from '../network/remote-host.ts';
import { paced } from '@geomirror/catalog/pace.ts';
import type { Ledger } from '../publish/ledger.ts';
import { sampleHTTP, type SampleFault } from '../scan/http/sample.ts';
import { assumptionOf, planAll } from './assume.ts';
import { createNewest } from './newest.ts';
import { redirectPolicyOf, scanEndpoints, type ScanDeps, type ScanOutcome, type ScanSubject } from './subject.ts';

type SampledFile = {
  readonly number: number;
  readonly path: string;
  readonly size: number | undefined;
  readonly modifiedAt: number | undefined;
};

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
  const url = new URL(scanEndpoints(mirror)[0]?.url ?? '');
  const files = await chooseSample(ledger, mirror.spec.scan.sampleSize, deps.random);
  const result = await deps.jobs.run(remoteHost(url.href), signal, () =>
    sampleHTTP(deps, {
      base: url,
      files,
      requestsPerSecond,
      atOnce,
      timeoutMs: silenceMs,
      redirects: redirectPolicyOf(mirror, repository),
      signal,
    }),
  );
  if (result.wrong.length === 0) {
    const plan = await planAll(table, assumptionOf(ledger, state));
    await ledger.setColumn(state.uid, table, plan.column, plan.exceptions);
    const message = `${result.checked} sampled files are as in the source, so all are taken to be`;
    return { outcome: 'Succeeded', reason: undefined, message, accepted: { plan, protocol: 'sample' } };
  }
  await ledger.setBits(state.uid, verdictsOf(files, result.wrong));
  const example = result.wrong[0];
  const message = `${result.wrong.length} of ${result.checked} sampled files differ, for example ${example?.path ?? ''}: ${example?.reason ?? ''}`;
  return { outcome: 'Failed', reason: 'SampleMismatch', message };
}

/** What could not be reached says nothing about the file. */
function verdictsOf(files: readonly SampledFile[], wrong: readonly SampleFault[]): [number, Availability][] {
  const numbers = new Map(files.map(({ path, number }) => [path, number]));
  return wrong.flatMap(({ path, reason }): [number, Availability][] => {
    const number = numbers.get(path);
    if (number === undefined || reason === 'Unreachable') return [];
    return [[number, reason === 'Missing' ? availability.Absent : availability.WrongSize]];
  });
}

/** Half at random, half the newest of the source's files; all of them where there are no more. */
async function chooseSample(ledger: Ledger, size: number, random: () => number): Promise<SampledFile[]> {
  const pace = paced();
  const { table } = ledger;
  const newest = createNewest<number>(Math.ceil(size / 2), (number) => table.modifiedAt(number) ?? 0);
  for (const number of table.live()) {
    if (pace.due()) await pace.rest();
    // What left the source a mirror in step no longer has.
    if (!ledger.isRetained(number)) newest.add(number);
  }
  const chosen = new Set(newest.values());
  const wanted = Math.min(size, table.liveFiles);
  // In a table of mostly dead numbers the draw gives up early rather than spin.
  for (let tries = 0; chosen.size < wanted && tries < size * 20; tries += 1) {
    const number = Math.floor(random() * table.end);
    if (table.isLive(number) && !ledger.isRetained(number)) chosen.add(number);
  }
  return [...chosen].map((number) => ({
    number,
    path: table.path(number),
    size: table.size(number),
    modifiedAt: table.modifiedAt(number),
  }));
}
