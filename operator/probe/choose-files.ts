import type { Digests } from '@geomirror/catalog/file.ts';

/** A file to ask a mirror for: what the source says of its current version. */
export type ProbeFile = {
  /** Its file number in the catalog: another version has another one. */
  readonly number: number;
  readonly path: string;
  /** Bytes; undefined where the source does not say. */
  readonly size: number | undefined;
  /** Whole Unix seconds. */
  readonly modifiedAt: number | undefined;
  readonly digests: Digests;
};

/** The files that one mirror can be asked for, by its column at the moment of the call. `random` is uniform in [0, 1). */
export type FileSource = {
  /** One of them, each as likely as any other. */
  readonly randomCurrent: (random: () => number) => ProbeFile | undefined;
  /** One of them that clients asked for lately. */
  readonly recentlyAsked: (random: () => number) => ProbeFile | undefined;
  /** The source's current version of that path, whatever the mirror's column says; undefined when it left the source. */
  readonly find: (path: string) => ProbeFile | undefined;
  /** The same, if the mirror has it by its column. */
  readonly held: (path: string) => ProbeFile | undefined;
};

const drawsPerFile = 4;

/** Up to `count` different files that mirror and source both have, at random. */
export function chooseFiles(files: FileSource, count: number, random: () => number): readonly ProbeFile[] {
  const chosen = new Map<string, ProbeFile>();
  for (let draws = 0; draws < count * drawsPerFile && chosen.size < count; draws += 1) {
    const file = files.randomCurrent(random);
    if (file === undefined) break;
    chosen.set(file.path, file);
  }
  return [...chosen.values()];
}

/**
 * A file to verify that `refuse` does not refuse: half of the time one that clients asked for lately, where there is one,
 * else any. Undefined when a few draws found none.
 */
export function chooseSample(
  files: FileSource,
  random: () => number,
  refuse: (file: ProbeFile) => boolean,
): ProbeFile | undefined {
  for (let draws = 0; draws < drawsPerFile; draws += 1) {
    const asked = random() < 0.5 ? files.recentlyAsked(random) : undefined;
    const file = asked ?? files.randomCurrent(random);
    if (file !== undefined && !refuse(file)) return file;
  }
  return undefined;
}
