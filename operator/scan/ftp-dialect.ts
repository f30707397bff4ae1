import { Failure } from '../failures.ts';
import { isRefusal } from './ftp-failure.ts';
import type { FTPLine } from './ftp-line.ts';
import { parseListLine } from './ftp-list-line.ts';
import { parseMLSDLine } from './ftp-mlsd-line.ts';
import type { FTPWalk } from './ftp-state.ts';

/** How a server lists. */
export type FTPDialect = {
  readonly command: 'MLSD' | 'LIST -a' | 'LIST';
  readonly parse: (line: string) => FTPLine;
  /** A folder's listing holds the folder itself, so that an empty answer means that it could not be read. */
  readonly showsSelf: boolean;
};

/** Finds out how a server lists by trying it on the folder the session is in. Throws Failure ProtocolError if nobody could read it. */
export async function findDialect(walk: FTPWalk): Promise<FTPDialect> {
  const { features } = walk.session;
  if (features.has('MLST') || features.has('MLSD')) return tryDialect(walk, { command: 'MLSD', parse: parseMLSDLine });
  const parse = (line: string): FTPLine => parseListLine(line, walk.now());
  // -a shows hidden files, but some servers take it for a name and show nothing.
  const all = await tryDialect(walk, { command: 'LIST -a', parse }).catch((error: unknown) => {
    if (isRefusal(error)) return undefined;
    throw error;
  });
  return all?.showsSelf === true ? all : tryDialect(walk, { command: 'LIST', parse });
}

async function tryDialect(walk: FTPWalk, { command, parse }: Omit<FTPDialect, 'showsSelf'>): Promise<FTPDialect> {
  let showsSelf = false;
  let understood = 0;
  let lines = 0;
  for await (const some of walk.session.lines(command)) {
    walk.watchdog.watch();
    const kinds = some.map((line) => parse(line).kind);
    showsSelf ||= kinds.includes('Self');
    lines += some.length;
    understood += kinds.filter((kind) => kind !== 'Fragment' && kind !== 'Unreadable').length;
    if (lines > walk.maxEntries) throw new Failure('TooLarge', `${walk.doing}: over ${walk.maxEntries} entries`);
  }
  if (lines === 0 || understood > 0) return { command, parse, showsSelf };
  throw new Failure('ProtocolError', `${walk.doing}: ${command} answers in no known format`);
}
