import type { Location } from '@geomirror/catalog/policy.ts';
import type { FailureReason } from '../failures.ts';
import type { Loss } from '../scan/loss.ts';
import type { Held } from '../scan/guard.ts';
import type { MirrorCounts } from './plan.ts';
import type { TimeJudgement } from './times.ts';

/** What the operator knows of one mirror beyond its resource, its column (ledger) and its probes (prober). */
export type MirrorState = {
  readonly uid: string;
  readonly repositoryUid: string;
  location: Location;
  locationSource: 'GeoIP' | 'Spec' | undefined;
  scanning: boolean;
  /** The last attempt, whatever came of it. */
  lastScan: ScanAttempt | undefined;
  /** The last accepted one. */
  inventory: Inventory | undefined;
  held: (Held & { readonly since: number; readonly loss: Loss }) | undefined;
  failuresInARow: number;
  /** Token of the scan request that was answered last. */
  handledRequest: string | undefined;
  /** `spec.scan` and endpoints as they were at the last attempt: a change is a reason to scan. */
  scannedSpec: string | undefined;
  /** Since when a scan is owed because the mirror was down (Unix ms); clients wait for it. */
  rescanOwedSince: number | undefined;
  /** Paths that verification found wrong and not yet clean again. */
  readonly foundWrong: Set<string>;
};

export type ScanAttempt = {
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly outcome: 'Succeeded' | 'PartlyUnreadable' | 'Held' | 'Failed';
  readonly reason: FailureReason | 'SampleMismatch' | 'SourceNotIndexed' | undefined;
  readonly message: string;
};

export type Inventory = MirrorCounts & {
  readonly scannedAt: number;
  readonly protocol: string;
  readonly times: TimeJudgement;
};

export function newMirrorState(uid: string, repositoryUid: string): MirrorState {
  return {
    uid,
    repositoryUid,
    location: { additionalCountries: [], asns: [], networks: [], global: false },
    locationSource: undefined,
    scanning: false,
    lastScan: undefined,
    inventory: undefined,
    held: undefined,
    failuresInARow: 0,
    handledRequest: undefined,
    scannedSpec: undefined,
    rescanOwedSince: undefined,
    foundWrong: new Set(),
  };
}
