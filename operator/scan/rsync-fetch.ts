import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failures.ts';
import type { Address } from '../network/guard.ts';
import type { ListingRequest } from './listing.ts';
import { addressesOf, worthAnother } from './reach.ts';
import { runRsync, type RsyncJob } from './rsync-child.ts';
import { judgeRsyncExit } from './rsync-errors.ts';
import type { RsyncDeps } from './rsync.ts';
import { openTunnel } from './rsync-tunnel.ts';
import { readRsyncURL } from './rsync-url.ts';

export type RsyncFetch = {
  /** Below the URL; valid by path.ts. */
  readonly paths: readonly string[];
  /** Larger files are left out. */
  readonly maxFileBytes: number;
  /** An empty folder of our own. */
  readonly folder: string;
};

/** A server that trickles would never be silent. */
const mostMs = 10 * 60_000;

/**
 * Fetches single files from an rsync daemon under the rules of `listRsync`. Gives the folder in which they lie, under their own paths;
 * what is missing there, is no regular file or is too large could not be had. Throws Failure.
 */
export async function fetchByRsync(deps: RsyncDeps, asked: ListingRequest, wanted: RsyncFetch): Promise<string> {
  const request = { ...asked, signal: AbortSignal.any([asked.signal, AbortSignal.timeout(mostMs)]) };
  const to = join(wanted.folder, 'files');
  const namesFile = join(wanted.folder, 'names');
  await mkdir(to);
  const { doing, folder } = readRsyncURL(request);
  // The first dot keeps rsync from taking a name that begins with # or ; for a comment.
  await writeFile(namesFile, wanted.paths.map((path) => `./${folder}./${path}\0`).join(''));
  const job: RsyncJob = { kind: 'Fetch', namesFile, to, maxFileBytes: wanted.maxFileBytes };
  const addresses = await addressesOf(deps.guard, request);
  for (const [index, address] of addresses.entries()) {
    try {
      await fetchAt(deps, request, { address, job });
      return to;
    } catch (error) {
      if (index + 1 === addresses.length || !worthAnother(error)) throw error;
    }
  }
  throw new Failure('UnresolvableHost', `${doing}: the host has no address`);
}

async function fetchAt(
  deps: RsyncDeps,
  request: ListingRequest,
  { address, job }: { readonly address: Address; readonly job: RsyncJob },
): Promise<void> {
  const target = readRsyncURL(request);
  const { doing, folder, password } = target;
  const { timeoutMs, signal } = request;
  await using tunnel = target.secure ? await openTunnel({ target, address, ca: deps.ca, signal }) : undefined;
  const command = { path: deps.rsyncPath, target, address, proxy: tunnel?.proxy, timeoutMs, job };
  await using child = runRsync(command, signal);
  // Read, or a full pipe would stop rsync.
  for await (const _chatter of child.lines());
  const exit = await child.exit();
  if (signal.aborted) throw new Failure('Cancelled', `${doing}: cancelled`, { cause: signal.reason });
  // Files that could not be had: their absence shows it.
  if (exit.code === 23) return;
  judgeRsyncExit(exit, { doing, folder, hasPassword: password !== '' });
}
