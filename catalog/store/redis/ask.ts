import type { ChainableCommander } from 'ioredis';
import { StoreFailure } from '../failure.ts';
import { redisFailure } from './redis-failure.ts';

/** The reply to one command; throws StoreFailure. */
export async function ask<T>(command: Promise<T>): Promise<T> {
  try {
    return await command;
  } catch (error) {
    throw redisFailure(error);
  }
}

/** The replies to a pipeline whose every command answers with a number; throws StoreFailure. */
export async function askNumbers(pipeline: ChainableCommander): Promise<readonly number[]> {
  const replies = (await ask(pipeline.exec())) ?? [];
  return replies.map(([error, reply]) => {
    if (error !== null) throw redisFailure(error);
    if (typeof reply !== 'number')
      throw new StoreFailure('Malformed', 'Redis answers with something else than a number');
    return reply;
  });
}
