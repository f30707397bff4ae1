import { utf8 } from '../decode-lines.ts';
import { complete, type LineMeaning, type LineParser } from './line-parser.ts';

/**
 * The format FullFileTimeList, as create-filelist of quick-fedora-mirror writes it: sections `[Version]`, `[Files]` and some of
 * `[Checksums SHA1]`, then `[End]`. Times are those of the last change, be it of content or inode, whichever is later.
 * Its few checksums are left: times already show that those files changed. A list without `[End]` was cut off.
 */
export function createFullFileTimeListParser(): LineParser {
  let section = '';
  return {
    read(line) {
      const heading = /^\[(.{1,40})\]$/.exec(line)?.[1];
      if (heading === undefined) return section === 'Files' ? parseFileTime(line) : outside(section);
      section = heading;
      return 'Understood';
    },
    end: () => ({ ...complete, partlyUnseen: section !== 'End' }),
  };
}

const outside = (section: string): LineMeaning => (section === '' ? 'NotUnderstood' : 'Understood');

// 1767700953	f	282	linux/extras/README
const entry = /^(\d{1,12})\t([fdl])(\S?)\t(\d{1,15})\t(.+)$/s;

/** One line of the section `[Files]`. Links come without target, and what has `-` after its type is not readable for everyone. */
export function parseFileTime(line: string): LineMeaning {
  if (line === '') return 'Understood';
  const [found, time, type, mark, size, path = ''] = entry.exec(line) ?? [];
  if (found === undefined) return 'NotUnderstood';
  if (type !== 'f' || mark === '-') return 'Understood';
  return { kind: 'File', path: utf8(path), size: Number(size), sizeSlack: 0, modifiedAt: Number(time), timeSlack: 0 };
}
