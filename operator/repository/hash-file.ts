import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { DigestAlgorithm, Digests } from '@geomirror/catalog/file.ts';

const chunkBytes = 1 << 20;

export type HashRequest = {
  readonly file: string;
  readonly algorithms: readonly DigestAlgorithm[];
  /** What the listing said: if the file is another by now, its digests would be of another version. */
  readonly size: number | undefined;
  readonly modifiedAt: number | undefined;
  readonly signal: AbortSignal;
};

/** Digests of a file's bytes, read once; undefined if it vanished or changed since it was listed. */
export async function hashFile(request: HashRequest): Promise<Digests | undefined> {
  let handle;
  try {
    // A link put in the file's place meanwhile must not lead out of the root.
    handle = await open(request.file, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch {
    return undefined;
  }
  try {
    const hashes = request.algorithms.map((algorithm) => ({ algorithm, hash: createHash(algorithm) }));
    const buffer = Buffer.allocUnsafe(chunkBytes);
    for (;;) {
      request.signal.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, chunkBytes);
      if (bytesRead === 0) break;
      for (const { hash } of hashes) hash.update(buffer.subarray(0, bytesRead));
    }
    const { size, mtimeMs } = await handle.stat();
    if (size !== request.size || Math.floor(mtimeMs / 1000) !== request.modifiedAt) return undefined;
    return Object.fromEntries(hashes.map(({ algorithm, hash }) => [algorithm, hash.digest('hex')]));
  } finally {
    await handle.close();
  }
}
