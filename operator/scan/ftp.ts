import { Failure, printableURL } from '../failures.ts';
import type { Address, AddressGuard } from '../network/guard.ts';
import { createWatchdog } from '../network/watchdog.ts';
import { explainFTP } from './ftp-failure.ts';
import { openFTP } from './ftp-session.ts';
import { walkFTP } from './ftp-walk.ts';
import type { Listing, ListingRequest } from './listing.ts';
import { addressesOf, worthAnother } from './reach.ts';
import { decode, loginOf } from './url-login.ts';

export type FTPDeps = {
  readonly guard: AddressGuard;
  /** Unix ms: LIST leaves the year out. */
  readonly now: () => number;
  /** PEM certificates that ftps trusts besides the system's. */
  readonly ca?: readonly string[] | undefined;
  /** A listing with more entries is Failure TooLarge: 20 million by default. */
  readonly maxEntries?: number | undefined;
  /** Files whose time may be asked for one by one where the server lacks MLSD: 20 000 by default. */
  readonly maxTimesAsked?: number | undefined;
};

const mostEntries = 20_000_000;
const mostTimesAsked = 20_000;
const anonymous = { username: 'anonymous', password: 'anonymous@' } as const;

/**
 * Lists a folder of an FTP server, anonymously unless the request or the URL has credentials. ftps:// is AUTH TLS on port 21,
 * or TLS from the first byte on port 990, with control and data encrypted and the certificate verified against the URL's host.
 * MLSD where the server has it, else LIST, its coarse times made exact by MDTM where the server has that. Passive only, and
 * every connection goes to the one address that was judged here. The path counts from the folder the login leads to.
 */
export async function* listFTP(deps: FTPDeps, request: ListingRequest): Listing {
  const addresses = await addressesOf(deps.guard, request);
  for (const [index, address] of addresses.entries()) {
    const attempt: Attempt = { address, loggedIn: false };
    try {
      return yield* listAt(deps, request, attempt);
    } catch (error) {
      if (index + 1 === addresses.length || attempt.loggedIn || !worthAnother(error)) throw error;
    }
  }
  throw new Failure('UnresolvableHost', `${printableURL(request.url)}: the host has no address`);
}

type Attempt = { readonly address: Address; loggedIn: boolean };

async function* listAt(deps: FTPDeps, request: ListingRequest, attempt: Attempt): Listing {
  const { url } = request;
  const doing = `ftp ${printableURL(url)}`;
  const { username, password } = loginOf(request);
  using watchdog = createWatchdog({ ...request, doing });
  const { signal } = watchdog;
  try {
    const user = username === '' ? anonymous : { username, password };
    using session = await openFTP({ url, address: attempt.address, ...user, ca: deps.ca, signal });
    attempt.loggedIn = true;
    watchdog.watch();
    const folder = decode(url.pathname).replaceAll(/^\/|\/+$/g, '');
    if (folder !== '') await session.enter(folder);
    const { now, maxEntries = mostEntries, maxTimesAsked = mostTimesAsked } = deps;
    return yield* walkFTP({ session, watchdog, request, doing, now, maxEntries, maxTimesAsked });
  } catch (error) {
    throw signal.aborted ? signal.reason : explainFTP(error, doing, password !== '');
  }
}
