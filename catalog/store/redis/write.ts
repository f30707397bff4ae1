import { encodeHealth } from '../../health-codec.ts';
import { changesChannel, indexKeys, slotKeys } from '../../keys.ts';
import { encodeManifest } from '../../manifest-codec.ts';
import type { PageName } from '../../page-name.ts';
import { chunksOf, maxNames, requireAtMost } from '../limits.ts';
import { nextTurn, paced } from '../../pace.ts';
import { sliceMs } from '../limits.ts';
import type { CatalogWriter } from '../store.ts';
import { packPage } from '../stored-page.ts';
import { writeChange } from './change.ts';
import { lacking } from './clean.ts';
import type { Reading } from './read.ts';
import { checkedOf, outcomeOf } from './reply.ts';
import type { RunScript } from './scripts.ts';

export type Writing = Reading & { readonly run: RunScript };

type Filling = Pick<CatalogWriter, 'putPages' | 'putList' | 'publish' | 'writeHealth'>;

/** The functions that fill a slot in Redis: what decides and what changes is in one script per step. */
export function createRedisFilling(deps: Writing): Filling {
  const { prefix, run } = deps;
  const index = indexKeys(prefix);
  const channel = changesChannel(prefix);
  return {
    async putPages(slot, token, pages) {
      const { token: fence, pages: key } = slotKeys(prefix, slot);
      if (pages.size === 0) return outcomeOf(await run('raise-1', { keys: [fence], args: [token] }));
      for (const chunk of chunksOf(pages, ([, bytes]) => bytes.length)) {
        const args = [token, ...(await pack(chunk))];
        if (outcomeOf(await run('putPages-2', { keys: [fence, key], args })) === 'Fenced') return 'Fenced';
      }
      return 'Done';
    },
    async putList(slot, token, { name, bytes, names }) {
      requireAtMost(maxNames, names);
      const keys = slotKeys(prefix, slot);
      const args = [token, name, await packPage(bytes), ...names];
      return checkedOf(await run('putList-2', { keys: [keys.token, keys.pages], args }));
    },
    async publish(slot, token, manifest, lists) {
      const keys = slotKeys(prefix, slot);
      const stored = encodeManifest(manifest);
      // The index is elsewhere in a cluster. It comes first: a listed slot without a manifest harms no reader.
      const entered = await run('enter-2', { keys: [index.token, index.slots], args: [token, slot] });
      if (outcomeOf(entered) === 'Fenced') return 'Fenced';
      // More lists than a script may check: only this writer deletes pages, so those seen now will be there then.
      const missing = await lacking(deps, slot, lists.slice(maxNames));
      if (missing.length > 0) return { missing };
      return checkedOf(
        await run('publish-4', {
          keys: [keys.token, keys.pages, keys.manifest, keys.revision],
          args: [
            token,
            stored,
            manifest.revision,
            channel,
            writeChange({ slot, kind: 'Manifest' }),
            ...lists.slice(0, maxNames),
          ],
        }),
      );
    },
    async writeHealth(slot, token, health) {
      const keys = slotKeys(prefix, slot);
      const args = [token, encodeHealth(health), channel, writeChange({ slot, kind: 'Health' })];
      return outcomeOf(await run('writeHealth-2', { keys: [keys.token, keys.health], args }));
    },
  };
}

async function pack(pages: readonly (readonly [PageName, Uint8Array])[]): Promise<(PageName | Uint8Array)[]> {
  const packed: (PageName | Uint8Array)[] = [];
  const pace = paced(nextTurn, sliceMs);
  for (const [name, bytes] of pages) {
    packed.push(name, await packPage(bytes));
    if (pace.due()) await pace.rest();
  }
  return packed;
}
