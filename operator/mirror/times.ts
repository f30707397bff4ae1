/** One quarter of an hour: real time zones differ by whole multiples of it, so nothing else is ever corrected. */
const quarterSeconds = 900;
/** UTC-12 to UTC+14, both ways round. */
const mostQuarters = 26 * 4;
/** Fewer pairs than this prove nothing. */
const fewestPairs = 5;

/** Source time minus mirror time of one file present on both with equal size; the true difference lies in [seconds, seconds + slack]. */
export type TimeDifference = { readonly seconds: number; readonly slack: number };

/** What a mirror's times are worth. */
export type TimeJudgement = {
  /** To be added to the mirror's times, whole quarter-hours in seconds. */
  readonly offsetSeconds: number;
  /** Nine in ten of the common files carry the source's time once the offset is added. */
  readonly keepsTimes: boolean;
};

/** The time zone that a mirror's listing is in: `+02:00` where its times run two hours ahead of UTC. */
export function zoneOf({ offsetSeconds }: Pick<TimeJudgement, 'offsetSeconds'>): string {
  const minutes = Math.abs(offsetSeconds) / 60;
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${offsetSeconds > 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** Whether the two times are the same within what both listings express and `tolerance` seconds. */
export function sameTime(difference: TimeDifference, offsetSeconds: number, tolerance: number): boolean {
  const least = difference.seconds - offsetSeconds;
  return least <= tolerance && least + difference.slack >= -tolerance;
}

/** Counts the votes for each whole quarter-hour as differences stream by; constant memory. */
export function createTimeJury(tolerance: number): {
  add(difference: TimeDifference): void;
  judge(): TimeJudgement;
} {
  const votes = new Uint32Array(2 * mostQuarters + 1);
  let pairs = 0;
  return {
    add(difference) {
      // A listing that only knows the day cannot tell one quarter-hour from another.
      if (difference.slack > quarterSeconds) return;
      pairs += 1;
      const quarters = Math.round((difference.seconds + difference.slack / 2) / quarterSeconds);
      if (Math.abs(quarters) > mostQuarters || !sameTime(difference, quarters * quarterSeconds, tolerance)) return;
      const place = quarters + mostQuarters;
      votes[place] = (votes[place] ?? 0) + 1;
    },
    judge() {
      const most = votes.indexOf(Math.max(...votes));
      const agreed = pairs > 0 && (votes[most] ?? 0) >= pairs * 0.9;
      if (!agreed) return { offsetSeconds: 0, keepsTimes: false };
      if (pairs < fewestPairs && most !== mostQuarters) return { offsetSeconds: 0, keepsTimes: false };
      return { offsetSeconds: (most - mostQuarters) * quarterSeconds, keepsTimes: true };
    },
  };
}
