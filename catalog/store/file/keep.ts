import { StoreFailure } from '../failure.ts';
import { tokenPath } from './paths.ts';
import { replaceFileDurably } from './replace.ts';

/**
 * Decides a write, and if that ends with `Done` saves it; one write at a time, in the order of the calls. Throws StoreFailure
 * `Unavailable` if it was decided but not saved: the caller writes again.
 */
export type Keep = <T>(write: Write<T>) => Promise<T>;

type Write<T> = {
  readonly token: number;
  readonly decide: () => Promise<T>;
  /** Absent: the token is all there is to save. */
  readonly save?: () => Promise<void>;
};

/** `Keep` for a folder whose token file says `highest`; raises it before a write with a higher token is saved. */
export function createKeep(folder: string, highest: number): Keep {
  let kept = highest;
  let last: Promise<unknown> = Promise.resolve();
  const saveToken = async (token: number): Promise<void> => {
    if (token <= kept) return;
    await replaceFileDurably(tokenPath(folder), Buffer.from(String(token)));
    kept = token;
  };
  return ({ token, decide, save }) => {
    const decided = last.then(async () => {
      const outcome = await decide();
      if (outcome !== 'Done') return outcome;
      try {
        await saveToken(token);
        await save?.();
      } catch (error) {
        throw isSystemError(error) ? unsaved(error) : error;
      }
      return outcome;
    });
    last = decided.catch(() => undefined);
    return decided;
  };
}

function unsaved(error: Error): StoreFailure {
  return new StoreFailure('Unavailable', `cannot write the catalog's folder: ${error.message}`);
}

/** Whether the operating system refused something; anything else is a bug of ours. */
export function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error;
}
