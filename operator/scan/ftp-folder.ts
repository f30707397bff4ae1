import { FTPError } from 'basic-ftp';
import { Failure } from '../failures.ts';
import { findDialect, type FTPDialect } from './ftp-dialect.ts';
import type { FTPLine } from './ftp-line.ts';
import { parseListLine } from './ftp-list-line.ts';
import type { FTPTally, FTPWalk, Subfolder } from './ftp-state.ts';
import { askTimes } from './ftp-times.ts';
import type { ListedFile, ListedLink, ListingEntry } from './listing.ts';

/** A part of a folder's content. */
export type FolderPart = { readonly entries: readonly ListingEntry[]; readonly subfolders: readonly Subfolder[] };

/** Reads one folder, part by part; rejects with FTPError where the server refuses it. */
export type FolderReader = (folder: Subfolder) => AsyncGenerator<FolderPart, void, void>;

/** Finds out how this server lists, by the root of the walk; the session must be in it. */
export async function createFolderReader(walk: FTPWalk, tally: FTPTally): Promise<FolderReader> {
  const { session, watchdog } = walk;
  const root = (await session.folder()).replace(/\/+$/, '');
  const dialect = await findDialect(walk);
  const asksTimes = dialect.command !== 'MLSD' && session.features.has('MDTM');
  return async function* (folder) {
    watchdog.watch();
    await session.enter(`${root}/${folder.path}`);
    const reading: Reading = { folder, tally, dialect, lines: 0, coarse: [], unaimed: new Set() };
    for await (const lines of session.lines(dialect.command)) {
      watchdog.pause();
      const { entries, subfolders } = sortLines(lines, reading);
      if (tally.entries > walk.maxEntries) throw tooLarge(walk);
      const coarse = asksTimes ? entries.filter(isCoarse) : [];
      reading.coarse.push(...coarse);
      yield { entries: coarse.length === 0 ? entries : entries.filter((entry) => !isCoarse(entry)), subfolders };
      watchdog.watch();
    }
    if (reading.lines === 0 && dialect.showsSelf) throw new FTPError({ code: 550, message: 'the folder is not shown' });
    if (reading.unaimed.size > 0) yield { entries: await findTargets(walk, reading), subfolders: [] };
    for await (const entries of askTimes(walk, tally, { root, files: reading.coarse }))
      yield { entries, subfolders: [] };
  };
}

type Reading = {
  readonly folder: Subfolder;
  readonly tally: FTPTally;
  readonly dialect: FTPDialect;
  lines: number;
  /** Files whose time is to be asked for. */
  readonly coarse: ListedFile[];
  /** Links whose target is not told. */
  readonly unaimed: Set<string>;
};

const tooLarge = ({ doing, maxEntries }: FTPWalk): Failure =>
  new Failure('TooLarge', `${doing}: over ${maxEntries} entries`);

const isCoarse = (entry: ListingEntry): entry is ListedFile => entry.kind === 'File' && entry.timeSlack > 0;

function sortLines(lines: readonly string[], reading: Reading): FolderPart {
  const { folder, tally, dialect, unaimed } = reading;
  const entries: ListingEntry[] = [];
  const subfolders: Subfolder[] = [];
  for (const text of lines) {
    const line = dialect.parse(text);
    if (line.kind === 'Fragment') tally.refusals.refuse(text, 'ControlCharacter');
    if (line.kind === 'Unreadable') tally.unreadableLines++;
    const path = acceptedPath(line, folder.path, tally);
    if (path === undefined) continue;
    if (line.kind === 'Folder') subfolders.push(...unlessAbove(folder, path, line.unique));
    if (line.kind === 'File') entries.push(fileOf(line, path));
    if (line.kind !== 'Link') continue;
    if (line.target === undefined) unaimed.add(path);
    else entries.push({ kind: 'Link', path, target: line.target });
  }
  reading.lines += lines.length;
  return { entries, subfolders };
}

function acceptedPath(line: FTPLine, folder: string, tally: FTPTally): string | undefined {
  if (!('name' in line)) return undefined;
  tally.entries++;
  if (line.name.includes('/')) {
    tally.refusals.refuse(line.name, 'EmptySegment');
    return undefined;
  }
  const path = folder === '' ? line.name : `${folder}/${line.name}`;
  return tally.refusals.accepts(path) ? path : undefined;
}

function fileOf({ size, modifiedAt, timeSlack }: Extract<FTPLine, { kind: 'File' }>, path: string): ListedFile {
  return { kind: 'File', path, size, sizeSlack: 0, modifiedAt, timeSlack };
}

/** Nothing if the folder is one of those above it, which a link led back to. */
function unlessAbove(folder: Subfolder, path: string, unique: string | undefined): readonly Subfolder[] {
  const above = [...folder.above, folder.unique ?? ''];
  return unique !== undefined && above.includes(unique) ? [] : [{ path, unique, above }];
}

/** proftpd's MLSD says that something is a link, only its LIST says where to. */
async function findTargets(
  { session, watchdog, now }: FTPWalk,
  { folder, unaimed }: Reading,
): Promise<readonly ListedLink[]> {
  const links: ListedLink[] = [];
  watchdog.watch();
  for await (const lines of session.lines('LIST -a')) {
    for (const text of lines) {
      const line = parseListLine(text, now());
      if (line.kind !== 'Link' || line.target === undefined) continue;
      const path = folder.path === '' ? line.name : `${folder.path}/${line.name}`;
      if (unaimed.has(path)) links.push({ kind: 'Link', path, target: line.target });
    }
    watchdog.watch();
  }
  watchdog.pause();
  return links;
}
