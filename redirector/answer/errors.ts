import type { PathRefusal } from '@geomirror/catalog/path.ts';
import type { TargetRefusal } from '../target.ts';
import { bodyHeaders, type Answer, type Outcome } from './answer.ts';

/** Seconds after which a client may hope for another answer: mirrors are probed about once a minute. */
const retryAfterSeconds = 30;

const refusals: Readonly<Record<TargetRefusal, string>> = {
  NotAPath: 'The request target is not a path.',
  MalformedEscape: 'The path has a malformed percent escape, or bytes that are not UTF-8. Write a bare % as %25.',
  EncodedSlash: 'The path has an encoded slash, which no file name can contain. Write it as /.',
  LeavesRoot: 'The path leads out of the root.',
  ControlCharacter: 'The path has a control character, which no file name here can contain.',
  NotUTF8: 'The path is not UTF-8. Encode it as UTF-8, then percent-encode it.',
  TooLong: 'The path is longer than 4096 bytes.',
  NameTooLong: 'The path has a name longer than 255 bytes.',
  Empty: 'The path is empty.',
  DotSegment: 'The path has a dot segment.',
  EmptySegment: 'The path has an empty segment.',
} satisfies Record<PathRefusal | TargetRefusal, string>;

/** 400 with the reason and, where there is one, the cure. */
export function badRequest(refusal: TargetRefusal): Answer {
  return { ...plain(400, 'BadRequest', refusals[refusal]), reason: refusal };
}

/** 405 with the methods that are answered (RFC 9110, section 15.5.6). */
export function methodNotAllowed(): Answer {
  // The body of such a request is not read, so that the connection cannot be used again.
  const extra = ['Allow', 'GET, HEAD', 'Connection', 'close'];
  return plain(405, 'MethodNotAllowed', 'Only GET and HEAD are answered here.', extra);
}

/** Why there is nothing to be found. */
export type NotFoundReason = 'NoRepository' | 'NoSuchFile';

const missing: Readonly<Record<NotFoundReason, string>> = {
  NoRepository: 'No repository is served under this host and path.',
  NoSuchFile: 'This repository has no such file.',
};

/** 404 that nobody may keep: the file may be published within the second. */
export function notFound(reason: NotFoundReason): Answer {
  return { ...plain(404, 'NotFound', missing[reason], ['Cache-Control', 'no-store']), reason };
}

/** Why nobody can serve what is there. */
export type UnavailableReason = 'Starting' | 'NoMirror' | 'AuthorityOnly';

const unavailabilities: Readonly<Record<UnavailableReason, string>> = {
  Starting: 'This redirector has no catalog yet.',
  NoMirror: 'No mirror can serve this now.',
  AuthorityOnly: 'This file is served by a fallback only, and there is none that this client can use.',
};

/** 503 with the time after which to ask again (RFC 9110, section 15.6.4). */
export function unavailable(reason: UnavailableReason): Answer {
  const extra = ['Cache-Control', 'no-store', 'Retry-After', String(retryAfterSeconds)];
  const text = `${unavailabilities[reason]} Try again in ${retryAfterSeconds} seconds.`;
  return { ...plain(503, 'Unavailable', text, extra), reason };
}

function plain(status: Answer['status'], outcome: Outcome, line: string, extra: readonly string[] = []): Answer {
  const body = `${line}\n`;
  return { status, outcome, headers: [...extra, ...bodyHeaders('text/plain', body)], body };
}
