import { Failure, printableURL } from '../failures.ts';
import type { Outside } from '../ports.ts';
import { listFTP } from './ftp.ts';
import { listHTTP } from './http/crawl.ts';
import type { Listing, ListingRequest } from './listing.ts';
import { listRsync } from './rsync.ts';

export type RemoteRequest = ListingRequest & { readonly redirects: 'Forbid' | 'SameSite' | 'Allow' };

/** Lists a remote tree by the scheme of its URL. */
export function listRemote(outside: Outside, request: RemoteRequest): Listing {
  switch (request.url.protocol) {
    case 'rsync:':
    case 'rsyncs:':
      return listRsync(outside, request);
    case 'ftp:':
    case 'ftps:':
      return listFTP(outside, request);
    case 'http:':
    case 'https:':
      return listHTTP(outside, request);
    default:
      throw new Failure(
        'ProtocolError',
        `cannot list ${printableURL(request.url)}: use rsync, rsyncs, ftp, ftps, http or https`,
      );
  }
}
