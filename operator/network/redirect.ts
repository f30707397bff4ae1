import { Failure, printableURL } from '../failures.ts';

/** `SameSite`: the same host, a subdomain of it or a parent of it, under any scheme. */
export type RedirectPolicy = 'Forbid' | 'SameSite' | 'Allow';

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Where an answer leads under the policy, or undefined if it is no redirect; throws Failure RedirectRefused or ProtocolError. */
export function nextHop(
  from: URL,
  answer: { readonly status: number; readonly location: string | undefined },
  policy: RedirectPolicy,
): URL | undefined {
  if (!redirectStatuses.has(answer.status) || answer.location === undefined) return undefined;
  const to = URL.canParse(answer.location, from) ? new URL(answer.location, from) : undefined;
  if (to === undefined) throw new Failure('ProtocolError', `${printableURL(from)} redirects to what is not a URL`);
  const refusal = refuseHop(from, to, policy);
  if (refusal === undefined) return to;
  throw new Failure('RedirectRefused', `${printableURL(from)} redirects to ${printableURL(to)}: ${refusal}`);
}

function refuseHop(from: URL, to: URL, policy: RedirectPolicy): string | undefined {
  if (to.protocol !== 'http:' && to.protocol !== 'https:') return 'not a web address';
  if (policy === 'Forbid') return 'redirectPolicy is Forbid';
  if (policy === 'SameSite' && !sameSite(from.hostname, to.hostname)) {
    return 'another site; set redirectPolicy to Allow if this is meant';
  }
  return undefined;
}

function sameSite(one: string, other: string): boolean {
  return one === other || one.endsWith(`.${other}`) || other.endsWith(`.${one}`);
}
