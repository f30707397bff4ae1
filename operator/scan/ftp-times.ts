import { isRefusal } from './ftp-failure.ts';
import { parseTimeVal } from './ftp-mlsd-line.ts';
import type { FTPTally, FTPWalk } from './ftp-state.ts';
import type { ListedFile } from './listing.ts';

const batchSize = 100;

/**
 * The files with their times to the second by MDTM, which costs a round trip each: a thousand files at 50 ms take 50 s. Files
 * beyond the walk's `maxTimesAsked`, and those whose time the server does not tell, keep the coarse time of LIST.
 */
export async function* askTimes(
  walk: FTPWalk,
  tally: FTPTally,
  { root, files }: { readonly root: string; readonly files: readonly ListedFile[] },
): AsyncGenerator<readonly ListedFile[], void, void> {
  for (let start = 0; start < files.length; start += batchSize) {
    const batch: ListedFile[] = [];
    for (const file of files.slice(start, start + batchSize)) {
      const askable = tally.timesAsked < walk.maxTimesAsked;
      const modifiedAt = askable ? await askTime(walk, `${root}/${file.path}`) : undefined;
      tally.timesAsked++;
      batch.push(modifiedAt === undefined ? file : { ...file, modifiedAt, timeSlack: 0 });
    }
    walk.watchdog.pause();
    yield batch;
  }
}

async function askTime({ session, watchdog }: FTPWalk, path: string): Promise<number | undefined> {
  watchdog.watch();
  try {
    const reply = await session.ask(`MDTM ${path}`);
    return parseTimeVal(reply.slice('213 '.length).trim());
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}
