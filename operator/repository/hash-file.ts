import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { DigestAlgorithm, Digests } from '@geomirror/catalog/file.ts';
import { openInside } from '../scan/open-inside.ts';

/** A piece takes a millisecond or two to hash, during which nothing else runs. */
const chunkBytes = 256 * 1024;

export type HashRequest = {
  /** Real path of the tree. */
  readonly root: string;
  readonly path: string;
  readonly algorithms: readonly DigestAlgorithm[];
  /** What the listing said: if the file is another by now, its digests would be of another version. */
  readonly size: number | undefined;
  readonly modifiedAt: number | undefined;
  readonly signal: AbortSignal;
};

/**
 * Digests of a file's bytes, read once. Undefined if it vanished, cannot be read, is no regular file within the tree, is not what was listed,
 * changed while it was read, or the signal aborted.
 */
export async function hashFile(request: HashRequest): Promise<Digests | undefined> {
  const handle = await openInside(request.root, request.path);
  if (handle === undefined) return undefined;
  try {
    const before = await handle.stat({ bigint: true });
    if (!isAsListed(before, request)) return undefined;
    const digests = await hash(handle, request);
    const after = await handle.stat({ bigint: true });
    return isUntouched(before, after) ? digests : undefined;
  } catch {
    // The disk fails, or the network behind it: the file stays without digests until the next attempt.
    return undefined;
  } finally {
    await handle.close();
  }
}

async function hash(handle: FileHandle, { algorithms, signal }: HashRequest): Promise<Digests | undefined> {
  const hashes = algorithms.map((algorithm) => ({ algorithm, hash: createHash(algorithm) }));
  const buffer = Buffer.allocUnsafe(chunkBytes);
  for (;;) {
    if (signal.aborted) return undefined;
    const { bytesRead } = await handle.read(buffer, 0, chunkBytes);
    if (bytesRead === 0) break;
    for (const each of hashes) each.hash.update(buffer.subarray(0, bytesRead));
  }
  return Object.fromEntries(hashes.map((each) => [each.algorithm, each.hash.digest('hex')]));
}

function isAsListed({ size, mtimeMs }: BigIntStats, listed: HashRequest): boolean {
  // A time that the catalog cannot express, such as one before 1970, is not known.
  const isThen = listed.modifiedAt === undefined || Math.floor(Number(mtimeMs) / 1000) === listed.modifiedAt;
  return isThen && Number(size) === listed.size;
}

/** To the nanosecond: a write within the same second counts, and one whose time was set back shows in the time of the inode. */
function isUntouched(before: BigIntStats, after: BigIntStats): boolean {
  return before.size === after.size && before.mtimeNs === after.mtimeNs && before.ctimeNs === after.ctimeNs;
}
