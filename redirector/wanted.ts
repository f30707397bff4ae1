import type { Policy } from '@geomirror/catalog/policy.ts';
import type { Scheme } from './view/endpoints.ts';

/** What a client asks for besides a path. */
export type Wanted = {
  readonly form: 'Redirect' | 'JSON';
  /** JSON for people: indented. */
  readonly pretty: boolean;
  readonly scheme: Scheme;
};

/** What of a request decides that. */
export type Wishes = {
  readonly query: URLSearchParams | undefined;
  readonly accept: string | undefined;
  /** Told by a trusted proxy; undefined: the client speaks to us, over plain HTTP. */
  readonly forwardedProtocol: 'http' | 'https' | undefined;
};

/** Reads the form of answer and the scheme from query, Accept and forwarded protocol, in the bounds of the policy. */
export function readWanted(policy: Policy, { query, accept, forwardedProtocol }: Wishes): Wanted {
  const json = policy.output === 'JSON' || (policy.output === 'Auto' && acceptsJSON(accept));
  return {
    form: json ? 'JSON' : 'Redirect',
    pretty: query?.has('pretty') ?? false,
    scheme: forcedScheme(query) ?? schemeOf(policy, forwardedProtocol),
  };
}

function forcedScheme(query: URLSearchParams | undefined): Scheme | undefined {
  const https = query?.get('https');
  return https === '1' ? 'HTTPS' : https === '0' ? 'HTTP' : undefined;
}

/** A client that came by https is never led down to http. */
function schemeOf(policy: Policy, forwardedProtocol: 'http' | 'https' | undefined): Scheme {
  if (forwardedProtocol === 'https') return 'HTTPS';
  return policy.upgradeToHTTPS ? 'Any' : 'HTTP';
}

/** Whether `application/json` is named and not refused; a wildcard is no wish for it (RFC 9110, section 12.5.1). */
function acceptsJSON(accept: string | undefined): boolean {
  if (accept === undefined || accept === '*/*') return false;
  return accept
    .toLowerCase()
    .split(',')
    .map((range) => range.split(';').map((part) => part.trim()))
    .some(
      ([type, ...parameters]) => type === 'application/json' && !parameters.some((each) => /^q=0(\.0*)?$/.test(each)),
    );
}
