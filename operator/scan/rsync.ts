import type { Logger } from 'pino';
import { Failure } from '../failures.ts';
import { printable } from '../network/explain.ts';
import type { Address, AddressGuard } from '../network/guard.ts';
import { createWatchdog } from '../network/watchdog.ts';
import { createRefusals, type Refusals } from './entries.ts';
import type { Listing, ListingEntry, ListingRequest } from './listing.ts';
import { addressesOf, worthAnother } from './reach.ts';
import { runRsync } from './rsync-child.ts';
import { judgeRsyncExit } from './rsync-errors.ts';
import { parseRsyncLine, type RsyncLine } from './rsync-line.ts';
import { openTunnel } from './rsync-tunnel.ts';
import { readRsyncURL, type RsyncTarget } from './rsync-url.ts';

export type RsyncDeps = {
  readonly guard: AddressGuard;
  readonly log?: Pick<Logger, 'debug'> | undefined;
  /** `rsync` of the usual folders by default. */
  readonly rsyncPath?: string | undefined;
  /** PEM certificates that rsyncs trusts besides the system's. */
  readonly ca?: readonly string[] | undefined;
  /** A listing with more lines is Failure TooLarge: 20 million by default. */
  readonly maxEntries?: number | undefined;
};

const mostEntries = 20_000_000;

/**
 * Lists a folder of an rsync daemon with the `rsync` program: rsync:// in the clear on port 873, rsyncs:// in TLS on port 874
 * (as rsync-ssl(1) has it), the certificate verified against the URL's host. Credentials come from the request or else from
 * the URL. The address is resolved and judged here and rsync is given that very address; several are tried in turn.
 */
export async function* listRsync(deps: RsyncDeps, request: ListingRequest): Listing {
  const target = readRsyncURL(request);
  const refusals = createRefusals();
  const addresses = await addressesOf(deps.guard, request);
  for (const [index, address] of addresses.entries()) {
    const tally: Tally = { entries: 0, chatter: 0, unreadable: 0, example: '', refusals };
    try {
      return yield* listAt(deps, request, { target, address, tally });
    } catch (error) {
      if (index + 1 === addresses.length || tally.entries > 0 || !worthAnother(error)) throw error;
    }
  }
  throw new Failure('UnresolvableHost', `${target.doing}: the host has no address`);
}

/** What one attempt has seen so far. */
type Tally = { entries: number; chatter: number; unreadable: number; example: string; readonly refusals: Refusals };

type Attempt = { readonly target: RsyncTarget; readonly address: Address; readonly tally: Tally };

async function* listAt(deps: RsyncDeps, request: ListingRequest, { target, address, tally }: Attempt): Listing {
  const { doing, folder, password } = target;
  const { maxEntries = mostEntries } = deps;
  using watchdog = createWatchdog({ ...request, doing });
  await using tunnel = target.secure
    ? await openTunnel({ target, address, ca: deps.ca, signal: watchdog.signal })
    : undefined;
  await using child = runRsync(
    {
      path: deps.rsyncPath,
      target,
      address,
      proxy: tunnel?.proxy,
      timeoutMs: request.timeoutMs,
      job: { kind: 'List' },
    },
    watchdog.signal,
  );
  for await (const lines of child.lines()) {
    watchdog.pause();
    const batch = readLines(lines, tally);
    if (tally.entries > maxEntries) throw new Failure('TooLarge', `${doing}: over ${maxEntries} lines`);
    if (batch.length > 0) yield batch;
    watchdog.watch();
  }
  const exit = await child.exit();
  watchdog.signal.throwIfAborted();
  const unseen = judgeRsyncExit(exit, { doing, folder, hasPassword: password !== '' });
  // Even an empty module shows its own folder.
  if (tally.entries === 0) throw new Failure('ProtocolError', `${doing}: this is no listing: "${tally.example}"`);
  logOddities(deps, doing, tally);
  return { ...unseen, partlyUnseen: unseen.partlyUnseen || tally.unreadable > 0, refused: tally.refusals.result() };
}

function logOddities({ log }: RsyncDeps, doing: string, { chatter, unreadable, example }: Tally): void {
  if (chatter + unreadable === 0) return;
  log?.debug({ listing: doing, chatter, unreadable, example }, 'lines of an rsync listing were not understood');
}

function readLines(lines: readonly string[], tally: Tally): readonly ListingEntry[] {
  const batch: ListingEntry[] = [];
  for (const text of lines) {
    const line = parseRsyncLine(text);
    if (line.kind === 'Chatter') tally.chatter++;
    else tally.entries++;
    if (line.kind === 'Unreadable') tally.unreadable++;
    if (tally.example === '' && (line.kind === 'Chatter' || line.kind === 'Unreadable'))
      tally.example = printable(text, 100);
    const entry = asEntry(line);
    if (entry !== undefined && tally.refusals.accepts(entry.path)) batch.push(entry);
  }
  return batch;
}

function asEntry(line: RsyncLine): ListingEntry | undefined {
  if (line.kind === 'Link') return line;
  return line.kind === 'File' ? { ...line, sizeSlack: 0, timeSlack: 0 } : undefined;
}
