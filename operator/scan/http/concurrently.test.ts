import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';

import { concurrently } from './concurrently.ts';
import { createRequestRate } from './request-rate.ts';
import { retryAfterMs } from './patient-request.ts';

const { signal } = new AbortController();

test('everything is done once, never more than the limit at a time, also what is added on the way', async () => {
  const waiting = [1, 2, 3, 4, 5, 6, 7, 8];
  let running = 0;
  let most = 0;
  const work = async (item: number): Promise<number> => {
    running += 1;
    most = Math.max(most, running);
    await sleep(item % 3);
    running -= 1;
    if (item < 5) waiting.push(item + 10);
    return item;
  };
  const done: number[] = [];
  for await (const item of concurrently(() => waiting.shift(), work, { limit: 3, signal })) done.push(item);
  assert.deepEqual(
    done.toSorted((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14],
  );
  assert.equal(most, 3);
});

test('a failure aborts the rest, waits for it and is thrown', async () => {
  const ended: number[] = [];
  const work = async (item: number, own: AbortSignal): Promise<number> => {
    if (item === 2) throw new Error('two');
    await sleep(60_000, undefined, { signal: own }).catch(() => ended.push(item));
    return item;
  };
  const items = [1, 2, 3];
  const all = concurrently(() => items.shift(), work, { limit: 3, signal });
  await assert.rejects(all.next(), /two/);
  assert.deepEqual(ended, [1, 3]);
});

test('requests are spaced, and a rest holds for everyone', async () => {
  let now = 1_000_000;
  const rate = createRequestRate({ now: () => now }, 10);
  await rate.turn(signal);
  rate.rest(5000);
  const controller = new AbortController();
  const early = rate.turn(controller.signal);
  controller.abort();
  await assert.rejects(early);
  now += 10_000;
  await rate.turn(signal);
});

test('Retry-After is seconds or a date', () => {
  const now = Date.UTC(2026, 10, 23, 12);
  assert.equal(retryAfterMs('7', now), 7000);
  assert.equal(retryAfterMs('Mon, 23 Nov 2026 12:00:30 GMT', now), 30_000);
  assert.equal(retryAfterMs('Mon, 23 Nov 2026 11:00:00 GMT', now), 0);
  assert.equal(retryAfterMs('soon', now), undefined);
  assert.equal(retryAfterMs(undefined, now), undefined);
});
