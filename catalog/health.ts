import type { schemaVersion } from './manifest.ts';
import type { WithheldReason } from './reason.ts';

/** What probes know of the mirrors of one repository. Renewed at least every 30 s, so that an old `writtenAt` means a dead operator. */
export type Health = {
  readonly schema: typeof schemaVersion;
  readonly uid: string;
  /** Unix ms. */
  readonly writtenAt: number;
  /** By UID of the Mirror. A mirror without an entry was never probed and gets no clients. */
  readonly mirrors: Readonly<Record<string, MirrorHealth>>;
  /** By the fallback's name. Without an entry: taken as up. */
  readonly fallbacks: Readonly<Record<string, EndpointHealth>>;
};

export type MirrorHealth = {
  /** Set: no client is sent there although endpoints may answer. */
  readonly withheld?: WithheldReason;
  readonly endpoints: readonly EndpointHealth[];
};

export type EndpointHealth = {
  readonly url: string;
  readonly up: boolean;
  /** Absent where the host has no address of that family, or only one family was probed. */
  readonly ipv4Up?: boolean;
  readonly ipv6Up?: boolean;
  /** Unix ms of the last change of `up`. */
  readonly since: number;
  /** Why it is down, in words for people: `Unreachable: connection refused`. */
  readonly reason?: string;
};
