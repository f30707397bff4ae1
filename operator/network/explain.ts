import { Failure, type FailureReason } from '../failures.ts';

/**
 * Turns whatever a socket, TLS, the resolver or undici threw into a Failure whose sentence begins with `doing`
 * (`HEAD https://…`). A Failure passes unchanged, also as the cause of what was thrown.
 */
export function asFailure(error: unknown, doing: string): Failure {
  for (let each = error, depth = 0; each instanceof Error && depth < 5; each = innerError(each), depth++) {
    if (each instanceof Failure) return each;
    const code = 'code' in each ? String(each.code) : '';
    const known = reasonOf(code);
    if (known !== undefined) return new Failure(known.reason, `${doing}: ${known.sentence}`, { cause: error });
  }
  return new Failure('ProtocolError', `${doing}: ${printable(messageOf(error))}`, { cause: error });
}

/** At most 200 characters of a stranger's text, control characters replaced, for messages and logs. */
export function printable(text: string, most = 200): string {
  const shown = text.length > most ? `${text.slice(0, most)}…` : text;
  return shown.toWellFormed().replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, '\ufffd');
}

/** AggregateError (one per address tried) and wrapped causes; the first address is the one the resolver prefers. */
function innerError(error: Error): unknown {
  return error instanceof AggregateError ? error.errors[0] : error.cause;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

type Explanation = { readonly reason: FailureReason; readonly sentence: string };

function reasonOf(code: string): Explanation | undefined {
  const known = explanations[code];
  if (known !== undefined) return known;
  // OpenSSL's X509_V_ERR_* names as node spells them.
  if (/CERT|^UNABLE_TO_|^HOSTNAME_MISMATCH$|^INVALID_(CA|PURPOSE)$|^CRL_/.test(code)) {
    return { reason: 'CertificateInvalid', sentence: `the certificate is not valid (${code})` };
  }
  if (/^ERR_(SSL|TLS)_|^EPROTO$/.test(code)) {
    return { reason: 'ProtocolError', sentence: `the TLS handshake failed (${code})` };
  }
  if (code.startsWith('HPE_')) return { reason: 'ProtocolError', sentence: `the answer is not HTTP (${code})` };
  return undefined;
}

const explanations: Readonly<Record<string, Explanation>> = {
  CERT_HAS_EXPIRED: { reason: 'CertificateInvalid', sentence: 'the certificate has expired' },
  CERT_NOT_YET_VALID: { reason: 'CertificateInvalid', sentence: 'the certificate is not valid yet' },
  DEPTH_ZERO_SELF_SIGNED_CERT: { reason: 'CertificateInvalid', sentence: 'the certificate is self-signed' },
  ERR_TLS_CERT_ALTNAME_INVALID: { reason: 'CertificateInvalid', sentence: 'the certificate is for another host' },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {
    reason: 'CertificateInvalid',
    sentence: 'the certificate is signed by nobody we trust, or an intermediate certificate is missing',
  },
  EAI_AGAIN: { reason: 'UnresolvableHost', sentence: 'the name servers do not answer' },
  ENOTFOUND: { reason: 'UnresolvableHost', sentence: 'no such host name' },
  ECONNABORTED: { reason: 'Unreachable', sentence: 'the connection was aborted' },
  ECONNREFUSED: { reason: 'Unreachable', sentence: 'the connection was refused' },
  ECONNRESET: { reason: 'Unreachable', sentence: 'the connection was reset' },
  EHOSTDOWN: { reason: 'Unreachable', sentence: 'the host is down' },
  EHOSTUNREACH: { reason: 'Unreachable', sentence: 'there is no route to the host' },
  ENETDOWN: { reason: 'Unreachable', sentence: 'the network is down' },
  ENETUNREACH: { reason: 'Unreachable', sentence: 'the network is unreachable' },
  EADDRNOTAVAIL: { reason: 'Unreachable', sentence: 'this machine has no address of that family' },
  EPIPE: { reason: 'Unreachable', sentence: 'the connection was closed' },
  UND_ERR_SOCKET: { reason: 'Unreachable', sentence: 'the connection was closed' },
  ETIMEDOUT: { reason: 'Timeout', sentence: 'the connection timed out' },
  UND_ERR_BODY_TIMEOUT: { reason: 'Timeout', sentence: 'the body stalled' },
  UND_ERR_CONNECT_TIMEOUT: { reason: 'Timeout', sentence: 'the connection timed out' },
  UND_ERR_HEADERS_TIMEOUT: { reason: 'Timeout', sentence: 'no answer' },
  UND_ERR_HEADERS_OVERFLOW: { reason: 'ProtocolError', sentence: 'the headers are too large' },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: { reason: 'ProtocolError', sentence: 'the body is not as long as announced' },
  UND_ERR_CLOSED: { reason: 'Cancelled', sentence: 'the client is shutting down' },
  UND_ERR_DESTROYED: { reason: 'Cancelled', sentence: 'the client is shutting down' },
};
