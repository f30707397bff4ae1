import type { FileVersion } from '@geomirror/catalog/file.ts';
import { Failure } from '../failures.ts';
import type { SourceChange } from '../publish/apply-source.ts';
import type { Repository } from '../resources/repository.ts';
import { headFiles, type HeadAnswer, type PresentFile } from '../scan/http/head-files.ts';
import type { RoundedSize, SourcePlan } from './plan.ts';
import { sourceRequest, type SourceDeps } from './source.ts';

/** What is about to be entered, as the listing shows it. */
export type Entering = SourceChange & Pick<SourcePlan, 'rounded'>;

export type Measured = {
  readonly change: SourceChange;
  /** Files whose exact size could not be found out: it stays unknown, and is asked for again with the next index. */
  readonly unmeasured: number;
};

const filesAtOnce = 8;
/** What is left then is for the next index, or a tree of a million files would not be published for hours. */
const mostMs = 5 * 60_000;
const headTimeoutMs = 20_000;

/**
 * Finds out the exact size and time of added and changed files of an HTTP source whose pages round sizes or leave them out, by HEAD.
 * Files that have not changed within what the pages express are not asked for.
 */
export async function measureFiles(
  deps: SourceDeps,
  subject: { readonly repository: Repository; readonly signal: AbortSignal },
  plan: Entering,
): Promise<Measured> {
  const unsized = [...plan.added, ...plan.changed].filter(({ size }) => size === undefined);
  if (subject.repository.spec.source.http === undefined || unsized.length === 0) return { change: plan, unmeasured: 0 };
  const exact = new Map<string, FileVersion>();
  const byPath = new Map(unsized.map((file) => [file.path, file]));
  for await (const answer of ask(deps, subject, byPath)) {
    const file = byPath.get(answer.path);
    const measured = file && answer.kind === 'Present' ? measure(file, answer, plan.rounded.get(file.path)) : undefined;
    if (measured !== undefined) exact.set(measured.path, measured);
  }
  const exactly = (file: FileVersion): FileVersion => exact.get(file.path) ?? file;
  const change = { added: plan.added.map(exactly), changed: plan.changed.map(exactly), removed: plan.removed };
  return { change, unmeasured: byPath.size - exact.size };
}

/** Ends early where the host stops answering or the time is up: what is known by then counts. */
async function* ask(
  deps: SourceDeps,
  { repository, signal }: { readonly repository: Repository; readonly signal: AbortSignal },
  files: ReadonlyMap<string, FileVersion>,
): AsyncGenerator<HeadAnswer, void, void> {
  const request = await sourceRequest(deps, repository, signal);
  const base = new URL(request.url);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  const plan = { ...request, base, timeoutMs: headTimeoutMs, requestsPerSecond: Infinity, atOnce: filesAtOnce };
  const deadline = deps.now() + mostMs;
  try {
    for await (const answer of headFiles(deps, plan, files.keys())) {
      yield answer;
      if (deps.now() > deadline) return;
    }
  } catch (error) {
    if (!(error instanceof Failure) || signal.aborted) throw error;
    deps.log.debug({ repository: repository.metadata.name, reason: error.reason }, 'measuring files ended early');
  }
}

/**
 * An answer that does not fit what the page says is of another version, or a page in place of the file. The time of the answer
 * counts only if it fits too: pages print times in the server's zone, and those of one source must be comparable.
 */
function measure(file: FileVersion, answer: PresentFile, rounded: RoundedSize | undefined): FileVersion | undefined {
  const { size, modifiedAt } = answer;
  if (size === undefined || (rounded !== undefined && !fits(size, rounded.size, rounded.sizeSlack))) return undefined;
  const isTime = modifiedAt !== undefined && fits(modifiedAt, file.modifiedAt ?? modifiedAt, file.timeSlack);
  return isTime ? { ...file, size, modifiedAt, timeSlack: 0 } : { ...file, size };
}

const fits = (value: number, least: number, slack: number): boolean => least <= value && value <= least + slack;
