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
  remove(path: string): void;
  /** Reasons by path. */
  reasons(): ReadonlyMap<string, ContentReason>;
  oldest(): readonly KnownWrong[];
};

// A mirror that lies about everything is withheld; its files need not all be remembered.
const most = 1000;

export function createKnownWrongFiles(): KnownWrongFiles {
  const byPath = new Map<string, KnownWrong>();
  return {
    has: (file) => byPath.get(file.path)?.file.number === file.number,
    note(wrong) {
      byPath.delete(wrong.file.path);
      byPath.set(wrong.file.path, wrong);
      for (const path of byPath.keys()) {
        if (byPath.size <= most) break;
        byPath.delete(path);
      }
    },
    remove: (path) => void byPath.delete(path),
    reasons: () => new Map([...byPath].map(([path, { reason }]) => [path, reason])),
    oldest: () => [...byPath.values()],
  };
}
