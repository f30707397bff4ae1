import { isDeepStrictEqual } from 'node:util';
import type { Location } from '@geomirror/catalog/policy.ts';
import { mergeConditions, timestamp, writtenAttempt, writtenHeld } from '../conditions.ts';
import { defined } from '../defined.ts';
import type { ProbedEndpoint } from '../probe/endpoint-health.ts';
import type { Mirror, MirrorStatus } from '../resources/mirror.ts';
import { mirrorFindings, type MirrorFacts, type VerificationResult } from './conditions.ts';
import type { Inventory } from './state.ts';
import { zoneOf } from './times.ts';

export type MirrorStatusFacts = Omit<MirrorFacts, 'endpoints'> & {
  readonly mirror: Mirror;
  readonly before: MirrorStatus | undefined;
  readonly endpoints: readonly ProbedEndpoint[];
};

/** The whole status of a Mirror, computed anew each time. */
export function mirrorStatus(facts: MirrorStatusFacts): MirrorStatus {
  const { mirror, state, endpoints, before, now } = facts;
  const generation = mirror.metadata.generation;
  const { scans, inventory, held, locationSource: source } = state;
  return {
    observedGeneration: generation,
    ...defined({
      location: source && { ...writtenLocation(state.location), source },
      lastHandledScanRequest: state.handledRequest,
      lastScan: scans.last && writtenAttempt(scans.last),
      inventory: inventory && writtenInventory(inventory),
      held: held && writtenHeld(held),
    }),
    endpoints: endpoints.map(writtenEndpoint),
    verification: writtenVerification(facts.verification),
    conditions: mergeConditions(before?.conditions ?? [], mirrorFindings(facts), generation, now),
  };
}

function writtenVerification({
  sampled,
  wrong,
  lastWrong,
}: VerificationResult): NonNullable<MirrorStatus['verification']> {
  if (lastWrong === undefined) return { sampled, wrong };
  const { path, reason, at } = lastWrong;
  return { sampled, wrong, lastWrong: { path, reason, at: timestamp(at) } };
}

/** Whether a status says nothing new: one more sample alone is no news. */
export function saysTheSame(status: MirrorStatus, before: MirrorStatus): boolean {
  const withoutSampled = (given: MirrorStatus): MirrorStatus => ({
    ...given,
    verification: { ...given.verification, sampled: 0 },
  });
  return isDeepStrictEqual(withoutSampled(status), withoutSampled(before));
}

function writtenInventory(inventory: Inventory): NonNullable<MirrorStatus['inventory']> {
  const { files, current, outdated, wrongSize, missing, times } = inventory;
  const all = current + outdated + wrongSize + missing;
  return {
    scannedAt: timestamp(inventory.scannedAt),
    protocol: inventory.protocol,
    files,
    current,
    outdated,
    wrongSize,
    missing,
    currentPercent: all === 0 ? '0%' : `${Math.floor((current * 1000) / all) / 10}%`,
    timezoneOffset: zoneOf(times),
    keepsTimes: times.keepsTimes,
  };
}

function writtenEndpoint(endpoint: ProbedEndpoint): NonNullable<MirrorStatus['endpoints']>[number] {
  const { url, up, ipv4Up, ipv6Up, since, reason, certificateExpiresAt: expiresAt } = endpoint;
  const certificateExpires = expiresAt === undefined ? undefined : timestamp(expiresAt);
  return { url, up, since: timestamp(since), ...defined({ ipv4Up, ipv6Up, reason, certificateExpires }) };
}

function writtenLocation({ latitude, longitude, ...rest }: Location): NonNullable<MirrorStatus['location']> {
  return { ...rest, ...defined({ latitude: latitude?.toString(), longitude: longitude?.toString() }) };
}
