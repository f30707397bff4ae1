import { FTPError } from 'basic-ftp';
import { Failure, type FailureReason } from '../failures.ts';
import { asFailure, printable } from '../network/explain.ts';

/** Whether the server refused a command and goes on; 421 ends the session, 425 and 426 are about connections. */
export function isRefusal(error: unknown): error is FTPError {
  return error instanceof FTPError && ![421, 425, 426].includes(error.code);
}

/** The Failure behind what basic-ftp or a socket threw, its sentence beginning with `doing`. */
export function explainFTP(error: unknown, doing: string, hasPassword: boolean): Failure {
  if (error instanceof FTPError) {
    const [reason, sentence] = replies[error.code] ?? ['ProtocolError', 'the server refuses'];
    const meant = reason === 'LoginRefused' && !hasPassword ? 'CredentialsMissing' : reason;
    return new Failure(meant, `${doing}: ${sentence} ("${printable(error.message)}")`, { cause: error });
  }
  // basic-ftp words the end of the control connection, without a code.
  if (error instanceof Error && /FIN packet|closed connection|User closed client/.test(error.message)) {
    return new Failure('Unreachable', `${doing}: the server closed the connection`, { cause: error });
  }
  return asFailure(error, doing);
}

/** Replies of RFC 959 that a listing may meet. */
const replies: Readonly<Record<number, readonly [FailureReason, string]>> = {
  120: ['Unreachable', 'the server is not ready yet'],
  332: ['LoginRefused', 'the server wants an account'],
  421: ['Unreachable', 'the server is busy or shutting down'],
  425: ['Unreachable', 'the server cannot open the data connection'],
  426: ['Unreachable', 'the data connection broke'],
  430: ['LoginRefused', 'the server refuses the user name or password'],
  450: ['SourceUnreadable', 'the folder cannot be read now'],
  451: ['SourceUnreadable', 'the server failed while reading'],
  500: ['ProtocolError', 'the server does not know a command'],
  502: ['ProtocolError', 'the server lacks a command'],
  530: ['LoginRefused', 'the server refuses the user name or password'],
  534: ['ProtocolError', 'the server refuses TLS'],
  550: ['NotFound', 'the server has no such folder, or may not show it'],
};
