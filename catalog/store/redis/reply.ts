import { isPageName, type PageName } from '../../page-name.ts';
import { StoreFailure } from '../failure.ts';
import type { WriteOutcome } from '../store.ts';

/** How a script that checks the token ended; throws StoreFailure `Malformed` for any other reply. */
export function outcomeOf(reply: unknown): WriteOutcome {
  if (reply === 'Done' || reply === 'Fenced') return reply;
  throw new StoreFailure('Malformed', 'Redis answers a script with something else than an outcome');
}

/** How a script that checks token and names ended; throws StoreFailure `Malformed` for any other reply. */
export function checkedOf(reply: unknown): WriteOutcome | { readonly missing: readonly PageName[] } {
  return Array.isArray(reply) ? { missing: namesOf(reply) } : outcomeOf(reply);
}

/** The names of pages in a list of strings; what is none is left out. */
export function namesOf(reply: readonly unknown[]): readonly PageName[] {
  return reply.filter((name) => typeof name === 'string').filter(isPageName);
}
