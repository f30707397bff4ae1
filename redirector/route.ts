import type { Slot } from '@geomirror/catalog/manifest.ts';
import { forOneClient, type Answer } from './answer/answer.ts';
import { badRequest, methodNotAllowed, notFound, unavailable } from './answer/errors.ts';
import type { Describe } from './answer/json.ts';
import { notModified } from './answer/not-modified.ts';
import { redirectTo, urlPath } from './answer/redirect.ts';
import { entityTag, isNotModified, type Conditions } from './answer/validators.ts';
import { forwardedProtocol, type TrustedProxies } from './client.ts';
import { decide, leadsToOutdated } from './decide.ts';
import { clientNetwork } from './geo/address.ts';
import { locate, type Asked } from './locate.ts';
import { parseTarget, type Target } from './target.ts';
import type { Choose } from './select/choose.ts';
import type { ServedRepository } from './view/repository.ts';
import type { View } from './view/view.ts';
import { readWanted, type Wanted } from './wanted.ts';

/** What a redirector reads of a request. */
export type Request = Conditions & {
  readonly method: string;
  /** The request target as it came, a character for a byte. */
  readonly target: string;
  readonly host: string;
  /** The address of the other end; '' where it has none. */
  readonly peer: string;
  readonly forwardedFor: string | undefined;
  readonly forwardedProto: string | undefined;
  readonly accept: string | undefined;
};

export type RouteDeps = {
  /** Undefined until the store was read once. */
  readonly view: () => View | undefined;
  readonly trusted: TrustedProxies;
  /** By `clientAddress`. */
  readonly clientAddress: (peer: string, forwardedFor: string | undefined) => string;
  /** Unix ms. */
  readonly now: () => number;
  /** From [0, 1). */
  readonly draw: () => number;
  readonly choose: Choose;
  readonly describe: Describe;
  /** Told of every file of a repository that is asked for; what clients want is what mirrors are sampled for. */
  readonly onAsked: (slot: Slot, path: string) => void;
};

/** An answer and the repository that it is about, if any. */
export type Routed = { readonly repository: Slot | undefined; readonly answer: Answer };

/** Answers one request from memory, by the ten steps of README.md, and never waits for anything. */
export function route(deps: RouteDeps, request: Request): Routed {
  // 1. GET or HEAD of a path.
  if (request.method !== 'GET' && request.method !== 'HEAD') return nowhere(methodNotAllowed());
  const target = parseTarget(request.target);
  if (target.kind === 'Refused') return nowhere(badRequest(target.refusal));

  // 2. Host and path prefix choose the repository.
  const view = deps.view();
  if (view === undefined || view.repositories.all.length === 0) return nowhere(unavailable('Starting'));
  const repository = view.repositories.find(target.authority ?? request.host, target.path);
  if (repository === undefined) return nowhere(notFound('NoRepository'));

  return { repository: repository.slot, answer: answerFrom(deps, { view, repository, target }, request) };
}

function nowhere(answer: Answer): Routed {
  return { repository: undefined, answer };
}

type Found = { readonly view: View; readonly repository: ServedRepository; readonly target: Target };

function answerFrom(deps: RouteDeps, { view, repository, target }: Found, request: Request): Answer {
  const { policy, catalog } = repository;

  // 3. The client's address.
  const address = deps.clientAddress(request.peer, request.forwardedFor);

  // 4. What is asked: form and scheme.
  const protocol = forwardedProtocol(request.peer, request.forwardedProto, deps.trusted);
  const wanted = readWanted(policy, { query: target.query, accept: request.accept, forwardedProtocol: protocol });
  const common = forOneClient({ accept: policy.output === 'Auto', protocol: protocol !== undefined });

  // 5. Path, through links, to file number.
  const asked = locate(repository, target, deps.now());
  if (asked.kind === 'File') {
    if (isNotModified(catalog.table, asked.number, request)) return notModified(catalog.table, asked.number, common);
    deps.onAsked(repository.slot, asked.path);
  }
  return answerAsked(deps, { view, repository, asked, address, wanted, common });
}

type Understood = Omit<Found, 'target'> & {
  readonly asked: Asked;
  readonly address: string;
  readonly wanted: Wanted;
  readonly common: readonly string[];
};

function answerAsked(deps: RouteDeps, { view, repository, asked, address, wanted, common }: Understood): Answer {
  const { policy, catalog } = repository;

  // 6. Where the client is.
  const place = view.place(address);
  const clientKey = policy.selection.stickiness === 'Client' ? clientNetwork(address) : undefined;
  const client = { place, scheme: wanted.scheme, clientKey, draw: deps.draw, choose: deps.choose };

  // 7. Eligible mirrors, 8. ranked, 9. one chosen.
  const decision = decide(repository, asked, client);

  // 10. Answer.
  if (decision.kind === 'NotFound') return notFound(decision.reason);
  if (decision.kind === 'Unavailable') return unavailable(decision.reason);
  if (wanted.form === 'JSON')
    return deps.describe({ repository, asked, client, address, decision, headers: common, pretty: wanted.pretty });
  const hasTag = asked.kind === 'File' && !leadsToOutdated(repository, decision, asked);
  const tag = hasTag ? entityTag(catalog.table, asked.number) : undefined;
  return redirectTo(decision, { path: urlPath(asked), alternatives: policy.selection.alternatives, common, tag });
}
