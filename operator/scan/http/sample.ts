import { headFiles, type HeadAnswer, type HeadPlan } from './head-files.ts';
import type { PatienceDeps } from './patient-request.ts';

export type SamplePlan = HeadPlan & {
  /** Chosen by the caller; `size` undefined where the source does not say. */
  readonly files: readonly {
    readonly path: string;
    readonly size: number | undefined;
    readonly modifiedAt: number | undefined;
  }[];
};

/**
 * Missing: 404 or 410. WrongSize: another Content-Length. WrongType: an HTML page of untold size in place of a file that is
 * none. Unreachable: no answer, or one that says nothing of the file.
 */
export type SampleFault = {
  readonly path: string;
  readonly reason: 'Missing' | 'WrongSize' | 'WrongType' | 'Unreachable';
};

export type SampleResult = {
  /** Files asked for. */
  readonly checked: number;
  readonly wrong: readonly SampleFault[];
  /** Present files whose size the server did not say. */
  readonly unsized: number;
  /** Both times of files whose answer had a Last-Modified, so that they can be judged after a time-zone offset. */
  readonly times: readonly { readonly path: string; readonly expected: number; readonly seen: number }[];
};

/** Compares files with what a mirror answers to HEAD; for limits and failures see headFiles. */
export async function sampleHTTP(deps: PatienceDeps, plan: SamplePlan): Promise<SampleResult> {
  const expected = new Map(plan.files.map((file) => [file.path, file]));
  const wrong: SampleFault[] = [];
  const times: { path: string; expected: number; seen: number }[] = [];
  let unsized = 0;
  for await (const answer of headFiles(deps, plan, expected.keys())) {
    const file = expected.get(answer.path);
    const reason = faultOf(answer, file?.size);
    if (reason !== undefined) wrong.push({ path: answer.path, reason });
    if (answer.kind !== 'Present') continue;
    if (answer.size === undefined) unsized += 1;
    if (answer.modifiedAt === undefined || file?.modifiedAt === undefined) continue;
    times.push({ path: answer.path, expected: file.modifiedAt, seen: answer.modifiedAt });
  }
  return { checked: expected.size, wrong, unsized, times };
}

function faultOf(answer: HeadAnswer, size: number | undefined): SampleFault['reason'] | undefined {
  if (answer.kind !== 'Present') return answer.kind;
  // Servers that answer every path with one page tend to make it up as they go, without a Content-Length.
  if (answer.size === undefined && answer.isPage && !/\.x?html?$/i.test(answer.path)) return 'WrongType';
  return answer.size === undefined || size === undefined || answer.size === size ? undefined : 'WrongSize';
}
