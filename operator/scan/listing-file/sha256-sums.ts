import { parseSumLine } from '../sum-line.ts';
import { complete, type LineMeaning, type LineParser } from './line-parser.ts';

/** The format Sha256Sums: sums of one kind over the whole tree, of any algorithm that the catalog carries. */
export function createSumsParser(): LineParser {
  let inSignature = false;
  return {
    read(line) {
      if (line.startsWith('-----BEGIN PGP SIGNATURE')) inSignature = true;
      return inSignature ? 'Understood' : parseSum(line);
    },
    end: () => complete,
  };
}

/** One line, as a file of unknown size and time whose digest is known. */
export function parseSum(line: string): LineMeaning {
  const sum = parseSumLine(line);
  switch (sum.kind) {
    case 'Sum':
      return {
        kind: 'File',
        path: sum.name.replace(/^(?:\.\/+)+/, ''),
        size: undefined,
        sizeSlack: 0,
        modifiedAt: undefined,
        timeSlack: 0,
        digests: { [sum.algorithm]: sum.digest },
      };
    case 'Other':
      return 'Understood';
    case 'BareSum':
    case 'NotUnderstood':
      return 'NotUnderstood';
  }
}
