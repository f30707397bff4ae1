import type { Slot } from '@geomirror/catalog/manifest.ts';
import type { FailureReason } from '../failures.ts';
import type { Ledger } from '../publish/ledger.ts';
import type { Publisher } from '../publish/publisher.ts';
import type { Held } from '../scan/guard.ts';
import type { Freshness, Scope } from './freshness.ts';

/** What the operator knows of one repository beyond its resource. */
export type RepositoryState = {
  readonly uid: string;
  readonly slot: Slot;
  readonly ledger: Ledger;
  readonly publisher: Publisher;
  /** Compiled from the spec of `generation`. */
  scope: Scope;
  freshness: Freshness;
  generation: number | undefined;
  indexing: boolean;
  lastIndex: IndexAttempt | undefined;
  /** Unix ms of the last accepted index; undefined: none yet. */
  indexedAt: number | undefined;
  held: (Held & { readonly since: number }) | undefined;
  failuresInARow: number;
  handledScanRequest: string | undefined;
  handledPublishRequest: string | undefined;
  /** `spec.source` as it was at the last attempt. */
  indexedSpec: string | undefined;
  publication: Publication;
};

export type IndexAttempt = {
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly outcome: 'Succeeded' | 'PartlyUnreadable' | 'Held' | 'Failed';
  readonly reason: FailureReason | undefined;
  readonly message: string;
};

export type Publication =
  | { readonly kind: 'None' }
  | { readonly kind: 'Published'; readonly revision: number; readonly at: number }
  | { readonly kind: 'Failed'; readonly message: string }
  | { readonly kind: 'Fenced' }
  | { readonly kind: 'Rebuilding'; readonly message: string };
