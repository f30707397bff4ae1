import { Failure, printableURL } from '../failures.ts';
import { asciiHost } from '../network/guard.ts';
import type { ListingRequest } from './listing.ts';
import { decode, loginOf } from './url-login.ts';

/** What an rsync URL means. */
export type RsyncTarget = {
  /** For messages. */
  readonly doing: string;
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** Decoded, from the module on, with a closing slash. */
  readonly path: string;
  /** The part of `path` below the module: '' or with a closing slash. */
  readonly folder: string;
  readonly username: string;
  readonly password: string;
};

/** Reads an rsync:// or rsyncs:// URL; credentials of the request come before those of the URL. Throws Failure NoListing. */
export function readRsyncURL({ url, credentials }: Pick<ListingRequest, 'url' | 'credentials'>): RsyncTarget {
  const doing = `rsync ${printableURL(url)}`;
  const path = `${decode(url.pathname).replaceAll(/^\/+|\/+$/g, '')}/`;
  const slash = path.indexOf('/');
  if (slash === 0) throw new Failure('NoListing', `${doing}: name a module, as in rsync://${url.host}/module/`);
  // oxlint-disable-next-line no-control-regex -- they would be lines of the protocol
  if (/[\u0000-\u001f]/.test(path)) throw new Failure('NoListing', `${doing}: the path holds control characters`);
  const secure = url.protocol === 'rsyncs:';
  return {
    doing,
    secure,
    host: asciiHost(url.hostname),
    port: url.port === '' ? (secure ? 874 : 873) : Number(url.port),
    path,
    folder: path.slice(slash + 1),
    ...loginOf({ url, credentials }),
  };
}
