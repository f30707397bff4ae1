import { Failure } from '../failures.ts';
import type { Address, AddressGuard } from '../network/guard.ts';
import { createWatchdog } from '../network/watchdog.ts';
import type { ListingRequest } from './listing.ts';

const maxAddresses = 4;

/** The addresses of the URL's host that may be tried, at most four. Throws Failure, also Timeout and Cancelled. */
export async function addressesOf(guard: AddressGuard, request: ListingRequest): Promise<readonly Address[]> {
  const { url, timeoutMs, signal } = request;
  using watchdog = createWatchdog({ timeoutMs, signal, doing: `resolving ${url.hostname}` });
  try {
    return (await guard.resolve(url.hostname, watchdog.signal)).slice(0, maxAddresses);
  } catch (error) {
    throw watchdog.signal.aborted ? watchdog.signal.reason : error;
  }
}

/** Whether another address of the same host may fare better. */
export function worthAnother(error: unknown): boolean {
  return error instanceof Failure && (error.reason === 'Unreachable' || error.reason === 'Timeout');
}
