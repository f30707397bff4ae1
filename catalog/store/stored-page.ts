import { promisify } from 'node:util';
import { zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib';
import { pageName, pageNameInBackground, type PageName } from '../page-name.ts';

/** Bytes of the largest page there can be: 16 384 paths of 4 096 bytes, and room for its head. */
export const maxPageBytes = 72 * 1024 * 1024;

// Below this size the thread pool costs several times more than the work itself; above, work would hold up the event loop.
const smallBytes = 64 * 1024;
const smallHashBytes = 4 * 1024 * 1024;

const compressInBackground = promisify(zstdCompress);
const decompressInBackground = promisify(zstdDecompress);

/** A page as it is stored: zstd. Throws RangeError for more than maxPageBytes. */
export async function packPage(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes.length > maxPageBytes) throw new RangeError(`a page of ${bytes.length} bytes; at most ${maxPageBytes}`);
  const options = { pledgedSrcSize: bytes.length };
  return bytes.length <= smallBytes ? zstdCompressSync(bytes, options) : compressInBackground(bytes, options);
}

/** The page in stored bytes, or undefined if they are not zstd, too large, or another page than `name`. */
export async function unpackPage(name: PageName, stored: Uint8Array): Promise<Uint8Array | undefined> {
  const bytes = await decompress(stored);
  if (bytes === undefined) return undefined;
  const found = bytes.length <= smallHashBytes ? pageName(bytes) : await pageNameInBackground(bytes);
  return found === name ? bytes : undefined;
}

async function decompress(stored: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (stored.length <= smallBytes) {
    try {
      return zstdDecompressSync(stored, { maxOutputLength: smallBytes });
    } catch {
      // Larger than it looked, or not zstd: the thread pool finds out.
    }
  }
  try {
    return await decompressInBackground(stored, { maxOutputLength: maxPageBytes, chunkSize: 256 * 1024 });
  } catch {
    return undefined;
  }
}
