import type { Attempt } from './attempts.ts';
import type { Held } from './scan/guard.ts';

/** A condition by the Kubernetes API conventions; CamelCase reason, message for people. */
export type Condition = {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  /** RFC 3339; changes only when `status` does. */
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
};

/** What a reconciler finds; times and generation are added by `mergeConditions`. */
export type Finding = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

export const isTrue = (type: string, reason: string, message: string): Finding => ({
  type,
  status: 'True',
  reason,
  message,
});
export const isFalse = (type: string, reason: string, message: string): Finding => ({
  type,
  status: 'False',
  reason,
  message,
});
export const isUnknown = (type: string, reason: string, message: string): Finding => ({
  type,
  status: 'Unknown',
  reason,
  message,
});

/** The new list: findings in their order, each keeping its lastTransitionTime while its status stays the same. */
export function mergeConditions(
  before: readonly Condition[],
  findings: readonly Finding[],
  observedGeneration: number,
  now: number,
): Condition[] {
  return findings.map((finding) => {
    const old = before.find((condition) => condition.type === finding.type);
    const lastTransitionTime = old?.status === finding.status ? old.lastTransitionTime : timestamp(now);
    return { ...finding, message: finding.message.slice(0, 32_768), lastTransitionTime, observedGeneration };
  });
}

/** RFC 3339 to the second, as metav1.Time is written. */
export const timestamp = (unixMs: number): string => `${new Date(unixMs).toISOString().slice(0, 19)}Z`;

/** An attempt as statuses have it. */
export const writtenAttempt = ({ startedAt, finishedAt, outcome, message }: Attempt) => ({
  startedAt: timestamp(startedAt),
  finishedAt: timestamp(finishedAt),
  outcome,
  message,
});

/** A held listing as statuses have it; `since` in Unix ms. */
export const writtenHeld = ({ id, since, removed }: Held & { readonly since: number }) => ({
  id,
  since: timestamp(since),
  removed,
});

/** Whether a status says Ready=True. */
export const isReady = (status: { readonly conditions?: readonly Condition[] } | undefined): boolean =>
  status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true;
