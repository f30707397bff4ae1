import { createJobs, type Jobs } from '../jobs.ts';
import type { Outside } from '../ports.ts';
import { askCanaries } from './canaries.ts';
import type { ProbeFile } from './choose-files.ts';
import type { Disputed, Testimony } from './disputes.ts';
import { createHearings, type Hearings } from './hearings.ts';
import { createHolds, type Hold, type Holds } from './holds.ts';
import { probeRound } from './probe-round.ts';
import type { Pace } from './read-body.ts';
import type { ContentReason } from './rolling-window.ts';
import { createVerification } from './verification.ts';
import { remoteHost } from '../network/remote-host.ts';
import { createRounds, type Round, type Rounds } from './rounds.ts';
import { verifyFile, type FileCheck } from './verify-file.ts';
import { verifyRound } from './verify-round.ts';
import { chooseWitnesses } from './witnesses.ts';
import {
  answeringEndpoints,
  heardOf,
  pendingEndpoints,
  stateOf,
  type MirrorProbeState,
  type ProbedMirror,
  type Watched,
} from './watched-mirror.ts';

export type ProberDeps = Outside & {
  /** Something of state(uid) changed that people or redirectors should know. */
  readonly onChange: (uid: string) => void;
  /** The file is not to be had from that mirror although it is listed. */
  readonly onWrongFile: (uid: string, path: string, reason: ContentReason) => void;
  /** A file that was wrong is right again. */
  readonly onCleanFile: (uid: string, path: string) => void;
  /** Nothing is known any more of a file that was wrong: a listing may be believed again. */
  readonly onForgottenFile: (uid: string, path: string) => void;
  /** A mass failure holds all verdicts, or (undefined) does so no more. */
  readonly onHold: (hold: Hold | undefined) => void;
  /** What disputed(slot) tells has changed. */
  readonly onDisputed: (slot: string) => void;
};

export type ProberSettings = {
  /** Asked in a mass failure whether anything else of the world answers. */
  readonly canaries: readonly URL[];
  /** Probes at once; as many checks of content again. */
  readonly atOnce: number;
  /** The slowest body that is good enough. */
  readonly pace: Pace;
};

export const proberDefaults: ProberSettings = {
  canaries: [],
  atOnce: 32,
  pace: { afterMs: 10_000, bytesPerSecond: 8000, longestMs: 60_000 },
};

/** Probes the endpoints of a changing set of mirrors and samples what they serve. */
export type Prober = {
  /** All mirrors to be probed from now on. What is known of those that stay is kept. */
  set(mirrors: readonly ProbedMirror[]): void;
  /** Does not wait for the interval. */
  probeNow(uid: string): void;
  /** Undefined for a mirror that is not in the set. */
  state(uid: string): MirrorProbeState | undefined;
  hold(): Hold | undefined;
  /** Files of a repository on which mirrors agree against the source's digests; undefined: none. */
  disputed(slot: string): Disputed | undefined;
  /** Works until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
};

const canaryEveryMs = 10_000;
const canaryTimeoutMs = 5000;
const firstWithinMs = 5000;

export function createProber(deps: ProberDeps, settings: ProberSettings = proberDefaults): Prober {
  const world = createWorld(deps, settings);
  const { watched, rounds } = world;
  return {
    set(mirrors) {
      const uids = new Set(mirrors.map(({ uid }) => uid));
      for (const each of watched.values()) if (!uids.has(each.mirror.uid)) forget(world, each);
      for (const mirror of mirrors) watch(world, mirror);
    },
    probeNow(uid) {
      const each = watched.get(uid);
      if (each !== undefined) for (const url of each.mirror.endpoints) rounds.hasten(probeKey(uid, url));
      hastenVerify(world, each);
    },
    state(uid) {
      const each = watched.get(uid);
      return each && stateOf(each);
    },
    hold: () => world.holds.current(),
    disputed: (slot) => world.hearings.disputed(slot),
    run: (signal) => rounds.run(signal),
  };
}

type World = {
  readonly deps: ProberDeps;
  readonly settings: ProberSettings;
  readonly watched: Map<string, Watched>;
  readonly rounds: Rounds;
  readonly holds: Holds;
  readonly hearings: Hearings;
  /** Probes and checks of content wait for different turns: a body that trickles must not delay a probe. */
  readonly probeJobs: Jobs;
  readonly verifyJobs: Jobs;
};

function createWorld(deps: ProberDeps, settings: ProberSettings): World {
  const watched = new Map<string, Watched>();
  const rounds = createRounds((key, error) => deps.log.error({ key, err: error }, 'probe crashed'));
  const holds: Holds = createHolds({
    now: deps.now,
    mirrors: () => [...watched.values()].map(heardOf).filter((heard) => heard !== undefined),
    onChange(hold) {
      if (hold === undefined) hastenPending(world);
      else rounds.add(canaryKey, canaryRound(world), 0);
      deps.onHold(hold);
    },
  });
  const { atOnce } = settings;
  const hearings = createHearings({ ...deps, watched, summon: (uid) => rounds.hasten(verifyKey(uid)) });
  const jobs = { probeJobs: createJobs(atOnce), verifyJobs: createJobs(atOnce) };
  const world: World = { deps, settings, watched, rounds, holds, hearings, ...jobs };
  return world;
}

/** What was held is decided now. */
function hastenPending({ watched, rounds }: World): void {
  for (const each of watched.values()) {
    for (const url of pendingEndpoints(each)) rounds.hasten(probeKey(each.mirror.uid, url));
  }
}

function canaryRound({ deps, settings, holds, rounds }: World): Round {
  return {
    jobs: createJobs(1),
    host: '',
    async work(signal) {
      const canaries = await askCanaries(deps, settings.canaries, canaryTimeoutMs, signal);
      holds.assess(undefined, canaries);
      if (holds.current() === undefined) rounds.remove(canaryKey);
      return canaryEveryMs;
    },
  };
}

function watch(world: World, mirror: ProbedMirror): void {
  const { watched, rounds, deps } = world;
  const known = watched.get(mirror.uid);
  const each = known ?? createWatched(world, mirror);
  const before = each.mirror;
  each.mirror = mirror;
  watched.set(mirror.uid, each);
  for (const url of before.endpoints) if (!mirror.endpoints.includes(url)) forgetEndpoint(world, each, url);
  const { intervalMs } = mirror.healthCheck;
  const first = Math.min(intervalMs, firstWithinMs);
  for (const url of mirror.endpoints) {
    rounds.add(probeKey(mirror.uid, url), probeRoundOf(world, each, url), first * deps.random());
  }
  if (known !== undefined && howProbed(before) !== howProbed(mirror)) {
    for (const url of mirror.endpoints) rounds.hasten(probeKey(mirror.uid, url), first * deps.random());
  }
}

function howProbed({ healthCheck, redirects }: ProbedMirror): string {
  return JSON.stringify([healthCheck, redirects]);
}

function createWatched({ deps, settings, rounds, hearings, verifyJobs }: World, mirror: ProbedMirror): Watched {
  const { uid } = mirror;
  const verificationDeps = {
    ...deps,
    verifyFile: (check: FileCheck) => verifyFile(deps.client, check),
    pace: settings.pace,
    onWrong: (path: string, reason: ContentReason) => deps.onWrongFile(uid, path, reason),
    onClean: (path: string) => deps.onCleanFile(uid, path),
    onForgotten: (path: string) => deps.onForgottenFile(uid, path),
    hear: (file: ProbeFile, testimony: Testimony) => hearings.hear(mirror, file, testimony),
    due: () => hearings.due(mirror),
  };
  const before = mirror.verification.window === 0 ? undefined : mirror.withheldBefore;
  const verification = createVerification(verificationDeps, mirror.verification, before);
  const each: Watched = { mirror, endpoints: new Map(), verification, turn: 0, checkAt: 0 };
  const host = remoteHost(mirror.endpoints[0] ?? 'http://none.invalid/');
  const round = { jobs: verifyJobs, host, work: (signal: AbortSignal) => verifyRound(deps, each, signal) };
  rounds.add(verifyKey(uid), round, mirror.healthCheck.intervalMs);
  return each;
}

function hastenVerify({ rounds }: World, each: Watched | undefined): void {
  if (each === undefined) return;
  each.checkAt = 0;
  rounds.hasten(verifyKey(each.mirror.uid));
}

function probeRoundOf(world: World, each: Watched, url: string): Round {
  const { deps, holds, probeJobs } = world;
  const round = {
    ...deps,
    holds,
    onFirstFailure: () => callWitnesses(world, each),
    onSuspicion: () => hastenVerify(world, each),
  };
  return { jobs: probeJobs, host: remoteHost(url), work: (signal) => probeRound(round, each, url, signal) };
}

/** Has a few other mirrors probed at once: before one goes down it should be known whether all do. */
function callWitnesses({ deps, watched, rounds }: World, failed: Watched): void {
  const others = [...watched.values()].filter((each) => each !== failed && answeringEndpoints(each).length > 0);
  for (const each of chooseWitnesses(others, deps.random)) {
    for (const url of answeringEndpoints(each)) rounds.hasten(probeKey(each.mirror.uid, url));
  }
}

function forget(world: World, each: Watched): void {
  const { uid, endpoints } = each.mirror;
  for (const url of endpoints) forgetEndpoint(world, each, url);
  world.rounds.remove(verifyKey(uid));
  world.watched.delete(uid);
  world.hearings.forget(each.mirror);
}

function forgetEndpoint({ rounds }: World, each: Watched, url: string): void {
  rounds.remove(probeKey(each.mirror.uid, url));
  each.endpoints.delete(url);
}

const canaryKey = 'canaries';
const probeKey = (uid: string, url: string): string => `probe ${uid} ${url}`;
const verifyKey = (uid: string): string => `verify ${uid}`;
