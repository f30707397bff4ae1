/** The moment a printed time stands for, within [modifiedAt, modifiedAt + timeSlack] Unix seconds. */
export type TimeRange = { readonly modifiedAt: number; readonly timeSlack: number };

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Matches the time in a row of a directory page, for use within a larger pattern. */
export const timePattern = String.raw`(?:\d{4}-(?:\d{2}|[A-Z][a-z]{2})-\d{2}|\d{2}-[A-Z][a-z]{2}-\d{4}) \d{2}:\d{2}(?::\d{2})?`;

const printed = /^(\d{4}|\d{2})-(\d{2}|[A-Z][a-z]{2})-(\d{4}|\d{2}) (\d{2}):(\d{2})(?::(\d{2}))?$/;

/**
 * The time of a row: `2026-11-23 07:30` (Apache), `23-Nov-2026 07:30` (nginx), `2026-Nov-23 07:30:41` (lighttpd).
 * Such pages print the server's own time without its zone: it is read as if it were UTC.
 */
export function readPrintedTime(text: string): TimeRange | undefined {
  const match = printed.exec(text);
  if (match === null) return undefined;
  const [, first = '', month = '', third = '', hour, minute, second] = match;
  const [year, day] = first.length === 4 ? [first, third] : [third, first];
  const number = /\d/.test(month) ? Number(month) : months.indexOf(month.toLowerCase()) + 1;
  const date = `${year}-${String(number).padStart(2, '0')}-${day}`;
  return readISOTime(`${date}T${hour}:${minute}:${second ?? '00'}Z`, second === undefined ? 59 : 0);
}

const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** A time of RFC 3339, to the second. */
export function readISOTime(text: string, timeSlack = 0): TimeRange | undefined {
  return iso.test(text) ? fromMilliseconds(Date.parse(text), timeSlack) : undefined;
}

const httpDate = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/** An HTTP-date in the form that RFC 9110, section 5.6.7, tells servers to send. */
export function readHTTPDate(text: string): TimeRange | undefined {
  return httpDate.test(text) ? fromMilliseconds(Date.parse(text), 0) : undefined;
}

function fromMilliseconds(milliseconds: number, timeSlack: number): TimeRange | undefined {
  return Number.isNaN(milliseconds) ? undefined : { modifiedAt: Math.floor(milliseconds / 1000), timeSlack };
}
