import type { HTTPClient } from '../network/client.ts';
import { Failure } from '../failures.ts';
import { askHead } from './ask.ts';
import type { Canaries } from './mass-failure.ts';

/** Asks all of them at once: Alive as soon as one answers anything, Dead when none did within the time, Unknown when there are none. */
export async function askCanaries(
  deps: { readonly client: HTTPClient },
  urls: readonly URL[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Canaries> {
  if (urls.length === 0) return 'Unknown';
  const enough = new AbortController();
  const limit = AbortSignal.any([signal, enough.signal, AbortSignal.timeout(timeoutMs)]);
  try {
    await Promise.any(urls.map((url) => answers(deps.client, url, timeoutMs, limit)));
    return 'Alive';
  } catch {
    signal.throwIfAborted();
    return 'Dead';
  } finally {
    enough.abort();
  }
}

async function answers(client: HTTPClient, url: URL, timeoutMs: number, signal: AbortSignal): Promise<void> {
  try {
    await askHead(client, { url, redirects: 'Forbid', timeoutMs, signal });
  } catch (error) {
    // A refused redirect is an answer, too.
    if (!(error instanceof Failure && error.reason === 'RedirectRefused')) throw error;
  }
}
