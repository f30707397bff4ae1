import { Failure } from '../failures.ts';

const newline = 0x0a;

/**
 * Splits bytes into lines at LF, as many at a time as each chunk completes. A line comes as latin1 text, one character per byte,
 * so that names of any encoding survive; `utf8` turns it into text. A longer line than `maxLineBytes` is Failure ProtocolError.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes: number,
): AsyncGenerator<readonly string[], void, void> {
  let rest = '';
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const end = bytes.lastIndexOf(newline);
    if (end >= 0) {
      const lines = (rest + bytes.toString('latin1', 0, end)).split('\n');
      if (lines.some((line) => line.length > maxLineBytes)) throw tooLong(maxLineBytes);
      yield lines;
      rest = '';
    }
    rest += bytes.toString('latin1', end + 1);
    if (rest.length > maxLineBytes) throw tooLong(maxLineBytes);
  }
  if (rest !== '') yield [rest];
}

/** The text whose UTF-8 bytes are the characters of `latin1`; U+FFFD where they are not UTF-8. */
export function utf8(latin1: string): string {
  // Almost every name is ASCII, which is its own UTF-8.
  return nonASCII.test(latin1) ? Buffer.from(latin1, 'latin1').toString('utf8') : latin1;
}

const nonASCII = /[\u0080-\u00ff]/;

const tooLong = (most: number): Failure => new Failure('ProtocolError', `the listing has a line of over ${most} bytes`);
