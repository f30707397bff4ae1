/**
 * What can go wrong with the world outside, by consequence. The word is the condition's reason, the metric's label and the
 * log's field.
 */
export type FailureReason =
  | 'AddressRefused'
  | 'CertificateInvalid'
  | 'Cancelled'
  | 'CredentialsMissing'
  | 'LoginRefused'
  | 'NoListing'
  | 'NotFound'
  | 'ProtocolError'
  | 'RedirectRefused'
  | 'SourceUnreadable'
  | 'Timeout'
  | 'TooLarge'
  | 'Unreachable'
  | 'UnresolvableHost';

/** A failure of the world: `message` is for people, names what was tried, and never carries a credential. */
export class Failure extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'Failure';
    this.reason = reason;
  }
}

/** The URL without user, password, query and fragment, for messages and logs. */
export function printableURL(url: URL | string): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  shown.search = '';
  shown.hash = '';
  return shown.href;
}
