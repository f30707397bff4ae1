import { parseRsyncLine } from '../rsync-line.ts';
import { complete, type LineMeaning, type LineParser } from './line-parser.ts';

/** The format RsyncList: what `rsync --list-only -r` prints, in UTC. */
export function createRsyncListParser(): LineParser {
  let partlyUnseen = false;
  return {
    read(line) {
      const meaning = parseRsyncListLine(line);
      if (meaning === 'Unreadable') partlyUnseen = true;
      return meaning === 'Unreadable' ? 'NotUnderstood' : meaning;
    },
    end: () => ({ ...complete, partlyUnseen }),
  };
}

/** One line; `Unreadable` is an entry whose name or size cannot be told. */
export function parseRsyncListLine(line: string): LineMeaning | 'Unreadable' {
  if (line === '') return 'Understood';
  const parsed = parseRsyncLine(line);
  switch (parsed.kind) {
    case 'File':
      return { ...parsed, sizeSlack: 0, timeSlack: 0 };
    case 'Link':
      return parsed;
    case 'Other':
      return 'Understood';
    case 'Unreadable':
      return 'Unreadable';
    case 'Chatter':
      return 'NotUnderstood';
  }
}
