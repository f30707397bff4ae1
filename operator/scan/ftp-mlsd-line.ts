import { utf8 } from './decode-lines.ts';
import { parseSize, type FTPLine } from './ftp-line.ts';

/** Reads a line of MLSD (RFC 3659, 7.2) as latin1 text: `type=file;size=3;modify=20261123080332; name`. */
export function parseMLSDLine(line: string): FTPLine {
  const space = line.indexOf(' ');
  const facts = space < 0 ? undefined : parseFacts(line.slice(0, space));
  if (facts === undefined) return { kind: 'Fragment' };
  const name = utf8(line.slice(space + 1));
  const type = facts.get('type') ?? '';
  const linkType = /^os\.unix=s(?:ym)?link(?::(.*))?$/i.exec(type);
  if (linkType !== null)
    return { kind: 'Link', name, target: linkType[1] === undefined ? undefined : utf8(linkType[1]) };
  return entryOf(type.toLowerCase(), name, facts);
}

function entryOf(type: string, name: string, facts: ReadonlyMap<string, string>): FTPLine {
  switch (type) {
    case 'cdir':
      return { kind: 'Self', unique: facts.get('unique') };
    case 'dir':
      return { kind: 'Folder', name, unique: facts.get('unique') };
    case 'file':
      return {
        kind: 'File',
        name,
        size: parseSize(facts.get('size') ?? ''),
        modifiedAt: parseTimeVal(facts.get('modify') ?? ''),
        timeSlack: 0,
      };
    case '':
      return { kind: 'Unreadable' };
    default:
      return { kind: 'Other' };
  }
}

/** Names in lower case; undefined for what are no facts. */
function parseFacts(text: string): ReadonlyMap<string, string> | undefined {
  const facts = new Map<string, string>();
  for (const fact of text.split(';')) {
    const equals = fact.indexOf('=');
    if (equals > 0) facts.set(fact.slice(0, equals).toLowerCase(), fact.slice(equals + 1));
  }
  return facts.size === 0 ? undefined : facts;
}

/** Unix seconds of a time-val (RFC 3659, 2.3): YYYYMMDDHHMMSS and perhaps a fraction, UTC. */
export function parseTimeVal(text: string): number | undefined {
  const stamp = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?$/.exec(text);
  if (stamp === null) return undefined;
  const [, year, month, day, hour, minute, second] = stamp;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at) ? undefined : at / 1000;
}
