import { isPending, probedEndpoint, type EndpointState, type ProbedEndpoint } from './endpoint-health.ts';
import type { RedirectRule } from './ask.ts';
import type { FileSource } from './choose-files.ts';
import type { Heard } from './mass-failure.ts';
import type { VerificationState } from './judgement.ts';
import type { ContentReason } from './rolling-window.ts';
import type { Verification, VerificationRules } from './verification.ts';

/** A mirror to be probed: what the prober needs of the resource and of the catalog. */
export type ProbedMirror = {
  readonly uid: string;
  readonly name: string;
  /** `namespace/name` of its Repository. */
  readonly slot: string;
  /** http and https URLs that end with a slash. */
  readonly endpoints: readonly string[];
  readonly healthCheck: HealthCheck;
  readonly verification: VerificationRules;
  /** Why samples withheld it when it was heard of last, be it by the process before. */
  readonly withheldBefore?: ContentReason | undefined;
  readonly redirects: RedirectRule;
  readonly files: FileSource;
};

/** CRD field `healthCheck`. */
export type HealthCheck = {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly failureThreshold: number;
  readonly successThreshold: number;
  /** Relative to the endpoint; empty: files that source and mirror both have. */
  readonly path: string;
};

/** What is known of a mirror by probes and samples. */
export type MirrorProbeState = {
  /** In the resource's order, without those that were not probed yet. */
  readonly endpoints: readonly ProbedEndpoint[];
  /** Unix ms of the last probe of any of them. */
  readonly probedAt?: number;
  readonly verification: VerificationState;
};

/** A mirror while it is probed. */
export type Watched = {
  mirror: ProbedMirror;
  readonly endpoints: Map<string, EndpointState>;
  readonly verification: Verification;
  /** Counts probes, so that each address of a host gets its turn. */
  turn: number;
  /** Unix ms of the next check of content that is not about a dispute; 0: at once. */
  checkAt: number;
};

/** The state as the world is told of it. */
export function stateOf({ mirror, endpoints, verification }: Watched): MirrorProbeState {
  const probed = mirror.endpoints.map((url) => endpoints.get(url)).filter((state) => state !== undefined);
  return {
    endpoints: probed.map(probedEndpoint),
    ...(probed.length > 0 && { probedAt: Math.max(...probed.map((state) => state.probedAt)) }),
    verification: verification.state(),
  };
}

/** What a change of is worth telling: not the time of the last probe, nor the number of samples beyond the first. */
export function telling(watched: Watched): string {
  const { endpoints, verification } = stateOf(watched);
  const { sampled, wrong, verdict, lastWrong, refused } = verification;
  return JSON.stringify({ endpoints, isSampled: sampled > 0, wrong, verdict, lastWrong, refused });
}

/** The mirror as a witness in a mass failure; undefined before its first probe. */
export function heardOf({ endpoints }: Watched): Heard | undefined {
  const states = [...endpoints.values()];
  if (states.length === 0) return undefined;
  return {
    up: states.some((state) => state.up),
    since: Math.max(...states.map((state) => state.since)),
    failing: states.every((state) => state.failingSince !== undefined),
    heardAt: Math.max(...states.map((state) => state.probedAt)),
  };
}

/** Endpoints that are up and were reached by their last probe. */
export function answeringEndpoints({ mirror, endpoints }: Watched): readonly string[] {
  return mirror.endpoints.filter((url) => {
    const state = endpoints.get(url);
    return state?.up === true && state.failingSince === undefined;
  });
}

/** Endpoints whose verdict the last probe contradicted. */
export function pendingEndpoints({ endpoints }: Watched): readonly string[] {
  return [...endpoints.values()].filter(isPending).map((state) => state.url);
}
