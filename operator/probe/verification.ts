import type { FileSource, ProbeFile } from './choose-files.ts';
import type { Contradiction } from './disputes.ts';
import {
  acquit,
  condemn,
  createMemory,
  foundWrong,
  settle,
  stateOf,
  type JudgementDeps,
  type Memory,
  type VerificationState,
} from './judgement.ts';
import type { RedirectRule } from './ask.ts';
import type { WrongFile } from './probe.ts';
import type { Pace } from './read-body.ts';
import { deservesScrutiny, type ContentReason, type RollingWindow } from './rolling-window.ts';
import { pickAgain, pickFresh, pickSummoned, type Pick } from './sample-plan.ts';
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

export type VerificationDeps = JudgementDeps & {
  readonly verifyFile: (check: FileCheck) => Promise<FileFinding>;
  readonly random: () => number;
  readonly pace: Pace;
  /** Files that this mirror should be asked for before all others: their digest is in doubt. */
  readonly due: () => readonly ProbeFile[];
};

/** The rolling sample of one mirror: what it really serves, compared with what the source has. */
export type Verification = {
  /** Takes the samples that are due. Resolves with whether a verdict is pending, so that the next check should follow soon. */
  check(mirror: VerifiedMirror, signal: AbortSignal): Promise<boolean>;
  /** Looks at nothing but files whose digest is in doubt. */
  testify(mirror: VerifiedMirror, signal: AbortSignal): Promise<void>;
  /** The source's digest of that file is not to be held against the mirror any more. */
  acquit(path: string): void;
  /** What the mirror delivered while the source's digest was disputed is wrong after all. */
  condemn(contradiction: Contradiction): void;
  /**
   * A probe met a wrong file. It does not count in the window, where probes that meet good ones do not count either, but makes
   * the next check look harder. False if the file was known to be wrong.
   */
  note(endpoint: string, wrong: WrongFile): boolean;
  /** Files known to be wrong, for probes of a mirror that seems to have no others. */
  knownWrong(): readonly ProbeFile[];
  state(): VerificationState;
};

/** `before`: why the mirror was withheld when it was heard of last, by a process before this one. */
export function createVerification(
  deps: VerificationDeps,
  rules: VerificationRules,
  before?: ContentReason,
): Verification {
  const { maxBytesPerHour } = rules;
  const memory = createMemory(deps, rules, before && { withheld: before, maxBytesPerHour });
  return {
    check: (mirror, signal) => check(deps, memory, mirror, signal),
    async testify(mirror, signal) {
      await takeSummoned(deps, memory, mirror, takeBy(deps, memory, mirror, signal));
    },
    acquit: (path) => acquit(deps, memory, path),
    condemn: (contradiction) => condemn(deps, memory, contradiction),
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

const scrutinySamples = 5;
const scrutinyAgain = 3;

async function check(
  deps: VerificationDeps,
  memory: Memory,
  mirror: VerifiedMirror,
  signal: AbortSignal,
): Promise<boolean> {
  memory.known.follow((path) => mirror.files.find(path));
  memory.rules = mirror.verification;
  const again = pickAgain(memory.known.oldest(), mirror.endpoints, bytesInHand(deps, memory, mirror));
  const scrutiny = memory.alarmed || deservesScrutiny(memory.window);
  memory.alarmed = false;
  const take = takeBy(deps, memory, mirror, signal);
  if ((await takeSummoned(deps, memory, mirror, take)) === 'Inconclusive') return false;
  const fresh = await takeFresh(take, () => nextFresh(deps, memory, mirror), scrutiny ? scrutinySamples : 1);
  if (fresh === 'Inconclusive') return false;
  // A file that stays wrong gets no clients any more: that says something new only of a mirror that has nothing else.
  const stillWrong = fresh === 'Nothing' ? 'Counts' : 'IsKnown';
  const mended = await takeAgain(take, again, { stillWrong, least: scrutiny ? scrutinyAgain : 1 });
  return isPending(memory.window, fresh, mended);
}

function takeBy(deps: VerificationDeps, memory: Memory, mirror: VerifiedMirror, signal: AbortSignal): Take {
  return async (pick, stillWrong) => {
    const finding = await look(deps, memory, mirror, { pick, signal });
    return settle(deps, memory, { pick, finding, stillWrong });
  };
}

const mostSummoned = 10;

/** Each file at most once: of a look that was not close enough nothing was heard. */
function takeSummoned(deps: VerificationDeps, memory: Memory, mirror: VerifiedMirror, take: Take): Promise<Outcome> {
  const waiting = deps
    .due()
    .filter((file) => !memory.known.has(file))
    .values();
  const next = (): Pick | undefined => {
    const endpoint = nextEndpoint(memory, mirror);
    return pickSummoned(waiting, { files: mirror.files, endpoint }, bytesInHand(deps, memory, mirror));
  };
  return takeFresh(take, next, mostSummoned);
}

function isPending(window: RollingWindow, fresh: Outcome, mended: Outcome): boolean {
  if (mended === 'Inconclusive' || (fresh === 'Nothing' && mended === 'Nothing')) return false;
  if (mended === 'Clean') return true;
  const hopeless = window.withheld !== undefined && (fresh === 'Wrong' || mended === 'Wrong');
  return !hopeless && deservesScrutiny(window);
}

function nextFresh(deps: VerificationDeps, memory: Memory, mirror: VerifiedMirror): Pick | undefined {
  const { files } = mirror;
  const endpoint = nextEndpoint(memory, mirror);
  if (endpoint === undefined) return undefined;
  const atLeast = memory.window.withheld?.needs ?? 'Head';
  const available = bytesInHand(deps, memory, mirror);
  return pickFresh(
    { files, endpoint, isKnownWrong: (file) => memory.known.has(file), atLeast, available },
    deps.random,
  );
}

function nextEndpoint(memory: Memory, { endpoints }: VerifiedMirror): string | undefined {
  memory.turn += 1;
  return endpoints[memory.turn % endpoints.length];
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
