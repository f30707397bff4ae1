import { setTimeout as sleep } from 'node:timers/promises';

import { Failure } from '../../failures.ts';
import type { HTTPClient, HTTPRequest, HTTPResponse } from '../../network/client.ts';
import type { RequestRate } from './request-rate.ts';

export type PatienceDeps = {
  readonly client: Pick<HTTPClient, 'request'>;
  /** [0, 1). */
  readonly random: () => number;
  /** Unix ms. */
  readonly now: () => number;
};

const attempts = 3;
const firstDelayMs = 500;
const longestRestMs = 30_000;

const busy: ReadonlySet<number> = new Set([429, 503]);
const passing: ReadonlySet<number> = new Set([...busy, 500, 502, 504]);

/**
 * Sends the request, and again up to twice if that may help: after a server error, a timeout or a lost connection. A busy
 * server (429, 503) is left alone by everyone who shares `rate` for as long as its Retry-After says, at most 30 s. Resolves
 * with the last answer whatever its status; throws the last Failure.
 */
export async function requestPatiently(
  deps: PatienceDeps,
  rate: RequestRate,
  request: HTTPRequest,
): Promise<HTTPResponse> {
  for (let attempt = 1; ; attempt += 1) {
    await rate.turn(request.signal);
    const answer = await once(deps.client, request);
    if (attempt === attempts || !mayPass(answer)) {
      if (answer instanceof Failure) throw answer;
      return answer;
    }
    // Jitter, so that requests that failed together do not come back together.
    const delay = firstDelayMs * 2 ** (attempt - 1) * (0.5 + deps.random());
    await leaveAlone(deps, rate, { request, answer, delay });
  }
}

/** The answer, or the Failure of an attempt. */
async function once(client: PatienceDeps['client'], request: HTTPRequest): Promise<HTTPResponse | Failure> {
  try {
    return await client.request(request);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

function mayPass(answer: HTTPResponse | Failure): boolean {
  if (answer instanceof Failure) return answer.reason === 'Timeout' || answer.reason === 'Unreachable';
  return passing.has(answer.status);
}

type Attempt = { readonly request: HTTPRequest; readonly answer: HTTPResponse | Failure; readonly delay: number };

async function leaveAlone(deps: PatienceDeps, rate: RequestRate, { request, answer, delay }: Attempt): Promise<void> {
  if (answer instanceof Failure) {
    await sleep(delay, undefined, { signal: request.signal });
    return;
  }
  await answer.close();
  const asked = retryAfterMs(answer.headers['retry-after'], deps.now());
  if (busy.has(answer.status)) rate.rest(Math.min(Math.max(asked ?? 0, delay), longestRestMs));
  else await sleep(delay, undefined, { signal: request.signal });
}

/** RFC 9110, section 10.2.3: seconds or an HTTP-date, as milliseconds from now. */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
