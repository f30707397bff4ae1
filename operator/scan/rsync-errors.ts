import { Failure, type FailureReason } from '../failures.ts';
import { printable } from '../network/explain.ts';
import { utf8 } from './decode-lines.ts';
import { unescapeRsync } from './rsync-line.ts';

/** How an rsync ended: its exit code (undefined: by a signal) and what it said on stderr, as latin1 lines. */
export type RsyncExit = { readonly code: number | undefined; readonly errors: readonly string[] };

/** What of a tree was not seen although rsync listed the rest. */
export type Unseen = { readonly unreadable: readonly string[]; readonly partlyUnseen: boolean };

/**
 * What an exit code means for a listing: 0 and 24 (files vanished meanwhile) are complete, 23 names what it could not read;
 * everything else is thrown as Failure. `folder` is what was asked for below the module, with a closing slash unless it is ''.
 */
export function judgeRsyncExit(
  exit: RsyncExit,
  asked: { readonly doing: string; readonly folder: string; readonly hasPassword: boolean },
): Unseen {
  if (exit.code === 0 || exit.code === 24) return { unreadable: [], partlyUnseen: false };
  if (exit.code === 23 && !exit.errors.some(cannotEnter)) return findUnseen(exit.errors, asked.folder);
  const { reason, sentence } = explain(exit, asked.hasPassword);
  throw new Failure(reason, `${asked.doing}: ${sentence}`);
}

const opening = /^rsync: (?:\[\w+\] )?(\w+)(?:#\d)?(?: |\()"/;
const summary = /^(?:rsync error: |rsync warning: |IO error encountered)|^(?:file|directory) has vanished: |^\s*$/;

/**
 * What a line of stderr names, the path with the escapes of rsync undone, without a leading slash:
 * `rsync: [sender] opendir "/secret" (in module) failed: Permission denied (13)`, before 3.2.4 without `[sender]`, and
 * `rsync: readlink_stat("/secret/x" (in module)) failed: …`. Index searches only, since the line is a stranger's.
 */
function parseNote(line: string): { readonly call: string; readonly path: string } | undefined {
  const found = opening.exec(line);
  const end = line.lastIndexOf('"', line.lastIndexOf(' failed: '));
  if (found === null || end < found[0].length) return undefined;
  const path = utf8(unescapeRsync(line.slice(found[0].length, end))).replace(/^\/+/, '');
  return { call: found[1] ?? '', path };
}

const entering: ReadonlySet<string> = new Set(['change_dir', 'chdir', 'link_stat']);

/** Whether the folder that was asked for could not be entered at all. */
const cannotEnter = (line: string): boolean => entering.has(parseNote(line)?.call ?? '');

function findUnseen(errors: readonly string[], folder: string): Unseen {
  const unreadable = new Set<string>();
  let unexplained = false;
  for (const line of errors) {
    if (summary.test(line)) continue;
    const path = unreadableFolder(line, folder);
    if (path === undefined) unexplained = true;
    else unreadable.add(path);
  }
  return { unreadable: [...unreadable].sort(), partlyUnseen: unexplained || unreadable.size === 0 };
}

/** The folder that a line of stderr calls unreadable, relative to the folder asked for. */
function unreadableFolder(line: string, folder: string): string | undefined {
  const note = parseNote(line);
  if (note === undefined || note.path.includes('\ufffd') || !`${note.path}/`.startsWith(folder)) return undefined;
  const path = note.path.slice(folder.length);
  if (note.call === 'opendir' || note.call === 'readdir') return path;
  // A child that cannot be examined: its folder can be read but not searched.
  const parent = path.lastIndexOf('/');
  return note.call === 'readlink_stat' && parent > 0 ? path.slice(0, parent) : undefined;
}

type Explanation = { readonly reason: FailureReason; readonly sentence: string };

function explain({ code, errors }: RsyncExit, hasPassword: boolean): Explanation {
  const said = errors.find((line) => line.startsWith('@ERROR')) ?? errors.find((line) => !summary.test(line)) ?? '';
  const quote = said === '' ? '' : ` ("${printable(utf8(said))}")`;
  const known = wordings.find(({ pattern }) => errors.some((line) => pattern.test(line)));
  if (known !== undefined) {
    const { reason, sentence } = known.pattern === loginWanted && !hasPassword ? loginMissing : known;
    return { reason, sentence: `${sentence}${quote}` };
  }
  const { reason, sentence } = exitCodes[code ?? -1] ?? {
    reason: 'ProtocolError',
    sentence: `rsync ended with ${code ?? 'a signal'}`,
  };
  return { reason, sentence: `${sentence}${quote}` };
}

const loginWanted = /^@ERROR: auth failed/;
const loginMissing: Explanation = {
  reason: 'CredentialsMissing',
  sentence: 'the server wants a user name and password',
};

const wordings: readonly (Explanation & { readonly pattern: RegExp })[] = [
  { pattern: loginWanted, reason: 'LoginRefused', sentence: 'the server refuses the user name or the password' },
  { pattern: /^@ERROR: access denied/, reason: 'LoginRefused', sentence: 'the server does not let our address in' },
  { pattern: /^@ERROR: Unknown module/, reason: 'NotFound', sentence: 'the server has no such module' },
  { pattern: /^@ERROR: max connections/, reason: 'Unreachable', sentence: 'the server is busy' },
  {
    pattern: /^@ERROR: ch(?:dir|root) failed/,
    reason: 'NotFound',
    sentence: "the module's folder is missing on the server",
  },
  {
    pattern: /failed: (?:No such file|Not a directory)/,
    reason: 'NotFound',
    sentence: 'the server has no such folder',
  },
  { pattern: /failed: Permission denied/, reason: 'SourceUnreadable', sentence: 'the server may not read the folder' },
];

/** EXIT VALUES of rsync(1), as far as a listing can end with them. */
const exitCodes: Readonly<Record<number, Explanation>> = {
  1: { reason: 'ProtocolError', sentence: 'the rsync program does not know an option; version 3.1 or newer is needed' },
  2: { reason: 'ProtocolError', sentence: 'the server speaks an incompatible version of the protocol' },
  3: { reason: 'NotFound', sentence: 'the server cannot open the folder' },
  4: { reason: 'ProtocolError', sentence: 'the server does not support listing' },
  5: { reason: 'ProtocolError', sentence: 'the server refuses to begin' },
  6: { reason: 'ProtocolError', sentence: 'the server cannot write its log' },
  10: { reason: 'Unreachable', sentence: 'the connection failed' },
  11: { reason: 'ProtocolError', sentence: 'a file could not be read or written' },
  12: { reason: 'ProtocolError', sentence: 'the connection ended in the middle of the protocol' },
  13: { reason: 'ProtocolError', sentence: 'rsync could not report its errors' },
  14: { reason: 'ProtocolError', sentence: 'rsync could not talk to its own other half' },
  20: { reason: 'Cancelled', sentence: 'rsync was interrupted' },
  22: { reason: 'TooLarge', sentence: 'rsync ran out of memory' },
  23: { reason: 'ProtocolError', sentence: 'the folder cannot be listed' },
  30: { reason: 'Timeout', sentence: 'the server stopped sending' },
  35: { reason: 'Timeout', sentence: 'the server does not answer' },
};
