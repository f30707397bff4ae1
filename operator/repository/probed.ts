import { availability } from '@geomirror/catalog/file.ts';
import { durationMs } from '../duration.ts';
import { redirectPolicyOf } from '../mirror/subject.ts';
import type { FileSource, ProbeFile } from '../probe/choose-files.ts';
import type { ProbedMirror } from '../probe/watched-mirror.ts';
import { quantityBytes } from '../quantity.ts';
import type { Mirror } from '../resources/mirror.ts';
import type { Repository } from '../resources/repository.ts';
import type { RepositoryState } from './state.ts';

/** Paths of a repository that clients asked for lately. */
export type RecentlyAsked = (slot: string) => readonly string[];

/** Files that a mirror holds by its column, for probes and samples. */
export function heldFiles(state: RepositoryState, mirrorUid: string, recentlyAsked: RecentlyAsked): FileSource {
  return fileSource(
    state,
    recentlyAsked,
    (number) => state.ledger.column(mirrorUid)?.get(number) === availability.Current,
  );
}

const draws = 64;
const walk = 4096;

function fileSource(
  state: RepositoryState,
  recentlyAsked: RecentlyAsked,
  holds: (number: number) => boolean,
): FileSource {
  const { ledger } = state;
  const isGood = (number: number): boolean =>
    ledger.table.isLive(number) && !ledger.isRetained(number) && holds(number);
  const find = (path: string): ProbeFile | undefined => {
    const number = ledger.table.find(path);
    return number === -1 || ledger.isRetained(number) ? undefined : probeFile(state, number);
  };
  const held = (path: string): ProbeFile | undefined => {
    const number = ledger.table.find(path);
    return number !== -1 && isGood(number) ? probeFile(state, number) : undefined;
  };
  return {
    randomCurrent(random) {
      const { end } = ledger.table;
      for (let draw = 0; draw < draws; draw += 1) {
        const number = Math.floor(random() * end);
        if (isGood(number)) return probeFile(state, number);
      }
      // A mirror with little of the tree: the next one from somewhere, not quite as likely as any other.
      const start = Math.floor(random() * end);
      for (let step = 0; step < Math.min(walk, end); step += 1) {
        const number = (start + step) % end;
        if (isGood(number)) return probeFile(state, number);
      }
      return undefined;
    },
    recentlyAsked(random) {
      const paths = recentlyAsked(state.slot);
      const path = paths[Math.floor(random() * paths.length)];
      return path === undefined ? undefined : held(path);
    },
    find,
    held,
  };
}

function probeFile({ ledger: { table } }: RepositoryState, number: number): ProbeFile {
  return {
    number,
    path: table.path(number),
    size: table.size(number),
    modifiedAt: table.modifiedAt(number),
    digests: table.digests(number),
  };
}

/** The Mirror as the prober wants it. */
export function probedMirror(mirror: Mirror, repository: Repository, files: FileSource): ProbedMirror {
  const { metadata, spec } = mirror;
  const { healthCheck, verification } = spec;
  return {
    uid: metadata.uid,
    name: metadata.name,
    slot: `${metadata.namespace}/${repository.metadata.name}`,
    endpoints: spec.endpoints.map(({ url }) => url),
    healthCheck: {
      intervalMs: durationMs(healthCheck.interval),
      timeoutMs: durationMs(healthCheck.timeout),
      failureThreshold: healthCheck.failureThreshold,
      successThreshold: healthCheck.successThreshold,
      path: healthCheck.path,
    },
    verification: {
      window: verification.window,
      maxWrongPercent: verification.maxWrongPercent,
      maxBytesPerHour: quantityBytes(verification.maxBytesPerHour),
    },
    redirects: redirectPolicyOf(mirror, repository),
    files,
  };
}

/** A fallback is probed like a mirror, under a UID of its own. */
export const fallbackUid = (repositoryUid: string, name: string): string => `${repositoryUid}/fallback/${name}`;

const fallbackCheck = { intervalMs: 60_000, timeoutMs: 10_000, failureThreshold: 3, successThreshold: 2, path: '' };

/** The Repository's fallbacks as the prober wants them: authorities that hold every file, never sampled for content. */
export function probedFallbacks(repository: Repository, state: RepositoryState): ProbedMirror[] {
  const files = fileSource(
    state,
    () => [],
    () => true,
  );
  return repository.spec.fallbacks.map(({ name, url }) => ({
    uid: fallbackUid(repository.metadata.uid, name),
    name,
    slot: state.slot,
    endpoints: [url],
    healthCheck: fallbackCheck,
    verification: { window: 0, maxWrongPercent: 100, maxBytesPerHour: 0 },
    redirects: 'Allow',
    files,
  }));
}
