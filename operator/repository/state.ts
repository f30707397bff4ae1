import type { Health } from '@geomirror/catalog/health.ts';
import type { Slot } from '@geomirror/catalog/manifest.ts';
import type { Attempts } from '../attempts.ts';
import type { Ledger } from '../publish/ledger.ts';
import type { Publisher } from '../publish/publisher.ts';
import type { Held } from '../scan/guard.ts';
import type { Freshness, Scope } from './freshness.ts';
import type { RestoredMirror } from './restored.ts';

/** What the operator knows of one repository beyond its resource. */
export type RepositoryState = {
  readonly uid: string;
  /** Also the key of the resource. */
  readonly slot: Slot;
  /** Unix ms when this process took the repository on. */
  readonly startedAt: number;
  /** Ends its work when the resource is deleted. */
  readonly stop: AbortController;
  readonly ledger: Ledger;
  readonly publisher: Publisher;
  /** Mirrors by UID, as the store had them when this process started. */
  readonly restored: ReadonlyMap<string, RestoredMirror>;
  /** Compiled from the spec of `generation`. */
  scope: Scope;
  freshness: Freshness;
  generation: number;
  indexes: Attempts;
  /** Unix ms of the last accepted index; undefined: none yet. */
  indexedAt: number | undefined;
  held: (Held & { readonly since: number }) | undefined;
  /** What the annotation accept-held says, once it has accepted a loss. */
  usedAcceptance: string | undefined;
  handledScanRequest: string | undefined;
  /** The publish request whose index is done; mirrors are scanned for it next. */
  indexedPublishRequest: string | undefined;
  /** The publish request for which the mirrors have been scanned; what that found is published next. */
  scannedPublishRequest: string | undefined;
  handledPublishRequest: string | undefined;
  publication: Publication;
  /** The health record written last, be it by the process before. */
  health: Health | undefined;
  /** Unix ms of the last clean-up of the store. */
  cleanedAt: number;
};

/** How the last publication went. */
export type Publication =
  | { readonly kind: 'None' }
  /** `at`: Unix ms when it began; what was in the ledger by then is in it. */
  | { readonly kind: 'Published'; readonly revision: number; readonly at: number }
  | { readonly kind: 'Failed'; readonly message: string }
  | { readonly kind: 'Fenced' }
  | { readonly kind: 'Rebuilding'; readonly message: string };
