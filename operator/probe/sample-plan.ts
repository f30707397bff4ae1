import { chooseSample, type FileSource, type ProbeFile } from './choose-files.ts';
import type { KnownWrong } from './known-wrong.ts';
import type { Closeness } from './rolling-window.ts';
import { rangeBytes } from './verify-file.ts';

/** A file to look at now; `mends`: how closely one must look to see that it is not wrong any more. */
export type Pick = {
  readonly file: ProbeFile;
  readonly endpoint: string;
  readonly closeness: Closeness;
  readonly mends: Closeness;
};

/** Files that were wrong, longest not looked at first, as far as the bytes in hand allow to look closely enough. */
export function pickAgain(
  known: readonly KnownWrong[],
  endpoints: readonly string[],
  available: number,
): readonly Pick[] {
  const picks: Pick[] = [];
  let left = available;
  for (const { file, endpoint, closeness } of known) {
    const where = endpoints.includes(endpoint) ? endpoint : endpoints[0];
    if (where === undefined || cost(file, closeness) > left) continue;
    left -= cost(file, closeness);
    picks.push({ file, endpoint: where, closeness, mends: closeness });
  }
  return picks;
}

/** The next of these files that the mirror has and the bytes in hand allow to read whole: less would tell nothing of its digest. */
export function pickSummoned(
  waiting: Iterator<ProbeFile>,
  { files, endpoint }: { readonly files: FileSource; readonly endpoint: string | undefined },
  available: number,
): Pick | undefined {
  if (endpoint === undefined) return undefined;
  for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
    const file = files.held(next.value.path);
    if (file === undefined || cost(file, 'Whole') > available) continue;
    return { file, endpoint, closeness: 'Whole', mends: 'Head' };
  }
  return undefined;
}

/** What a fresh sample depends on. */
export type FreshSample = {
  readonly files: FileSource;
  readonly endpoint: string;
  readonly isKnownWrong: (file: ProbeFile) => boolean;
  /** What is not looked at this closely would not count. */
  readonly atLeast: Closeness;
  /** Bytes in hand. */
  readonly available: number;
};

/** A file of which nothing bad is known; undefined when there seems to be none. */
export function pickFresh(sample: FreshSample, random: () => number): Pick | undefined {
  const { files, endpoint, isKnownWrong, atLeast, available } = sample;
  const file = chooseSample(files, random, (each) => isKnownWrong(each) || cost(each, atLeast) > available);
  if (file === undefined) return undefined;
  const wanted = random() < rangeShare ? 'Range' : atLeast;
  return { file, endpoint, closeness: affordable(file, available, wanted), mends: 'Head' };
}

// What a file of unknown size must be allowed to cost for its body to be read.
const unknownSizeBytes = 65_536;

function cost(file: ProbeFile, closeness: Closeness): number {
  if (closeness === 'Whole') return file.size ?? unknownSizeBytes;
  return closeness === 'Range' ? rangeBytes : 0;
}

const rangeShare = 0.2;

/** All of a file that fits the bytes in hand, else what is wanted of larger ones, as far as it can be had. */
function affordable(file: ProbeFile, available: number, wanted: Closeness): Closeness {
  if (cost(file, 'Whole') <= available) return 'Whole';
  const hasMiddle = file.size !== undefined && file.size > rangeBytes && available >= rangeBytes;
  return wanted !== 'Head' && hasMiddle ? 'Range' : 'Head';
}
