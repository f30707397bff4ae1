import { changesChannel, indexKeys, isSlot, slotKeys } from '../../keys.ts';
import type { Slot } from '../../manifest.ts';
import type { CatalogWriter, WriteOutcome } from '../store.ts';
import { ask } from './ask.ts';
import { writeChange } from './change.ts';
import { outcomeOf } from './reply.ts';
import type { Writing } from './write.ts';

/** The functions that change index and slots in Redis, each in steps that may be interrupted and done again. */
export function createRedisClaiming({ redis, prefix, run }: Writing): Pick<CatalogWriter, 'claim' | 'remove'> {
  const index = indexKeys(prefix);
  const raise = async (key: string, token: number): Promise<WriteOutcome> =>
    outcomeOf(await run('raise-1', { keys: [key], args: [token] }));
  return {
    async claim(token, slots) {
      if ((await raise(index.token, token)) === 'Fenced') return 'Fenced';
      // From here on no older writer can enter a slot, so that these are all.
      const entered = (await ask(redis.smembers(index.slots))).filter(isSlot);
      for (const slot of new Set<Slot>([...entered, ...slots])) {
        if ((await raise(slotKeys(prefix, slot).token, token)) === 'Fenced') return 'Fenced';
      }
      return 'Done';
    },
    async remove(slot, token) {
      if ((await raise(index.token, token)) === 'Fenced') return 'Fenced';
      const keys = slotKeys(prefix, slot);
      const removed = await run('remove-6', {
        keys: [keys.token, keys.pages, keys.manifest, keys.revision, keys.health, keys.missing],
        args: [token, changesChannel(prefix), writeChange({ slot, kind: 'Removed' })],
      });
      if (outcomeOf(removed) === 'Fenced') return 'Fenced';
      // Last, so that after an interruption the slot is still listed and can be removed again.
      return outcomeOf(await run('leave-2', { keys: [index.token, index.slots], args: [token, slot] }));
    },
  };
}
