import { isDeepStrictEqual } from 'node:util';
import type { Location } from '@geomirror/catalog/policy.ts';
import { mergeConditions, timestamp } from '../conditions.ts';
import type { ProbedEndpoint } from '../probe/endpoint-health.ts';
import type { Mirror, MirrorStatus } from '../resources/mirror.ts';
import { mirrorFindings, type MirrorFacts } from './conditions.ts';
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
  const { last } = state.scans;
  const { lastWrong } = facts.verification;
  return {
    observedGeneration: generation,
    ...(state.locationSource === undefined
      ? {}
      : { location: { ...writtenLocation(state.location), source: state.locationSource } }),
    ...(state.handledRequest === undefined ? {} : { lastHandledScanRequest: state.handledRequest }),
    ...(last === undefined
      ? {}
      : {
          lastScan: {
            startedAt: timestamp(last.startedAt),
            finishedAt: timestamp(last.finishedAt),
            outcome: last.outcome,
            message: last.message,
          },
        }),
    ...(state.inventory === undefined ? {} : { inventory: writtenInventory(state.inventory) }),
    endpoints: endpoints.map(writtenEndpoint),
    verification: {
      sampled: facts.verification.sampled,
      wrong: facts.verification.wrong,
      ...(lastWrong === undefined
        ? {}
        : { lastWrong: { path: lastWrong.path, reason: lastWrong.reason, at: timestamp(lastWrong.at) } }),
    },
    ...(state.held === undefined
      ? {}
      : { held: { id: state.held.id, since: timestamp(state.held.since), removed: state.held.removed } }),
    conditions: mergeConditions(before?.conditions ?? [], mirrorFindings(facts), generation, now),
  };
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
  const { url, up, ipv4Up, ipv6Up, since, reason, certificateExpiresAt } = endpoint;
  return {
    url,
    up,
    ...(ipv4Up === undefined ? {} : { ipv4Up }),
    ...(ipv6Up === undefined ? {} : { ipv6Up }),
    since: timestamp(since),
    ...(reason === undefined ? {} : { reason }),
    ...(certificateExpiresAt === undefined ? {} : { certificateExpires: timestamp(certificateExpiresAt) }),
  };
}

function writtenLocation(location: Location): NonNullable<MirrorStatus['location']> {
  const { latitude, longitude, ...rest } = location;
  return {
    ...rest,
    ...(latitude === undefined ? {} : { latitude: String(latitude) }),
    ...(longitude === undefined ? {} : { longitude: String(longitude) }),
  };
}
