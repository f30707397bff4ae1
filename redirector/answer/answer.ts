/** How a request ended, as the metric says it. */
export type Outcome =
  | 'Mirror'
  | 'Fallback'
  | 'Archive'
  | 'AllDown'
  | 'NotModified'
  | 'BadRequest'
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'Unavailable';

/** A complete answer, before it is rendered as HTTP. */
export type Answer = {
  readonly status: 200 | 302 | 304 | 400 | 404 | 405 | 503;
  /** Names and values by turns, all values free of control characters; complete but for what HTTP itself needs. */
  readonly headers: readonly string[];
  readonly body: string;
  readonly outcome: Outcome;
  /** A named reason, where the outcome alone does not tell. */
  readonly reason?: string;
};

/** The headers of a body. */
export function bodyHeaders(type: string, body: string): readonly string[] {
  const length = String(Buffer.byteLength(body));
  return ['Content-Type', `${type}; charset=utf-8`, 'X-Content-Type-Options', 'nosniff', 'Content-Length', length];
}

const perClient = ['Cache-Control', 'private, no-cache'];
const byAccept = [...perClient, 'Vary', 'Accept'];
const byProtocol = [...perClient, 'Vary', 'X-Forwarded-Proto'];
const byBoth = [...perClient, 'Vary', 'Accept, X-Forwarded-Proto'];

/**
 * The headers of an answer that was made for one client and may be kept by that client only if it asks again each time.
 * `Vary` names what was looked at; the client's address needs no mention where no shared cache may keep the answer.
 */
export function forOneClient(lookedAt: { readonly accept: boolean; readonly protocol: boolean }): readonly string[] {
  if (lookedAt.accept) return lookedAt.protocol ? byBoth : byAccept;
  return lookedAt.protocol ? byProtocol : perClient;
}
