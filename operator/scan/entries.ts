import { refusePath, type PathRefusal } from '@geomirror/catalog/path.ts';
import { printable } from '../network/explain.ts';
import type { ListingEntry, RefusedNames } from './listing.ts';

/** Collects the names of one listing that cannot stand in the catalog. */
export type Refusals = {
  /** Whether `path` (relative, decoded) can stand in the catalog; what cannot is counted. */
  readonly accepts: (path: string) => boolean;
  /** Counts a name that is refused for a reason found elsewhere. */
  readonly refuse: (name: string, reason: PathRefusal) => void;
  readonly result: () => RefusedNames;
};

const maxExamples = 5;
const maxExampleLength = 100;

/** Starts with no refusals; keeps the first five names as examples, printable and cut to 100 characters. */
export function createRefusals(): Refusals {
  let count = 0;
  const examples: Array<RefusedNames['examples'][number]> = [];
  const refuse = (name: string, reason: PathRefusal): void => {
    count++;
    if (examples.length < maxExamples) examples.push({ name: printable(name, maxExampleLength), reason });
  };
  return {
    refuse,
    accepts: (path) => {
      const reason = refusePath(path);
      if (reason !== undefined) refuse(path, reason);
      return reason === undefined;
    },
    result: () => ({ count, examples: [...examples] }),
  };
}

/** Gathers entries into batches of a thousand: `yield* batch.full()` after adding, `yield* batch.rest()` at the end. */
export type Batch = {
  readonly add: (entry: ListingEntry) => void;
  /** The batch so far if it is full. */
  readonly full: () => Iterable<readonly ListingEntry[]>;
  /** Whatever is left. */
  readonly rest: () => Iterable<readonly ListingEntry[]>;
};

const batchSize = 1000;

/** Starts an empty batch. */
export function createBatch(): Batch {
  let entries: ListingEntry[] = [];
  const takeFrom = function* (least: number): Generator<readonly ListingEntry[], void, void> {
    if (entries.length < least) return;
    const taken = entries;
    entries = [];
    yield taken;
  };
  return { add: (entry) => void entries.push(entry), full: () => takeFrom(batchSize), rest: () => takeFrom(1) };
}
