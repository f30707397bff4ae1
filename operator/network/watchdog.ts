import { Failure } from '../failures.ts';

/** Aborts `signal` with a Failure: Timeout after a silence, Cancelled when the caller's signal aborts. */
export type Watchdog = Disposable & {
  readonly signal: AbortSignal;
  /** Counts silence from now on. */
  readonly watch: () => void;
  /** Stops counting: it is our turn now, and our slowness is not theirs. */
  readonly pause: () => void;
};

/** Makes a watchdog that is watching at once; `doing` begins its sentences. Dispose it, or its timer stays. */
export function createWatchdog(request: { timeoutMs: number; signal: AbortSignal; doing: string }): Watchdog {
  const { timeoutMs, signal, doing } = request;
  const controller = new AbortController();
  const expire = (): void => controller.abort(new Failure('Timeout', `${doing}: no answer for ${timeoutMs / 1000} s`));
  const cancel = (): void =>
    controller.abort(new Failure('Cancelled', `${doing}: cancelled`, { cause: signal.reason }));
  let timer: NodeJS.Timeout | undefined;
  const pause = (): void => clearTimeout(timer);
  const watch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(expire, timeoutMs);
  };
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  watch();
  return {
    signal: controller.signal,
    watch,
    pause,
    [Symbol.dispose]: () => {
      pause();
      signal.removeEventListener('abort', cancel);
    },
  };
}
