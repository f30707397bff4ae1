import { createByteBudget, type ByteBudget } from './byte-budget.ts';
import type { ProbeFile } from './choose-files.ts';
import type { Contradiction, Testimony } from './disputes.ts';
import { createKnownWrongFiles, type KnownWrong, type KnownWrongFiles } from './known-wrong.ts';
import {
  addSample,
  compareCloseness,
  emptyWindow,
  takeBack,
  withheldWindow,
  type ContentReason,
  type RollingWindow,
  type WindowRules,
} from './rolling-window.ts';
import { rangeBytes, type FileFinding } from './verify-file.ts';
import type { Pick } from './sample-plan.ts';

/** What the samples of one mirror have shown. */
export type VerificationState = {
  readonly sampled: number;
  readonly wrong: number;
  readonly lastWrong?: LastWrong;
  /** Set while the mirror is to get no clients. */
  readonly verdict?: ContentReason;
  /** Bodies are refused since then (Unix ms), with a status that is about the asker: nobody knows what others get. */
  readonly refused?: Refused;
  /** Files known to be wrong now, by path: a listing that says otherwise is not to be believed. */
  readonly wrongFiles: ReadonlyMap<string, ContentReason>;
};

export type Refused = { readonly status: number; readonly since: number };

/** `at` in Unix ms; `detail` is a sentence with the URL. */
export type LastWrong = {
  readonly path: string;
  readonly reason: ContentReason;
  readonly detail: string;
  readonly at: number;
};

export type JudgementDeps = {
  readonly now: () => number;
  readonly onWrong: (path: string, reason: ContentReason) => void;
  readonly onClean: (path: string) => void;
  /** A file that was wrong, of which nothing is known any more: the source has another version, or there were too many. */
  readonly onForgotten: (path: string) => void;
  /** A whole body of a file was looked at: tells whether the source's digest of it is disputed. */
  readonly hear: (file: ProbeFile, testimony: Testimony) => boolean;
};

/** What is remembered of one mirror's samples. */
export type Memory = {
  readonly known: KnownWrongFiles;
  readonly budget: ByteBudget;
  rules: WindowRules;
  window: RollingWindow;
  lastWrong: LastWrong | undefined;
  refused: Refused | undefined;
  /** Something wrong was met since the last check, other than by a sample. */
  alarmed: boolean;
  /** Counts up, so that each endpoint gets its share. */
  turn: number;
};

export type RememberedVerdict = { readonly withheld: ContentReason; readonly maxBytesPerHour: number };

/** Of a mirror that was withheld when last heard of, only looks at bodies can show that it is mended, where bodies may be read. */
export function createMemory(deps: JudgementDeps, rules: WindowRules, before?: RememberedVerdict): Memory {
  const needs = (before?.maxBytesPerHour ?? 0) < rangeBytes ? 'Head' : 'Range';
  return {
    known: createKnownWrongFiles(deps.onForgotten),
    budget: createByteBudget(),
    rules,
    window: before === undefined ? emptyWindow : withheldWindow(before.withheld, needs),
    lastWrong: undefined,
    refused: undefined,
    alarmed: false,
    turn: 0,
  };
}

/** A look and what it has shown; `stillWrong`: whether a file that is found wrong counts in the window. */
export type Looked = {
  readonly pick: Pick;
  readonly finding: FileFinding;
  readonly stillWrong: 'Counts' | 'IsKnown';
};

/** Draws the consequences of a look; returns what it counts as. */
export function settle(deps: JudgementDeps, memory: Memory, looked: Looked): FileFinding['kind'] {
  const { pick, finding } = looked;
  noteRefusal(memory, looked, deps.now());
  if (finding.kind === 'Inconclusive') return finding.kind;
  const isDisputed = hear(deps, pick, finding);
  if (finding.kind === 'Wrong' && !(isDisputed && finding.digest !== undefined)) {
    settleWrong(deps, memory, looked, finding);
    return 'Wrong';
  }
  if (memory.known.has(pick.file) && compareCloseness(finding.closeness, pick.mends) >= 0) {
    memory.known.remove(pick.file.path);
    deps.onClean(pick.file.path);
  }
  // Of a disputed file all but the digest was compared.
  count(memory, { closeness: finding.kind === 'Clean' ? finding.closeness : 'Range' });
  return 'Clean';
}

function settleWrong(deps: JudgementDeps, memory: Memory, { pick, stillWrong }: Looked, finding: WrongFinding): void {
  const { file, endpoint } = pick;
  const { reason, detail, closeness, digest } = finding;
  const mends = compareCloseness(closeness, pick.mends) < 0 ? pick.mends : closeness;
  foundWrong(deps, memory, { file, endpoint, reason, closeness: mends }, detail);
  const byDigest = digest === undefined ? undefined : file.path;
  if (stillWrong === 'Counts') count(memory, { wrong: reason, closeness, byDigest });
}

type WrongFinding = Extract<FileFinding, { kind: 'Wrong' }>;

function hear(deps: JudgementDeps, { file, endpoint, closeness }: Pick, { digest }: FileFinding): boolean {
  return closeness === 'Whole' && deps.hear(file, { endpoint, digest });
}

function count(memory: Memory, sample: Parameters<typeof addSample>[1]): void {
  memory.window = addSample(memory.window, sample, memory.rules);
}

/** What HEAD is answered says nothing of bodies. */
function noteRefusal(memory: Memory, { pick, finding }: Looked, now: number): void {
  if (pick.closeness === 'Head') return;
  const status = finding.kind === 'Inconclusive' ? finding.refusedWith : undefined;
  if (status !== undefined) memory.refused = { status, since: memory.refused?.since ?? now };
  else if (finding.closeness !== 'Head') memory.refused = undefined;
}

/** Enters a file that was found wrong. */
export function foundWrong(deps: JudgementDeps, memory: Memory, wrong: KnownWrong, detail: string): void {
  const { file, reason } = wrong;
  const isNews = !memory.known.has(file);
  memory.known.note(wrong);
  if (!isNews) return;
  memory.lastWrong = { path: file.path, reason, detail, at: deps.now() };
  deps.onWrong(file.path, reason);
}

/** The source's digest of that file is not to be held against the mirror any more. */
export function acquit(deps: JudgementDeps, memory: Memory, path: string): void {
  memory.window = takeBack(memory.window, path, memory.rules);
  if (memory.lastWrong?.path === path) memory.lastWrong = undefined;
  if (!memory.known.reasons().has(path)) return;
  memory.known.remove(path);
  deps.onClean(path);
}

/** What the mirror delivered while the source's digest was disputed is wrong after all. */
export function condemn(deps: JudgementDeps, memory: Memory, { file, endpoint, digest }: Contradiction): void {
  const detail = `${endpoint} has delivered ${file.path} with the digest ${digest}, and another mirror confirms the source's`;
  const [reason, closeness] = ['ContentWrong', 'Whole'] as const;
  foundWrong(deps, memory, { file, endpoint, reason, closeness }, detail);
  count(memory, { wrong: reason, closeness, byDigest: file.path });
  memory.alarmed = true;
}

/** The state as the world is told of it. */
export function stateOf({ window, known, lastWrong, refused }: Memory): VerificationState {
  const verdict = window.withheld?.reason;
  return {
    sampled: window.samples.length,
    wrong: window.samples.filter((each) => each.wrong !== undefined).length,
    ...(lastWrong && { lastWrong }),
    ...(verdict && { verdict }),
    ...(refused && { refused }),
    wrongFiles: known.reasons(),
  };
}
