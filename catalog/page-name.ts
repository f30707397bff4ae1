import { createHash } from 'node:crypto';

/** 22 characters of base64url: the first 128 bits of the SHA-256 of a page's uncompressed bytes. */
export type PageName = string;

/** The name under which these bytes are stored and sent once. */
export function pageName(bytes: Uint8Array): PageName {
  return createHash('sha256').update(bytes).digest().subarray(0, 16).toString('base64url');
}

/** The same name, hashed on the thread pool: for pages so large that hashing would hold up the event loop. */
export async function pageNameInBackground(bytes: Uint8Array<ArrayBuffer>): Promise<PageName> {
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Buffer.from(digest).subarray(0, 16).toString('base64url');
}

/** Whether text has the form of a page's name. */
export function isPageName(text: string): text is PageName {
  return /^[A-Za-z0-9_-]{22}$/.test(text);
}
