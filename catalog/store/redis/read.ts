import type { Redis } from 'ioredis';
import { decodeHealth, maxHealthBytes } from '../../health-codec.ts';
import { indexKeys, isSlot, slotKeys } from '../../keys.ts';
import { decodeManifest, maxManifestBytes } from '../../manifest-codec.ts';
import type { PageName } from '../../page-name.ts';
import { StoreFailure } from '../failure.ts';
import { chunksOf, maxNames, maxReports, slicesOf } from '../limits.ts';
import { nextTurn, paced } from '../../pace.ts';
import { sliceMs } from '../limits.ts';
import type { CatalogReader } from '../store.ts';
import { maxPageBytes, unpackPage } from '../stored-page.ts';
import { ask, askNumbers } from './ask.ts';

export type Reading = { readonly redis: Redis; readonly prefix: string };

const reportLifeSeconds = 3600;

// A pipeline of a thousand commands would hold up a redirector for more than 10 ms.
const namesPerPipeline = 250;

/** The reading half in Redis; no value is taken in before its size is known or bounded. */
export function createRedisReader({ redis, prefix }: Reading): Omit<CatalogReader, 'watch'> {
  return {
    async slots() {
      return (await ask(redis.smembers(indexKeys(prefix).slots))).filter(isSlot);
    },
    async revision(slot) {
      const bytes = await bounded(redis, slotKeys(prefix, slot).revision, 16);
      return bytes === undefined ? undefined : parseRevision(bytes.toString());
    },
    async manifest(slot) {
      const bytes = await bounded(redis, slotKeys(prefix, slot).manifest, maxManifestBytes);
      return bytes === undefined ? undefined : decodeManifest(bytes);
    },
    async health(slot) {
      const bytes = await bounded(redis, slotKeys(prefix, slot).health, maxHealthBytes);
      return bytes === undefined ? undefined : decodeHealth(bytes);
    },
    async pages(slot, names) {
      const key = slotKeys(prefix, slot).pages;
      const found = new Map<PageName, Uint8Array>();
      for (const slice of slicesOf(namesPerPipeline, [...new Set(names)])) {
        for (const [name, bytes] of await readPages(redis, key, slice)) found.set(name, bytes);
      }
      return found;
    },
    async reportMissing(slot, names) {
      const key = slotKeys(prefix, slot).missing;
      for (const slice of slicesOf(maxNames, names)) {
        if ((await ask(redis.scard(key))) >= maxReports) return;
        await ask(redis.sadd(key, ...slice));
        await ask(redis.expire(key, reportLifeSeconds));
      }
    },
  };
}

/** Bytes of each named page as it is stored, 0 where there is none. */
export async function storedLengths(redis: Redis, key: string, names: readonly PageName[]): Promise<readonly number[]> {
  const lengths: number[] = [];
  for (const slice of slicesOf(namesPerPipeline, names)) {
    const pipeline = redis.pipeline();
    for (const name of slice) pipeline.hstrlen(key, name);
    lengths.push(...(await askNumbers(pipeline)));
  }
  return lengths;
}

async function readPages(redis: Redis, key: string, names: readonly PageName[]): Promise<Map<PageName, Uint8Array>> {
  const lengths = await storedLengths(redis, key, names);
  const sized = names.map((name, at) => ({ name, length: lengths[at] ?? 0 }));
  const readable = sized.filter(({ length }) => length > 0 && length <= maxPageBytes);
  const found = new Map<PageName, Uint8Array>();
  const pace = paced(nextTurn, sliceMs);
  for (const chunk of chunksOf(readable, ({ length }) => length)) {
    const stored = await ask(redis.hmgetBuffer(key, ...chunk.map(({ name }) => name)));
    for (const [at, { name }] of chunk.entries()) {
      const bytes = await unpackPage(name, stored[at] ?? new Uint8Array());
      if (bytes !== undefined) found.set(name, bytes);
      if (pace.due()) await pace.rest();
    }
  }
  return found;
}

async function bounded(redis: Redis, key: string, mostBytes: number): Promise<Buffer | undefined> {
  const bytes = await ask(redis.getrangeBuffer(key, 0, mostBytes));
  if (bytes.length > mostBytes) throw new StoreFailure('Malformed', `${key} holds more than ${mostBytes} bytes`);
  return bytes.length === 0 ? undefined : bytes;
}

function parseRevision(digits: string): number {
  const revision = /^\d+$/.test(digits) ? Number(digits) : Number.NaN;
  if (!Number.isSafeInteger(revision)) throw new StoreFailure('Malformed', 'the stored revision is not a number');
  return revision;
}
