import type { Outside } from '../ports.ts';
import { chooseFiles } from './choose-files.ts';
import { applyProbe, isPending, nextProbeInMs, type EndpointState } from './endpoint-health.ts';
import type { Holds } from './holds.ts';
import { probeEndpoint, type ProbeResult } from './probe.ts';
import type { ProbeTarget } from './probe-target.ts';
import { telling, type Watched } from './watched-mirror.ts';

export type ProbeRoundDeps = Pick<Outside, 'client' | 'guard' | 'log' | 'now' | 'random'> & {
  readonly holds: Holds;
  readonly onChange: (uid: string) => void;
  /** An endpoint that was up has failed for the first time. */
  readonly onFirstFailure: (watched: Watched) => void;
  /** It came up, or has a wrong file that was not known: what it serves should be looked at soon. */
  readonly onSuspicion: (watched: Watched) => void;
};

/** Probes one endpoint and draws the consequences; resolves with the milliseconds until the next time. */
export async function probeRound(
  deps: ProbeRoundDeps,
  watched: Watched,
  url: string,
  signal: AbortSignal,
): Promise<number> {
  const { healthCheck, verification, redirects } = watched.mirror;
  watched.turn += 1;
  const result = await probeEndpoint(deps, {
    endpoint: new URL(url),
    target: targetOf(watched, deps.random),
    redirects,
    timeoutMs: healthCheck.timeoutMs,
    turn: watched.turn,
    signal,
  });
  signal.throwIfAborted();
  const before = watched.endpoints.get(url);
  const toldBefore = telling(watched);
  const after = settle(deps, watched, url, result);
  const isSampled = after.up && verification.window > 0;
  const news = isSampled ? result.wrongFiles.filter((wrong) => watched.verification.note(url, wrong)) : [];
  if (news.length > 0) deps.onSuspicion(watched);
  if (telling(watched) !== toldBefore) deps.onChange(watched.mirror.uid);
  tell(deps, watched, before, after);
  return nextProbeInMs(isPending(after), healthCheck.intervalMs, deps.random);
}

const files = 3;

function targetOf({ mirror, verification }: Watched, random: () => number): ProbeTarget {
  const { path } = mirror.healthCheck;
  if (path !== '') return { kind: 'Path', path };
  const chosen = chooseFiles(mirror.files, files, random);
  if (chosen.length > 0) return { kind: 'Files', files: chosen };
  // Where every file was found wrong, an answer of any kind must not look like health.
  const wrong = verification.knownWrong().filter((file) => mirror.files.find(file.path)?.number === file.number);
  return wrong.length > 0 ? { kind: 'Files', files: wrong.slice(0, files) } : { kind: 'Anything' };
}

// First with a hold, so that the mirrors can be looked at with this result among them before anything goes down.
function settle(deps: ProbeRoundDeps, watched: Watched, url: string, result: ProbeResult): EndpointState {
  const before = watched.endpoints.get(url);
  const { healthCheck: thresholds } = watched.mirror;
  const at = { url, thresholds, now: deps.now() };
  const cautious = applyProbe(before, result, { ...at, held: true });
  watched.endpoints.set(url, cautious);
  deps.holds.assess(cautious.up ? cautious.failingSince : undefined, 'Unknown');
  if (deps.holds.current() !== undefined) return cautious;
  const after = applyProbe(before, result, { ...at, held: false });
  watched.endpoints.set(url, after);
  return after;
}

function tell(deps: ProbeRoundDeps, watched: Watched, before: EndpointState | undefined, after: EndpointState): void {
  if (before?.up !== after.up) {
    deps.log.info({ ...fieldsOf(watched, after), up: after.up, reason: after.reason }, 'endpoint changed');
    if (after.up) deps.onSuspicion(watched);
  } else if (families(before) !== families(after)) {
    deps.log.info({ ...fieldsOf(watched, after), ipv4: after.ipv4, ipv6: after.ipv6 }, 'address family changed');
  }
  const wasReached = before?.up === true && before.failingSince === undefined;
  if (wasReached && after.failingSince !== undefined) deps.onFirstFailure(watched);
}

function fieldsOf({ mirror }: Watched, { url }: EndpointState): Readonly<Record<string, string>> {
  return { mirror: mirror.name, repository: mirror.slot, endpoint: url };
}

const families = ({ ipv4, ipv6 }: EndpointState): string => `${ipv4?.up} ${ipv6?.up}`;
