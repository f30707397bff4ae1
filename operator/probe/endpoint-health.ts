import type { EndpointHealth } from '@geomirror/catalog/health.ts';

import type { Failed, FamilyOutcome, ProbeResult } from './probe.ts';

export type Thresholds = { readonly failureThreshold: number; readonly successThreshold: number };

/** What the probes of one address family have shown. */
export type FamilyVerdict = {
  readonly up: boolean;
  /** Probes in a row that contradict `up`. */
  readonly contradictions: number;
  /** Why it failed last: `Reason: a sentence`. */
  readonly reason?: string | undefined;
};

/** What the probes of one endpoint have shown. It is up if any family is. */
export type EndpointState = {
  readonly url: string;
  readonly up: boolean;
  /** Unix ms of the last change of `up`. */
  readonly since: number;
  readonly reason?: string | undefined;
  readonly ipv4?: FamilyVerdict | undefined;
  readonly ipv6?: FamilyVerdict | undefined;
  /** Unix ms. */
  readonly certificateExpiresAt?: number | undefined;
  /** Unix ms of the last probe. */
  readonly probedAt: number;
  /** Unix ms of the first of the failed probes since the last one that reached some family. */
  readonly failingSince?: number | undefined;
};

/** How a result is to be applied. */
export type Circumstances = {
  readonly url: string;
  readonly thresholds: Thresholds;
  /** Unix ms. */
  readonly now: number;
  /** Verdicts may become pending, but nothing goes down: too much fails at once. */
  readonly held: boolean;
};

/**
 * The endpoint after one more probe.
 *
 *     verdict    result   then
 *     none       any      the result is the verdict (after a failure of the endpoint: as if the verdict were down)
 *     up         OK       up
 *     up         Failed   up, until failureThreshold failures in a row; for ever while held
 *     down       Failed   down
 *     down       OK       down, until successThreshold successes in a row
 */
export function applyProbe(before: EndpointState | undefined, result: ProbeResult, at: Circumstances): EndpointState {
  const families = {
    ipv4: nextVerdict(before, result, 'ipv4', at),
    ipv6: nextVerdict(before, result, 'ipv6', at),
  };
  const up = isUp(families.ipv4) || isUp(families.ipv6);
  const reached = isOK(result.ipv4) || isOK(result.ipv6);
  return {
    url: at.url,
    up,
    since: before?.up === up ? before.since : at.now,
    reason: up ? undefined : whyDown(families, before, result.unresolved),
    ...families,
    certificateExpiresAt: result.certificateExpiresAt ?? before?.certificateExpiresAt,
    probedAt: at.now,
    failingSince: reached ? undefined : failingSince(before, at.now),
  };
}

function failingSince(before: EndpointState | undefined, now: number): number {
  return before?.failingSince ?? now;
}

const isUp = (verdict: FamilyVerdict | undefined): boolean => verdict?.up === true;
const isOK = (outcome: FamilyOutcome | undefined): boolean => outcome?.kind === 'OK';

function nextVerdict(
  before: EndpointState | undefined,
  result: ProbeResult,
  family: 'ipv4' | 'ipv6',
  at: Circumstances,
): FamilyVerdict | undefined {
  const known = before?.[family];
  // A name that does not resolve is a failure of every family it had.
  const outcome = known === undefined ? result[family] : (result.unresolved ?? result[family]);
  if (outcome === undefined) return undefined;
  const startsUp = before === undefined || before.up ? isOK(outcome) : false;
  return contradict(known ?? { up: startsUp, contradictions: 0 }, outcome, at);
}

function contradict(
  verdict: FamilyVerdict,
  outcome: FamilyOutcome,
  { thresholds, held }: Circumstances,
): FamilyVerdict {
  const reason = outcome.kind === 'OK' ? verdict.reason : steadyReason(verdict, outcome);
  if (verdict.up === isOK(outcome)) return settled(verdict.up, reason);
  const contradictions = verdict.contradictions + 1;
  const threshold = verdict.up ? thresholds.failureThreshold : thresholds.successThreshold;
  const flips = contradictions >= threshold && !(verdict.up && held);
  return flips ? settled(!verdict.up, reason) : { up: verdict.up, contradictions, reason };
}

function settled(up: boolean, reason: string | undefined): FamilyVerdict {
  return { up, contradictions: 0, reason: up ? undefined : reason };
}

// Every probe asks for another file: a sentence that changed each time would make a change of status each time.
function steadyReason(verdict: { readonly up: boolean; readonly reason?: string | undefined }, failed: Failed): string {
  const isSame = !verdict.up && verdict.reason !== undefined && word(verdict.reason) === failed.reason;
  return isSame && verdict.reason !== undefined ? verdict.reason : `${failed.reason}: ${failed.detail}`;
}

type Families = Pick<EndpointState, 'ipv4' | 'ipv6'>;

function whyDown(
  families: Families,
  before: EndpointState | undefined,
  unresolved: Failed | undefined,
): string | undefined {
  const [first, second] = [families.ipv4?.reason, families.ipv6?.reason];
  if (first !== undefined && second !== undefined && word(first) !== word(second))
    return `${first}; by IPv6: ${second}`;
  const known = first ?? second;
  if (known !== undefined || unresolved === undefined) return known;
  return steadyReason({ up: false, reason: before?.reason }, unresolved);
}

function word(reason: string): string {
  return reason.slice(0, reason.indexOf(':'));
}

const pendingMs = 5000;

/** A verdict that the last result contradicts. */
export function isPending(state: EndpointState): boolean {
  return (state.ipv4?.contradictions ?? 0) > 0 || (state.ipv6?.contradictions ?? 0) > 0;
}

/** Milliseconds until the next probe: a pending verdict is settled soon, all else keeps its interval within ten per cent. */
export function nextProbeInMs(pending: boolean, intervalMs: number, random: () => number): number {
  return pending ? Math.min(intervalMs, pendingMs) : intervalMs * (0.9 + 0.2 * random());
}

/** What the world is told of an endpoint. */
export type ProbedEndpoint = EndpointHealth & {
  /** Unix ms. */
  readonly certificateExpiresAt?: number;
};

/** The published part of the state, without what changes at every probe. */
export function probedEndpoint(state: EndpointState): ProbedEndpoint {
  const { url, up, since, reason, ipv4, ipv6, certificateExpiresAt } = state;
  return {
    url,
    up,
    ...(ipv4 && { ipv4Up: ipv4.up }),
    ...(ipv6 && { ipv6Up: ipv6.up }),
    since,
    ...(reason !== undefined && { reason }),
    ...(certificateExpiresAt !== undefined && { certificateExpiresAt }),
  };
}
