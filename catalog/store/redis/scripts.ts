import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { redisFailure } from './redis-failure.ts';

/** The scripts by their files' names, which end with the number of keys; what each takes and gives is said in it. */
export type ScriptName =
  | 'raise-1'
  | 'enter-2'
  | 'leave-2'
  | 'putPages-2'
  | 'putList-2'
  | 'publish-4'
  | 'writeHealth-2'
  | 'remove-6'
  | 'deletePages-3'
  | 'storedNames-1';

export type ScriptCall = {
  readonly keys: readonly string[];
  readonly args: readonly (string | number | Uint8Array)[];
};

/** A script's reply, not yet looked at. Throws StoreFailure. */
export type RunScript = (name: ScriptName, call: ScriptCall) => Promise<unknown>;

type Script = { readonly lua: string; readonly sha1: string; readonly keyCount: number };

/** Runs scripts by their digest and sends their text only to a server that does not know it yet. */
export function createScripts(redis: Redis): RunScript {
  const loaded = new Map<ScriptName, Script>();
  return async (name, { keys, args }) => {
    const script = loaded.get(name) ?? load(name);
    loaded.set(name, script);
    if (keys.length !== script.keyCount) throw new RangeError(`${name} with ${keys.length} keys`);
    const words = [...keys, ...args.map((arg) => (arg instanceof Uint8Array ? asBuffer(arg) : arg))];
    try {
      return await redis.evalsha(script.sha1, keys.length, ...words).catch((error: unknown) => {
        if (!String(error).includes('NOSCRIPT')) throw error;
        return redis.eval(script.lua, keys.length, ...words);
      });
    } catch (error) {
      throw redisFailure(error);
    }
  };
}

function load(name: ScriptName): Script {
  const lua = ['fence', name].map((file) => readFileSync(new URL(`${file}.lua`, import.meta.url), 'utf8')).join('\n');
  return { lua, sha1: createHash('sha1').update(lua).digest('hex'), keyCount: Number(name.slice(-1)) };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
