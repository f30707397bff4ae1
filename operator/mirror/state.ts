import type { Location } from '@geomirror/catalog/policy.ts';
import { noAttempts, type Attempts } from '../attempts.ts';
import type { Held } from '../scan/guard.ts';
import type { Loss } from '../scan/loss.ts';
import type { MirrorCounts } from './plan.ts';
import type { TimeJudgement } from './times.ts';

/** What the operator knows of one mirror beyond its resource, its column (ledger) and its probes (prober). */
export type MirrorState = {
  readonly uid: string;
  /** `namespace/name` of the Mirror. */
  readonly key: string;
  readonly repositoryUid: string;
  /** Ends its scan when the mirror is deleted or disabled. */
  readonly stop: AbortController;
  location: Location;
  locationSource: 'GeoIP' | 'Spec' | undefined;
  /** Generation of the spec that `location` follows from; undefined: to be looked up again. */
  locatedGeneration: number | undefined;
  scans: Attempts;
  /** The last accepted scan. */
  inventory: Inventory | undefined;
  held: (Held & { readonly since: number; readonly loss: Loss }) | undefined;
  /** The annotation's token that a finished scan answered. */
  handledRequest: string | undefined;
  /** Whether any endpoint was up when last looked at; undefined before the first probe. */
  wasUp: boolean | undefined;
  /** Unix ms when its status was written last. */
  reportedAt: number;
  /** Paths that verification found wrong and not yet clean again. */
  readonly foundWrong: Set<string>;
};

export type Inventory = MirrorCounts & {
  /** Unix ms. */
  readonly scannedAt: number;
  readonly protocol: string;
  readonly times: TimeJudgement;
};

export function newMirrorState(identity: Pick<MirrorState, 'uid' | 'key' | 'repositoryUid'>): MirrorState {
  return {
    ...identity,
    stop: new AbortController(),
    location: { additionalCountries: [], asns: [], networks: [], global: false },
    locationSource: undefined,
    locatedGeneration: undefined,
    scans: noAttempts,
    inventory: undefined,
    held: undefined,
    handledRequest: undefined,
    wasUp: undefined,
    reportedAt: 0,
    foundWrong: new Set(),
  };
}
