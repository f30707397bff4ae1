import { utf8 } from './decode-lines.ts';
import { parseSize, type FTPLine } from './ftp-line.ts';
import { cutLink } from './link-text.ts';

const minute = 59;
const day = 86_399;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const permissions = /^[-dlbcpsD][-rwxsStTlL]{9}[+.@]?\s/;
// … 3 Nov 23 08:03 name    or    … 3 Feb 29  2020 name; one space before the name, which may begin with another
const unix = / (\d{1,16}) +([A-Z][a-z]{2}) +(\d{1,2}) +(\d{1,2}:\d\d|\d{4}) (.+)$/;
// 11-23-26  08:03AM  <DIR>  name
const dos = /^(\d\d)-(\d\d)-(\d{2}|\d{4}) {1,2}(\d\d):(\d\d)([AP]M)? +(<DIR>|<JUNCTION>|\d{1,16}) (.+)$/;

/**
 * Reads a line of LIST as latin1 text: `ls -l` as most servers print it, or DIR as those of Windows. Times are taken as UTC,
 * to the minute or the day; where the year is left out the time lies in the year before `now` (Unix ms), give or take a day.
 */
export function parseListLine(line: string, now: number): FTPLine {
  if (line === '' || /^total \d+$/.test(line)) return { kind: 'Other' };
  if (permissions.test(line)) return parseUnix(line, now);
  const found = dos.exec(line);
  return found === null ? { kind: 'Fragment' } : parseDOS(found);
}

function parseUnix(line: string, now: number): FTPLine {
  const [, sizeText, month, dayText, clock, name] = unix.exec(line) ?? [];
  const size = parseSize(sizeText ?? '');
  if (size === undefined || name === undefined) {
    // Devices have two numbers instead of a size.
    return { kind: /^[bcps]/.test(line) ? 'Other' : 'Unreadable' };
  }
  switch (line.charAt(0)) {
    case '-':
      return { kind: 'File', name: utf8(name), size, ...parseTime([month, dayText, clock], now) };
    case 'd':
      return parseFolder(utf8(name));
    case 'l': {
      const link = cutLink(name, size);
      return link === undefined
        ? { kind: 'Unreadable' }
        : { kind: 'Link', name: utf8(link.name), target: utf8(link.target) };
    }
    default:
      return { kind: 'Other' };
  }
}

function parseFolder(name: string): FTPLine {
  if (name === '.') return { kind: 'Self' };
  return name === '..' ? { kind: 'Other' } : { kind: 'Folder', name };
}

type Time = { readonly modifiedAt: number | undefined; readonly timeSlack: number };

function parseTime([month = '', dayText = '', clock = '']: readonly (string | undefined)[], now: number): Time {
  const index = months.indexOf(month);
  if (index < 0) return { modifiedAt: undefined, timeSlack: 0 };
  if (!clock.includes(':'))
    return { modifiedAt: Date.UTC(Number(clock), index, Number(dayText)) / 1000, timeSlack: day };
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  const inYear = (year: number): number => Date.UTC(year, index, Number(dayText), hours, minutes) / 1000;
  const tomorrow = now / 1000 + 86_400;
  const year = new Date(now).getUTCFullYear();
  // Around New Year a server ahead of us already names January.
  const at = [year + 1, year].map(inYear).find((each) => each <= tomorrow) ?? inYear(year - 1);
  return { modifiedAt: at, timeSlack: minute };
}

function parseDOS(found: RegExpExecArray): FTPLine {
  const [, month, dayText, yearText = '', hours, minutes, half, size = '', name = ''] = found;
  if (size === '<JUNCTION>') return { kind: 'Other' };
  // DIR pads sizes and <DIR> to a column, so that leading spaces of a name cannot be told; there are none on Windows.
  if (size === '<DIR>') return parseFolder(utf8(name.trimStart()));
  const year = yearText.length === 4 ? Number(yearText) : Number(yearText) + (Number(yearText) < 70 ? 2000 : 1900);
  const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (half === 'PM' ? 12 : 0);
  const at = Date.UTC(year, Number(month) - 1, Number(dayText), hour, Number(minutes)) / 1000;
  return { kind: 'File', name: utf8(name.trimStart()), size: parseSize(size), modifiedAt: at, timeSlack: minute };
}
