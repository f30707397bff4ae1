import { createHash } from 'node:crypto';

/** 22 characters of base64url: the first 128 bits of the SHA-256 of a page's uncompressed bytes. */
export type PageName = string;

/** The name under which these bytes are stored and sent once. */
export function pageName(bytes: Uint8Array): PageName {
  return createHash('sha256').update(bytes).digest().subarray(0, 16).toString('base64url');
}
