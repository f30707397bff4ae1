import type { EndpointHealth } from '@geomirror/catalog/health.ts';
import type { WithheldReason } from '@geomirror/catalog/reason.ts';
import { isFalse, isTrue, isUnknown, timestamp, type Finding } from '../conditions.ts';
import type { MirrorState } from './state.ts';

/** What verification has found lately. */
export type VerificationResult = {
  readonly sampled: number;
  readonly wrong: number;
  readonly lastWrong?: { readonly path: string; readonly reason: string; readonly at: number } | undefined;
  readonly verdict?: Extract<WithheldReason, 'ContentMissing' | 'ContentWrong' | 'TooSlow'> | undefined;
  /** Bodies are refused since then (Unix ms), with a status that is about the asker. */
  readonly refused?: { readonly status: number; readonly since: number } | undefined;
};

/** Everything that a Mirror's conditions follow from. */
export type MirrorFacts = {
  readonly mode: 'Active' | 'Drained' | 'Disabled';
  readonly repositoryName: string;
  readonly repositoryExists: boolean;
  readonly state: MirrorState;
  readonly endpoints: readonly EndpointHealth[];
  readonly verification: VerificationResult;
  readonly now: number;
};

/** Why clients are kept from a mirror whose endpoints may answer; undefined: they are not. */
export function withheldReason(state: MirrorState, verification: VerificationResult): WithheldReason | undefined {
  if (state.inventory === undefined) return 'NotScanned';
  return verification.verdict ?? (state.scans.owedSince === undefined ? undefined : 'AwaitingRescan');
}

/** The conditions of a Mirror, in the order in which people read them. `Ready` is computed from the others. */
export function mirrorFindings(facts: MirrorFacts): Finding[] {
  if (facts.mode === 'Disabled') {
    return [isTrue('Ready', 'Disabled', 'spec.mode is Disabled: the mirror is neither watched nor listed')];
  }
  const parts = [scanned(facts), healthy(facts.endpoints), verified(facts.verification), upToDate(facts)];
  const passing = [...held(facts), ...stalled(facts), ...reconciling(facts)];
  return [ready(facts, parts), ...parts, ...passing];
}

function ready(facts: MirrorFacts, parts: readonly Finding[]): Finding {
  if (facts.mode === 'Drained') {
    return isTrue('Ready', 'Drained', 'spec.mode is Drained: watched and listed, but no client is sent here');
  }
  const obstacle = obstacleOf(facts);
  if (obstacle === undefined) return isTrue('Ready', 'Serving', 'clients are sent here');
  const telling = parts.find(({ type }) => type === toldBy[obstacle]);
  return isFalse('Ready', obstacle, telling?.message ?? explain(obstacle, facts));
}

type Obstacle = WithheldReason | 'RepositoryNotFound' | 'NotProbed' | 'Down' | 'HoldsNothing';

/** Obstacles that another condition explains best. */
const toldBy: Partial<Record<Obstacle, string>> = { NotScanned: 'Scanned', NotProbed: 'Healthy', Down: 'Healthy' };

/** The first thing that keeps clients away. */
function obstacleOf({ repositoryExists, state, endpoints, verification }: MirrorFacts): Obstacle | undefined {
  if (!repositoryExists) return 'RepositoryNotFound';
  if (state.inventory === undefined) return 'NotScanned';
  if (endpoints.length === 0) return 'NotProbed';
  if (!endpoints.some(({ up }) => up)) return 'Down';
  const withheld = withheldReason(state, verification);
  if (withheld !== undefined) return withheld;
  return state.inventory.current + state.inventory.outdated === 0 ? 'HoldsNothing' : undefined;
}

function explain(obstacle: Obstacle, facts: MirrorFacts): string {
  switch (obstacle) {
    case 'RepositoryNotFound':
      return repositoryNotFound(facts);
    case 'AwaitingRescan':
      return 'it was down; clients wait until a scan has shown what it holds now';
    case 'HoldsNothing':
      return holdsNothing(facts);
    case 'ContentMissing':
    case 'ContentWrong':
    case 'TooSlow':
      return verificationMessage(facts.verification);
    case 'NotScanned':
    case 'NotProbed':
    case 'Down':
      return 'not looked at yet';
  }
}

function holdsNothing({ state: { inventory } }: MirrorFacts): string {
  if (inventory?.missing === 0 && inventory.wrongSize === 0) return 'the repository has no files';
  return 'the scan found none of the files as the source has them; does the URL point at the root of the tree?';
}

const repositoryNotFound = ({ repositoryName }: MirrorFacts): string =>
  `there is no Repository "${repositoryName}" in this namespace: create it, or name another in a new Mirror`;

function scanned({ state }: MirrorFacts): Finding {
  const {
    scans: { last },
    inventory,
  } = state;
  if (last === undefined) return isUnknown('Scanned', 'NotScanned', 'not scanned yet');
  const age =
    inventory === undefined ? 'none was accepted yet' : `the inventory in use is of ${timestamp(inventory.scannedAt)}`;
  if (last.outcome === 'Failed') return isFalse('Scanned', last.reason ?? 'Failed', `${last.message}; ${age}`);
  if (last.outcome === 'Held') return isFalse('Scanned', 'Held', `${last.message}; ${age}`);
  return isTrue('Scanned', last.outcome, last.message);
}

function healthy(endpoints: readonly EndpointHealth[]): Finding {
  if (endpoints.length === 0) return isUnknown('Healthy', 'NotProbed', 'not probed yet');
  const down = endpoints.filter(({ up }) => !up);
  if (down.length === 0) return isTrue('Healthy', 'Answering', 'every endpoint answers');
  const message = down.map(({ url, reason }) => `${url}: ${reason ?? 'down'}`).join('; ');
  return isFalse('Healthy', down.length < endpoints.length ? 'PartlyDown' : 'Down', message);
}

function verified(verification: VerificationResult): Finding {
  if (verification.verdict !== undefined)
    return isFalse('Verified', verification.verdict, verificationMessage(verification));
  const refused = refusedMessage(verification);
  if (verification.sampled === 0) return isUnknown('Verified', 'NotSampled', `nothing was sampled yet${refused}`);
  return isTrue('Verified', 'Sampled', `what was sampled lately is as in the source${refused}`);
}

function refusedMessage({ refused }: VerificationResult): string {
  if (refused === undefined) return '';
  const { status, since } = refused;
  const what = `since ${timestamp(since)} it answers our GET with ${status}, so that no body can be compared`;
  return `; ${what}: ask the mirror to let our address through`;
}

/** Without the number of samples, or it would be another message with every one. */
function verificationMessage({ wrong, lastWrong }: VerificationResult): string {
  if (wrong === 0 && lastWrong === undefined) return 'found by samples before the operator started; it is sampled anew';
  const counts = `${wrong} of the last samples wrong`;
  return lastWrong === undefined ? counts : `${counts}; for example ${lastWrong.path}: ${lastWrong.reason}`;
}

/** From here on a mirror counts as following its source. */
const upToDatePercent = 95;

function upToDate({ state: { inventory } }: MirrorFacts): Finding {
  if (inventory === undefined) return isUnknown('UpToDate', 'NotScanned', 'not scanned yet');
  const { current, outdated, wrongSize, missing } = inventory;
  const all = current + outdated + wrongSize + missing;
  const message = `${current} of ${all} files current, ${outdated} outdated, ${wrongSize} of wrong size, ${missing} missing`;
  if (current * 100 >= all * upToDatePercent) return isTrue('UpToDate', 'InStep', message);
  return isFalse('UpToDate', missing >= outdated + wrongSize ? 'Partial' : 'Behind', message);
}

function held({ state }: MirrorFacts): Finding[] {
  return state.held === undefined ? [] : [isTrue('Held', 'ListingLost', state.held.message)];
}

function stalled(facts: MirrorFacts): Finding[] {
  return facts.repositoryExists ? [] : [isTrue('Stalled', 'RepositoryNotFound', repositoryNotFound(facts))];
}

function reconciling({ state }: MirrorFacts): Finding[] {
  return state.scans.running && state.inventory === undefined
    ? [isTrue('Reconciling', 'Scanning', 'the first scan is under way')]
    : [];
}
