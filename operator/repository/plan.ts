import type { FileVersion } from '@geomirror/catalog/file.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import type { ListedFile, ListedLink, ListingEntry } from '../scan/listing.ts';
import { createLossTally, type Loss } from '../scan/loss.ts';

/** What a source's listing means for the table, before the guard has looked at it. */
export type SourcePlan = {
  readonly added: readonly FileVersion[];
  readonly changed: readonly FileVersion[];
  /** Live numbers that the listing no longer shows. */
  readonly removed: readonly number[];
  readonly links: readonly ListedLink[];
  readonly loss: Loss;
};

/** Compares the source's listing with the table as it streams in. */
export type SourceComparison = {
  add(entries: readonly ListingEntry[]): void;
  finish(ending: SourceEnding): Promise<SourcePlan>;
};

export type SourceEnding = {
  /** Folders whose content is unknown: their files stay. */
  readonly unreadable: readonly string[];
  /** Lets other work run; called every 16 384 files. */
  readonly pause: () => Promise<void>;
};

const slice = 16_384;

/** `isRetained` tells which live numbers have left the source already: they are neither lost again nor counted as held. */
export function compareSource(
  table: Table,
  included: (path: string) => boolean,
  isRetained: (number: number) => boolean,
): SourceComparison {
  const seen = new Uint8Array(table.end);
  const added = new Map<string, FileVersion>();
  const changed: FileVersion[] = [];
  const links: ListedLink[] = [];

  const addFile = (file: ListedFile): void => {
    const number = table.find(file.path);
    if (number === -1) {
      added.set(file.path, version(file));
      return;
    }
    if (seen[number] === 1) return;
    seen[number] = 1;
    if (isRetained(number) || !isUnchanged(table, number, file)) changed.push(version(file));
  };

  return {
    add(entries) {
      for (const entry of entries) {
        if (!included(entry.path)) continue;
        if (entry.kind === 'Link') links.push(entry);
        else addFile(entry);
      }
    },

    async finish({ unreadable, pause }) {
      const removed: number[] = [];
      const loss = createLossTally();
      const prefixes = unreadable.map((folder) => (folder === '' ? '' : `${folder}/`));
      for (let number = 0; number < table.end; number += 1) {
        if (number % slice === 0) await pause();
        if (!table.isLive(number) || isRetained(number)) continue;
        loss.had();
        if (seen[number] === 1) continue;
        const path = table.path(number);
        if (prefixes.some((prefix) => path.startsWith(prefix))) continue;
        removed.push(number);
        loss.lost(path);
      }
      return { added: [...added.values()], changed, removed, links, loss: loss.result() };
    },
  };
}

const noDigests = {};

const version = (file: ListedFile): FileVersion => ({
  path: file.path,
  size: file.size,
  modifiedAt: file.modifiedAt,
  timeSlack: file.timeSlack,
  digests: noDigests,
});

/** Within what the listing expresses: a rounded size or a minute time that fits the known one is no change. */
function isUnchanged(table: Table, number: number, file: ListedFile): boolean {
  const size = table.size(number);
  if (size === undefined ? file.size !== undefined : file.size !== undefined && !fits(size, file.size, file.sizeSlack)) return false;
  const modifiedAt = table.modifiedAt(number);
  if (modifiedAt === undefined || file.modifiedAt === undefined) return true;
  return file.modifiedAt <= modifiedAt + table.timeSlack(number) && modifiedAt <= file.modifiedAt + file.timeSlack;
}

const fits = (value: number, least: number, slack: number): boolean => least <= value && value <= least + slack;
