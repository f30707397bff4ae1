import { Failure, printableURL, type FailureReason } from '../failures.ts';
import type { HTTPClient } from '../network/client.ts';
import type { Address, AddressGuard } from '../network/guard.ts';
import type { Complaint } from './answer.ts';
import { askHead, type RedirectRule } from './ask.ts';
import type { ProbeFile } from './choose-files.ts';
import { stepsOf, type ProbeStep, type ProbeTarget } from './probe-target.ts';

export type ProbeDeps = { readonly client: HTTPClient; readonly guard: Pick<AddressGuard, 'resolve'> };

export type Probe = {
  readonly endpoint: URL;
  readonly target: ProbeTarget;
  readonly redirects: RedirectRule;
  /** For the name's resolution and for each answer. */
  readonly timeoutMs: number;
  /** Counts up from probe to probe: of a host with several addresses each gets its turn. */
  readonly turn: number;
  readonly signal: AbortSignal;
};

/** What one address family of a host did. */
export type FamilyOutcome = { readonly kind: 'OK' } | Failed;

export type Failed = {
  readonly kind: 'Failed';
  readonly reason: FailureReason | Complaint['reason'];
  /** A sentence for people with URL and status or error. */
  readonly detail: string;
};

export type ProbeResult = {
  /** The host has no address that may be spoken to. */
  readonly unresolved?: Failed | undefined;
  /** Absent where the host has no address of that family, or this machine no way to it. */
  readonly ipv4?: FamilyOutcome | undefined;
  readonly ipv6?: FamilyOutcome | undefined;
  /** Unix ms, of the last TLS connection whose certificate was accepted. */
  readonly certificateExpiresAt?: number | undefined;
  /** Files that were missing or had another size, whatever the outcome. */
  readonly wrongFiles: readonly WrongFile[];
};

export type WrongFile = {
  readonly file: ProbeFile;
  readonly reason: 'ContentMissing' | 'ContentWrong';
  readonly detail: string;
};

/** Probes one address of each family of the endpoint's host, one after the other. Throws only when the signal aborts. */
export async function probeEndpoint(deps: ProbeDeps, probe: Probe): Promise<ProbeResult> {
  const notes: Notes = { wrongFiles: [] };
  try {
    const addresses = await resolveHost(deps.guard, probe);
    const ipv4 = await probeFamily(deps.client, probe, addressOf(addresses, 4, probe.turn), notes);
    const ipv6 = await probeFamily(deps.client, probe, addressOf(addresses, 6, probe.turn), notes);
    return {
      ipv4: ipv6 !== undefined && ipv4?.noRoute === true ? undefined : ipv4?.outcome,
      ipv6: ipv4 !== undefined && ipv6?.noRoute === true ? undefined : ipv6?.outcome,
      ...notes,
    };
  } catch (error) {
    return { unresolved: failedBy(error, probe), ...notes };
  }
}

/** What is learned besides the outcomes. */
type Notes = { certificateExpiresAt?: number; readonly wrongFiles: WrongFile[] };

async function resolveHost(guard: ProbeDeps['guard'], probe: Probe): Promise<readonly Address[]> {
  const host = probe.endpoint.hostname.replace(/^\[|\]$/g, '');
  const limit = AbortSignal.timeout(probe.timeoutMs);
  try {
    return await guard.resolve(host, AbortSignal.any([probe.signal, limit]));
  } catch (error) {
    if (!limit.aborted || probe.signal.aborted) throw error;
    throw new Failure('Timeout', `looking up ${host}: no answer for ${probe.timeoutMs / 1000} s`, { cause: error });
  }
}

function addressOf(addresses: readonly Address[], family: 4 | 6, turn: number): Address | undefined {
  const ofFamily = addresses.filter((each) => each.family === family);
  // Name servers rotate their answers: in one order, turns reach all of them.
  ofFamily.sort((a, b) => (a.address < b.address ? -1 : 1));
  return ofFamily[turn % Math.max(ofFamily.length, 1)];
}

type FamilyReport = {
  readonly outcome: FamilyOutcome;
  /** This machine cannot speak that family at all, which says nothing of the host. */
  readonly noRoute: boolean;
};

async function probeFamily(
  client: HTTPClient,
  probe: Probe,
  address: Address | undefined,
  notes: Notes,
): Promise<FamilyReport | undefined> {
  if (address === undefined) return undefined;
  let outcome: FamilyOutcome = { kind: 'OK' };
  try {
    for (const step of stepsOf(probe.endpoint, probe.target)) {
      const complained = await take(client, probe, { step, address }, notes);
      outcome = complained === undefined ? { kind: 'OK' } : { kind: 'Failed', ...complained };
      if (complained?.reason !== 'ContentMissing') break;
    }
    return { outcome, noRoute: false };
  } catch (error) {
    const failed = failedBy(error, probe);
    const answered = failed.reason === 'RedirectRefused' && probe.target.kind === 'Anything';
    return { outcome: answered ? { kind: 'OK' } : failed, noRoute: isNoRoute(error) };
  }
}

async function take(
  client: HTTPClient,
  { redirects, timeoutMs, signal }: Probe,
  { step, address }: { readonly step: ProbeStep; readonly address: Address },
  notes: Notes,
): Promise<Complaint | undefined> {
  const { url, file, judge } = step;
  const answer = await askHead(client, { url, redirects, timeoutMs, signal, address });
  if (answer.certificateExpiresAt !== undefined) notes.certificateExpiresAt = answer.certificateExpiresAt;
  const complained = judge(answer);
  if (complained === undefined || file === undefined) return complained;
  const { reason, detail } = complained;
  if (reason === 'ContentMissing' || reason === 'ContentWrong') notes.wrongFiles.push({ file, reason, detail });
  return complained;
}

function failedBy(error: unknown, { signal, endpoint }: Probe): Failed {
  signal.throwIfAborted();
  if (!(error instanceof Failure)) throw error;
  const { reason, message } = error;
  return {
    kind: 'Failed',
    reason,
    detail: message.includes('://') ? message : `${printableURL(endpoint)}: ${message}`,
  };
}

function isNoRoute(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && (cause.code === 'ENETUNREACH' || cause.code === 'EADDRNOTAVAIL')) return true;
  }
  return false;
}
