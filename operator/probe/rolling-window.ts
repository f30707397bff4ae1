import type { WithheldReason } from '@geomirror/catalog/reason.ts';

/** Why a sampled file counts against its mirror. */
export type ContentReason = Extract<WithheldReason, 'ContentMissing' | 'ContentWrong' | 'TooSlow'>;

/** How closely a file was looked at, in this order: at its headers, at a range of its bytes, at all of them. */
export type Closeness = 'Head' | 'Range' | 'Whole';

/** Negative if `a` is less close than `b`. */
export function compareCloseness(a: Closeness, b: Closeness): number {
  return order.indexOf(a) - order.indexOf(b);
}

const order: readonly Closeness[] = ['Head', 'Range', 'Whole'];

export type Sample = {
  /** Absent: clean. */
  readonly wrong?: ContentReason | undefined;
  readonly closeness: Closeness;
  /** The path, where nothing but the digest is wrong: that may turn out to be the source's fault. */
  readonly byDigest?: string | undefined;
};

/** The last samples of one mirror, oldest first, and what they have led to. */
export type RollingWindow = {
  readonly samples: readonly Sample[];
  readonly withheld?: Withheld | undefined;
};

type Withheld = {
  readonly reason: ContentReason;
  /** What was only seen by reading bodies cannot be cleared by headers: samples less close than this do not count. */
  readonly needs: Closeness;
  /** Samples since then that can clear it. */
  readonly fresh: readonly Sample[];
  /** Nothing of what led to it is in the window: it was found out before. */
  readonly from?: 'Before';
};

export type WindowRules = { readonly window: number; readonly maxWrongPercent: number };

export const emptyWindow: RollingWindow = { samples: [] };

/** The window of a mirror that was withheld before: it is, until a half window of samples is clean. */
export function withheldWindow(reason: ContentReason, needs: Closeness): RollingWindow {
  return { samples: [], withheld: { reason, needs, fresh: [], from: 'Before' } };
}

const decisive = 3;

/**
 * The window after one more sample. Too many wrong ones withhold the mirror: more than `maxWrongPercent` of a full window, and of
 * one that is not yet full if three are wrong. A fresh half window without a wrong one brings it back and begins the next.
 */
export function addSample(before: RollingWindow, sample: Sample, rules: WindowRules): RollingWindow {
  const samples = [...before.samples, sample].slice(-rules.window);
  if (before.withheld !== undefined) return whileWithheld(samples, before.withheld, sample, rules);
  return judge(samples, rules);
}

function judge(samples: readonly Sample[], rules: WindowRules): RollingWindow {
  const wrong = samples.filter((each) => each.wrong !== undefined);
  const enough = samples.length >= rules.window || wrong.length >= decisive;
  if (!enough || wrong.length * 100 <= rules.maxWrongPercent * samples.length) return { samples };
  return { samples, withheld: { reason: mostFrequent(wrong), needs: closest(wrong), fresh: [] } };
}

/** The window without what the digest of that file has led to. */
export function takeBack(before: RollingWindow, path: string, rules: WindowRules): RollingWindow {
  const { withheld } = before;
  const mend = (each: Sample): Sample => (each.byDigest === path ? { closeness: 'Range' } : each);
  const samples = before.samples.map(mend);
  if (withheld === undefined) return { samples };
  const kept = { samples, withheld: { ...withheld, fresh: withheld.fresh.map(mend) } };
  const isCause = withheld.from !== 'Before' && before.samples.some((each) => each.byDigest === path);
  return isCause && judge(samples, rules).withheld === undefined ? { samples } : kept;
}

function whileWithheld(
  samples: readonly Sample[],
  withheld: Withheld,
  sample: Sample,
  rules: WindowRules,
): RollingWindow {
  if (sample.wrong === undefined && compareCloseness(sample.closeness, withheld.needs) < 0)
    return { samples, withheld };
  const half = Math.ceil(rules.window / 2);
  const fresh = [...withheld.fresh, sample].slice(-half);
  const clean = fresh.length >= half && fresh.every((each) => each.wrong === undefined);
  if (clean) return { samples: fresh };
  return { samples, withheld: { ...withheld, fresh } };
}

function closest(samples: readonly Sample[]): Closeness {
  return samples.map((each) => each.closeness).reduce((a, b) => (compareCloseness(a, b) < 0 ? b : a), 'Head');
}

function mostFrequent(wrong: readonly Sample[]): ContentReason {
  const counts = { ContentMissing: 0, ContentWrong: 0, TooSlow: 0 };
  for (const { wrong: reason } of wrong) if (reason !== undefined) counts[reason] += 1;
  if (counts.ContentWrong >= Math.max(counts.ContentMissing, counts.TooSlow)) return 'ContentWrong';
  return counts.ContentMissing >= counts.TooSlow ? 'ContentMissing' : 'TooSlow';
}

const youth = 10;
const memory = 5;

/** Whether the next check should look harder: the mirror is new to us, has just failed a sample, or is withheld. */
export function deservesScrutiny(window: RollingWindow): boolean {
  const lately = window.samples.slice(-memory);
  return (
    window.withheld !== undefined || window.samples.length < youth || lately.some((each) => each.wrong !== undefined)
  );
}
