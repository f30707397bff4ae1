import { createHash } from 'node:crypto';

import type { DigestAlgorithm } from '@geomirror/catalog/file.ts';

import { Failure } from '../failures.ts';
import type { HTTPResponse } from '../network/client.ts';

/** How slow a body may be: judged from `afterMs` on, by the average since its beginning. */
export type Pace = {
  readonly afterMs: number;
  readonly bytesPerSecond: number;
  /** Reading stops here whatever the pace. */
  readonly longestMs: number;
};

export type BodyLimits = {
  /** One more is too many. */
  readonly maxBytes: number;
  readonly pace: Pace;
  readonly digest?: DigestAlgorithm | undefined;
  readonly signal: AbortSignal;
};

/** How reading ended; `bytes` were received. */
export type ReadBody = {
  readonly kind:
    | 'Complete'
    | 'TooLong'
    | 'TooSlow'
    /** The connection ended before the body did. */
    | 'BrokenOff'
    /** Quick enough, but longer than `longestMs`. */
    | 'Unfinished';
  readonly bytes: number;
  readonly tookMs: number;
  /** Of a complete body, if asked for. */
  readonly digest?: string | undefined;
};

/** Reads a body to its end or to the first limit, and closes it. Throws only when the signal aborts. */
export async function readBody(response: HTTPResponse, limits: BodyLimits): Promise<ReadBody> {
  const hash = limits.digest === undefined ? undefined : createHash(limits.digest);
  const chunks = response.body[Symbol.asyncIterator]();
  const watch = watchPace(limits.pace, limits.signal);
  try {
    for (;;) {
      const next = await Promise.race([nextChunk(chunks), watch.stopped]);
      limits.signal.throwIfAborted();
      if (next === 'Complete') return { kind: next, ...watch.seen(), digest: hash?.digest('hex') };
      if (typeof next === 'string') return { kind: next, ...watch.seen() };
      if (watch.receive(next.length) > limits.maxBytes) return { kind: 'TooLong', ...watch.seen() };
      hash?.update(next);
    }
  } finally {
    watch.end();
    await response.close();
  }
}

async function nextChunk(
  chunks: AsyncIterator<Uint8Array>,
): Promise<Uint8Array | 'Complete' | 'BrokenOff' | 'TooSlow'> {
  try {
    const next = await chunks.next();
    return next.done === true ? 'Complete' : next.value;
  } catch (error) {
    return error instanceof Failure && error.reason === 'Timeout' ? 'TooSlow' : 'BrokenOff';
  }
}

type PaceWatch = {
  /** Resolves when the body is to be given up. */
  readonly stopped: Promise<'TooSlow' | 'Unfinished' | 'BrokenOff'>;
  receive(bytes: number): number;
  seen(): Pick<ReadBody, 'bytes' | 'tookMs'>;
  end(): void;
};

// A timer, since a body that stands still brings no chunk at which its pace could be judged.
function watchPace(pace: Pace, signal: AbortSignal): PaceWatch {
  const startedAt = performance.now();
  const { promise, resolve } = Promise.withResolvers<'TooSlow' | 'Unfinished' | 'BrokenOff'>();
  let bytes = 0;
  const look = (): void => {
    const elapsedMs = performance.now() - startedAt;
    if (elapsedMs >= pace.longestMs) resolve('Unfinished');
    if (elapsedMs >= pace.afterMs && bytes < (pace.bytesPerSecond * elapsedMs) / 1000) resolve('TooSlow');
  };
  const abort = (): void => resolve('BrokenOff');
  const timer = setInterval(look, Math.min(pace.afterMs, 1000));
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  return {
    stopped: promise,
    receive: (count) => (bytes += count),
    seen: () => ({ bytes, tookMs: performance.now() - startedAt }),
    end: () => {
      clearInterval(timer);
      signal.removeEventListener('abort', abort);
    },
  };
}
