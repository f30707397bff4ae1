import type { ListingRequest } from './listing.ts';

/** Who logs in: credentials of the request come before those of the URL; '' where neither says. */
export function loginOf({ url, credentials }: Pick<ListingRequest, 'url' | 'credentials'>): {
  readonly username: string;
  readonly password: string;
} {
  return {
    username: credentials?.username || decode(url.username),
    password: credentials?.password ?? decode(url.password),
  };
}

/** Percent-decoded UTF-8; what is not stays as it is. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
