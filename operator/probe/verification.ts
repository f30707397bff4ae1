import { createByteBudget, type ByteBudget } from './byte-budget.ts';
import type { FileSource, ProbeFile } from './choose-files.ts';
import { createKnownWrongFiles, type KnownWrong, type KnownWrongFiles } from './known-wrong.ts';
import type { RedirectRule } from './ask.ts';
import type { WrongFile } from './probe.ts';
import type { Pace } from './read-body.ts';
import {
  addSample,
  compareCloseness,
  deservesScrutiny,
  emptyWindow,
  type ContentReason,
  type RollingWindow,
} from './rolling-window.ts';
import { pickAgain, pickFresh, type Pick } from './sample-plan.ts';
import { takeAgain, takeFresh, type Outcome, type Take } from './take-samples.ts';
import type { FileCheck, FileFinding } from './verify-file.ts';

/** CRD field `verification`. */
export type VerificationRules = {
  /** Samples; 0: what it serves is taken on trust. */
  readonly window: number;
  readonly maxWrongPercent: number;
  readonly maxBytesPerHour: number;
};

/** What verification needs to know of a mirror at the moment of a check. */
export type VerifiedMirror = {
  readonly files: FileSource;
  readonly verification: VerificationRules;
  readonly redirects: RedirectRule;
  readonly timeoutMs: number;
  /** Endpoints that answer. */
  readonly endpoints: readonly string[];
};

/** What the samples of one mirror have shown. */
export type VerificationState = {
  readonly sampled: number;
  readonly wrong: number;
  readonly lastWrong?: LastWrong;
  /** Set while the mirror is to get no clients. */
  readonly verdict?: ContentReason;
  /** Files known to be wrong now, by path: a listing that says otherwise is not to be believed. */
  readonly wrongFiles: ReadonlyMap<string, ContentReason>;
};

/** `at` in Unix ms; `detail` is a sentence with the URL. */
export type LastWrong = {
  readonly path: string;
  readonly reason: ContentReason;
  readonly detail: string;
  readonly at: number;
};

export type VerificationDeps = {
  readonly verifyFile: (check: FileCheck) => Promise<FileFinding>;
  readonly now: () => number;
  readonly random: () => number;
  readonly pace: Pace;
  readonly onWrong: (path: string, reason: ContentReason) => void;
  readonly onClean: (path: string) => void;
  /** A file that was wrong, of which nothing is known any more: the source has another version, or there were too many. */
  readonly onForgotten: (path: string) => void;
};

/** The rolling sample of one mirror: what it really serves, compared with what the source has. */
export type Verification = {
  /** Takes the samples that are due. Resolves with whether a verdict is pending, so that the next check should follow soon. */
  check(mirror: VerifiedMirror, signal: AbortSignal): Promise<boolean>;
  /**
   * A probe met a wrong file. It does not count in the window, where probes that meet good ones do not count either, but makes
   * the next check look harder. False if the file was known to be wrong.
   */
  note(endpoint: string, wrong: WrongFile): boolean;
  /** Files known to be wrong, for probes of a mirror that seems to have no others. */
  knownWrong(): readonly ProbeFile[];
  state(): VerificationState;
};

export function createVerification(deps: VerificationDeps): Verification {
  const memory: Memory = {
    known: createKnownWrongFiles(deps.onForgotten),
    budget: createByteBudget(),
    window: emptyWindow,
    lastWrong: undefined,
    alarmed: false,
    turn: 0,
  };
  return {
    check: (mirror, signal) => check(deps, memory, mirror, signal),
    note(endpoint, { file, reason, detail }) {
      if (memory.known.has(file)) return false;
      foundWrong(deps, memory, { file, endpoint, reason, closeness: 'Head' }, detail);
      memory.alarmed = true;
      return true;
    },
    knownWrong: () => memory.known.oldest().map(({ file }) => file),
    state: () => stateOf(memory),
  };
}

type Memory = {
  readonly known: KnownWrongFiles;
  readonly budget: ByteBudget;
  window: RollingWindow;
  lastWrong: LastWrong | undefined;
  /** A probe has met a wrong file since the last check. */
  alarmed: boolean;
  /** Counts up, so that each endpoint gets its share. */
  turn: number;
};

const scrutinySamples = 5;
const scrutinyAgain = 3;

async function check(
  deps: VerificationDeps,
  memory: Memory,
  mirror: VerifiedMirror,
  signal: AbortSignal,
): Promise<boolean> {
  memory.known.follow((path) => mirror.files.find(path));
  const again = pickAgain(memory.known.oldest(), mirror.endpoints, bytesInHand(deps, memory, mirror));
  const scrutiny = memory.alarmed || deservesScrutiny(memory.window);
  memory.alarmed = false;
  const take: Take = async (pick, stillWrong) => {
    const finding = await look(deps, memory, mirror, { pick, signal });
    settle(deps, memory, mirror.verification, { pick, finding, stillWrong });
    return finding.kind;
  };
  const fresh = await takeFresh(take, () => nextFresh(deps, memory, mirror), scrutiny ? scrutinySamples : 1);
  if (fresh === 'Inconclusive') return false;
  // A file that stays wrong gets no clients any more: that says something new only of a mirror that has nothing else.
  const stillWrong = fresh === 'Nothing' ? 'Counts' : 'IsKnown';
  const mended = await takeAgain(take, again, { stillWrong, least: scrutiny ? scrutinyAgain : 1 });
  return isPending(memory.window, fresh, mended);
}

function isPending(window: RollingWindow, fresh: Outcome, mended: Outcome): boolean {
  if (mended === 'Inconclusive' || (fresh === 'Nothing' && mended === 'Nothing')) return false;
  if (mended === 'Clean') return true;
  const hopeless = window.withheld !== undefined && (fresh === 'Wrong' || mended === 'Wrong');
  return !hopeless && deservesScrutiny(window);
}

function nextFresh(deps: VerificationDeps, memory: Memory, mirror: VerifiedMirror): Pick | undefined {
  const { files, endpoints } = mirror;
  memory.turn += 1;
  const endpoint = endpoints[memory.turn % endpoints.length];
  if (endpoint === undefined) return undefined;
  const atLeast = memory.window.withheld?.needs ?? 'Head';
  const available = bytesInHand(deps, memory, mirror);
  return pickFresh(
    { files, endpoint, isKnownWrong: (file) => memory.known.has(file), atLeast, available },
    deps.random,
  );
}

function bytesInHand(deps: VerificationDeps, { budget }: Memory, { verification }: VerifiedMirror): number {
  return budget.available(verification.maxBytesPerHour, deps.now());
}

async function look(
  deps: VerificationDeps,
  memory: Memory,
  mirror: VerifiedMirror,
  { pick, signal }: { readonly pick: Pick; readonly signal: AbortSignal },
): Promise<FileFinding> {
  const { file, closeness } = pick;
  const { redirects, timeoutMs } = mirror;
  const maxBytes = bytesInHand(deps, memory, mirror);
  const endpoint = new URL(pick.endpoint);
  const { pace } = deps;
  const finding = await deps.verifyFile({ endpoint, file, closeness, redirects, timeoutMs, pace, maxBytes, signal });
  memory.budget.take(finding.bytes);
  return finding;
}

type Looked = { readonly pick: Pick; readonly finding: FileFinding; readonly stillWrong: 'Counts' | 'IsKnown' };

function settle(
  deps: VerificationDeps,
  memory: Memory,
  rules: VerificationRules,
  { pick, finding, stillWrong }: Looked,
): void {
  const { closeness } = finding;
  switch (finding.kind) {
    case 'Inconclusive':
      return;
    case 'Clean':
      if (memory.known.has(pick.file) && compareCloseness(closeness, pick.mends) >= 0) {
        memory.known.remove(pick.file.path);
        deps.onClean(pick.file.path);
      }
      memory.window = addSample(memory.window, { closeness }, rules);
      return;
    case 'Wrong': {
      const { reason, detail } = finding;
      const mends = compareCloseness(closeness, pick.mends) < 0 ? pick.mends : closeness;
      const { file, endpoint } = pick;
      foundWrong(deps, memory, { file, endpoint, reason, closeness: mends }, detail);
      if (stillWrong === 'Counts') memory.window = addSample(memory.window, { wrong: reason, closeness }, rules);
    }
  }
}

function foundWrong(deps: VerificationDeps, memory: Memory, wrong: KnownWrong, detail: string): void {
  const { file, reason } = wrong;
  const isNews = !memory.known.has(file);
  memory.known.note(wrong);
  if (!isNews) return;
  memory.lastWrong = { path: file.path, reason, detail, at: deps.now() };
  deps.onWrong(file.path, reason);
}

function stateOf({ window, known, lastWrong }: Memory): VerificationState {
  const verdict = window.withheld?.reason;
  return {
    sampled: window.samples.length,
    wrong: window.samples.filter((each) => each.wrong !== undefined).length,
    ...(lastWrong && { lastWrong }),
    ...(verdict && { verdict }),
    wrongFiles: known.reasons(),
  };
}
