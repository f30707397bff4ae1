import { slotKeys } from '../../keys.ts';
import type { Slot } from '../../manifest.ts';
import type { PageName } from '../../page-name.ts';
import { StoreFailure } from '../failure.ts';
import { maxNames, maxReports, requireAtMost } from '../limits.ts';
import type { CatalogWriter } from '../store.ts';
import { ask } from './ask.ts';
import { storedLengths, type Reading } from './read.ts';
import { namesOf, outcomeOf } from './reply.ts';
import type { RunScript, ScriptCall } from './scripts.ts';

type Cleaning = Pick<CatalogWriter, 'missing' | 'stored' | 'deletePages' | 'takeMissingReports'>;

// HSCAN looks at the pages too, and may give somewhat more than it is asked for.
const namesPerScan = 200;

/** The functions that compare what Redis holds with what is needed, and delete the rest. */
export function createRedisCleaning(deps: Reading & { readonly run: RunScript }): Cleaning {
  const { redis, prefix, run } = deps;
  return {
    missing: (slot, names) => lacking(deps, slot, names),
    async *stored(slot) {
      const keys = [slotKeys(prefix, slot).pages];
      let cursor = '0';
      do {
        const [next, names] = await scan(run, { keys, args: [cursor, namesPerScan] });
        yield names;
        cursor = next;
      } while (cursor !== '0');
    },
    async deletePages(slot, token, revision, names) {
      requireAtMost(maxNames, names);
      const keys = slotKeys(prefix, slot);
      const reply = await run('deletePages-3', {
        keys: [keys.token, keys.pages, keys.revision],
        args: [token, revision, ...names],
      });
      return reply === 'Outrun' ? reply : outcomeOf(reply);
    },
    async takeMissingReports(slot) {
      return namesOf(await ask(redis.spop(slotKeys(prefix, slot).missing, maxReports)));
    },
  };
}

/** Those of the names that are not stored in the slot. */
export async function lacking(
  { redis, prefix }: Reading,
  slot: Slot,
  names: readonly PageName[],
): Promise<readonly PageName[]> {
  const lengths = await storedLengths(redis, slotKeys(prefix, slot).pages, names);
  return names.filter((_, at) => lengths[at] === 0);
}

async function scan(run: RunScript, call: ScriptCall): Promise<readonly [cursor: string, names: readonly PageName[]]> {
  const reply = await run('storedNames-1', call);
  const [cursor, ...names]: readonly unknown[] = Array.isArray(reply) ? reply : [];
  if (typeof cursor !== 'string') throw new StoreFailure('Malformed', 'Redis answers a scan without a cursor');
  return [cursor, namesOf(names)];
}
