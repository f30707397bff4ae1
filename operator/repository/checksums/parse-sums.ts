import type { DigestAlgorithm } from '@geomirror/catalog/file.ts';
import { Failure } from '../../failures.ts';
import { splitLines } from '../../scan/decode-lines.ts';
import { parseSumLine } from '../../scan/sum-line.ts';
import { besideOf, isOfOtherAlgorithm, resolveName } from './sums-name.ts';

/** What a project says of one file; the path is within the tree, and may be of no file. */
export type PublishedSum = { readonly path: string; readonly algorithm: DigestAlgorithm; readonly digest: string };

const maxLineBytes = 16 * 1024;
/** The checksums of some hundred thousand files. */
export const maxSumsBytes = 32 * 1024 * 1024;

/**
 * Reads a file of checksums, some lines at a time. Failure ProtocolError for a file without any checksum, TooLarge for one of
 * over 32 MiB.
 */
export async function* parseSums(
  sumsPath: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly PublishedSum[], void, void> {
  const parse = createSumParser(sumsPath);
  let isAny = false;
  for await (const lines of splitLines(bounded(sumsPath, chunks), maxLineBytes)) {
    const sums = lines.flatMap((line) => parse(line) ?? []);
    isAny ||= sums.length > 0;
    if (sums.length > 0) yield sums;
  }
  if (!isAny) throw new Failure('ProtocolError', `${sumsPath} holds no checksum of a file`);
}

function createSumParser(sumsPath: string): (line: string) => PublishedSum | undefined {
  let isIgnored = isOfOtherAlgorithm(sumsPath);
  return (line) => {
    if (line.startsWith('-----BEGIN PGP SIGNATURE')) isIgnored = true;
    return isIgnored ? undefined : parseSum(sumsPath, line);
  };
}

/** A digest without a name, or of the standard input, is meant for the file beside. */
function parseSum(sumsPath: string, line: string): PublishedSum | undefined {
  const sum = parseSumLine(line);
  if (sum.kind !== 'Sum' && sum.kind !== 'BareSum') return undefined;
  const isBare = sum.kind === 'BareSum' || sum.name === '-';
  const path = isBare ? besideOf(sumsPath) : resolveName(sumsPath, sum.name);
  return path === undefined ? undefined : { path, algorithm: sum.algorithm, digest: sum.digest };
}

async function* bounded(sumsPath: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > maxSumsBytes) throw new Failure('TooLarge', `${sumsPath} has over ${maxSumsBytes} bytes`);
    yield chunk;
  }
}
