import type { ProbeFile } from './choose-files.ts';
import type { Closeness, ContentReason } from './rolling-window.ts';

/** A file that was found wrong at a mirror and not yet found clean again. */
export type KnownWrong = {
  readonly file: ProbeFile;
  readonly endpoint: string;
  readonly reason: ContentReason;
  /** How closely one must look to see that it is mended. */
  readonly closeness: Closeness;
};

/** The files that are to be looked at again, the one seen longest ago first. */
export type KnownWrongFiles = {
  has(file: ProbeFile): boolean;
  /** Adds it, or moves it to the end. */
  note(wrong: KnownWrong): void;
  /** It was found clean. */
  remove(path: string): void;
  /** Forgets versions that the source has no more, by what it has under each path now. */
  follow(find: (path: string) => ProbeFile | undefined): void;
  /** Reasons by path. */
  reasons(): ReadonlyMap<string, ContentReason>;
  oldest(): readonly KnownWrong[];
};

// A mirror that lies about everything is withheld; its files need not all be remembered.
const most = 1000;

/** `onForgotten` is told of each file that is dropped without having been found clean: nothing is known of it any more. */
export function createKnownWrongFiles(onForgotten: (path: string) => void): KnownWrongFiles {
  const byPath = new Map<string, KnownWrong>();
  const forget = (path: string): void => {
    byPath.delete(path);
    onForgotten(path);
  };
  return {
    has: (file) => byPath.get(file.path)?.file.number === file.number,
    note(wrong) {
      byPath.delete(wrong.file.path);
      byPath.set(wrong.file.path, wrong);
      for (const path of byPath.keys()) {
        if (byPath.size <= most) break;
        forget(path);
      }
    },
    remove: (path) => void byPath.delete(path),
    follow(find) {
      for (const [path, wrong] of byPath) {
        const now = find(path);
        if (now !== undefined && isSameVersion(now, wrong.file)) byPath.set(path, { ...wrong, file: now });
        else forget(path);
      }
    },
    reasons: () => new Map([...byPath].map(([path, { reason }]) => [path, reason])),
    oldest: () => [...byPath.values()],
  };
}

// The same version gets another number when the catalog is compacted.
function isSameVersion(a: ProbeFile, b: ProbeFile): boolean {
  return a.number === b.number || (a.size === b.size && a.modifiedAt === b.modifiedAt);
}
