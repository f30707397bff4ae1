/** A time as `ls -l` prints it, and the name that follows. */
export type LsTime = { readonly modifiedAt: number; readonly timeSlack: number; readonly rest: string };

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const minute = 59;
const day = 86_399;

type Found = Readonly<Record<string, string>>;
type Style = {
  readonly pattern: RegExp;
  readonly read: (found: Found, madeAt: number) => number | undefined;
  readonly slack: number;
};

const name = '(?<rest>.+)$';
const clock = '(?<hour>\\d\\d):(?<minute>\\d\\d)';
const date = '(?<year>\\d{4})-(?<month>\\d\\d)-(?<day>\\d\\d)';
const monthAndDay = '(?:(?<month>[A-Z][a-z]{2}) +(?<day>\\d{1,2})|(?<day>\\d{1,2})\\.? (?<month>[A-Z][a-z]{2}))';

/** In the order in which they are tried. */
const styles: readonly Style[] = [
  // --full-time: 2026-11-23 07:57:26.123456789 +0000
  {
    pattern: new RegExp(`^${date} ${clock}:(?<second>\\d\\d)(?:[.,]\\d+)? (?<zone>[+-]\\d{4}) ${name}`, 's'),
    read: withYear,
    slack: 0,
  },
  // --time-style=long-iso: 2026-11-23 07:57
  { pattern: new RegExp(`^${date} ${clock} ${name}`, 's'), read: withYear, slack: minute },
  // --time-style=iso: 11-23 07:57, or 2025-11-23 and a blank
  { pattern: new RegExp(`^(?<month>\\d\\d)-(?<day>\\d\\d) ${clock} ${name}`, 's'), read: withoutYear, slack: minute },
  { pattern: new RegExp(`^${date}  ${name}`, 's'), read: withYear, slack: day },
  // ls -lT of the BSDs: Nov 23 07:57:26 2026
  {
    pattern: new RegExp(`^${monthAndDay} +${clock}:(?<second>\\d\\d) (?<year>\\d{4}) ${name}`, 's'),
    read: withYear,
    slack: 0,
  },
  // POSIX: Nov 23 07:57 within the last half year, else Nov 23  2025
  { pattern: new RegExp(`^${monthAndDay} +${clock} ${name}`, 's'), read: withoutYear, slack: minute },
  { pattern: new RegExp(`^${monthAndDay} +(?<year>\\d{4}) ${name}`, 's'), read: withYear, slack: day },
];

/**
 * Reads the time that `text` begins with, in every style of GNU and BSD `ls` but those of other languages. Times without a zone count as UTC;
 * those without a year are the latest that is not after `madeAt` (Unix ms) by more than a day, which zones can make up.
 */
export function parseLsTime(text: string, madeAt: number): LsTime | undefined {
  for (const { pattern, read, slack } of styles) {
    const found = pattern.exec(text)?.groups;
    if (found === undefined) continue;
    const milliseconds = read(found, madeAt);
    if (milliseconds === undefined) return undefined;
    return { modifiedAt: milliseconds / 1000, timeSlack: slack, rest: found['rest'] ?? '' };
  }
  return undefined;
}

function withYear(found: Found): number | undefined {
  return utc(found, Number(found['year']));
}

const dayMs = 86_400_000;

function withoutYear(found: Found, madeAt: number): number | undefined {
  const latest = madeAt + dayMs;
  const year = new Date(latest).getUTCFullYear();
  // The 29th of February may be eight years back, beside a century that is no leap year.
  for (let back = 0; back <= 8; back += 1) {
    const time = utc(found, year - back);
    if (time !== undefined && time <= latest) return time;
  }
  return undefined;
}

/** Unix ms, undefined for what no calendar or clock shows. */
function utc(found: Found, year: number): number | undefined {
  const month = monthOf(found['month'] ?? '');
  const fields = [
    Number(found['day']),
    Number(found['hour'] ?? 0),
    Number(found['minute'] ?? 0),
    Number(found['second'] ?? 0),
  ] as const;
  const time = new Date(Date.UTC(year, month, ...fields));
  const shown = [time.getUTCDate(), time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()];
  if (time.getUTCMonth() !== month || fields.some((value, index) => value !== shown[index])) return undefined;
  return time.getTime() - zoneMs(found['zone'] ?? '+0000');
}

const monthOf = (text: string): number => (/^\d/.test(text) ? Number(text) - 1 : months.indexOf(text.toLowerCase()));

function zoneMs(zone: string): number {
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
