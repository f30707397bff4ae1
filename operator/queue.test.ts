import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { WorkQueue } from './queue.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('whatever the interleaving, no key is with two workers and the last add is followed by a start', async () => {
  const step = fc.record({ key: fc.constantFrom('a', 'b', 'c'), finish: fc.boolean(), turns: fc.nat(2) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const stop = new AbortController();
      const ending: (() => void)[] = [];
      const working = new Set<string>();
      const owed = new Set<string>();
      const queue = new WorkQueue({
        atOnce: 2,
        retryAfterMs: 1,
        onError: (_, error) => assert.fail(String(error)),
        async work(key) {
          assert.ok(!working.has(key), 'two workers on one key');
          assert.ok(working.size < 2, 'too many workers');
          working.add(key);
          owed.delete(key);
          await new Promise<void>((end) => ending.push(end));
          working.delete(key);
        },
      });
      const run = queue.run(stop.signal);
      for (const { key, finish, turns } of steps) {
        owed.add(key);
        queue.add(key);
        if (finish) ending.shift()?.();
        for (let i = 0; i < turns; i += 1) await turn();
      }
      while (working.size > 0 || owed.size > 0) {
        ending.shift()?.();
        await turn();
      }
      stop.abort();
      await run;
    }),
  );
});

test('a key whose work throws is reported and comes again', async () => {
  const stop = new AbortController();
  const errors: string[] = [];
  let tries = 0;
  const queue = new WorkQueue({
    atOnce: 1,
    retryAfterMs: 1,
    onError: (key, error) => errors.push(`${key}: ${String(error)}`),
    work() {
      tries += 1;
      if (tries === 1) return Promise.reject(new Error('not yet'));
      stop.abort();
      return Promise.resolve();
    },
  });
  queue.add('a');
  await queue.run(stop.signal);
  assert.deepEqual(errors, ['a: Error: not yet']);
  assert.equal(tries, 2);
});

test('of several delays of a key the earliest counts, and it comes once', async () => {
  const stop = new AbortController();
  const worked: string[] = [];
  const queue = new WorkQueue({
    atOnce: 1,
    retryAfterMs: 1,
    onError: () => undefined,
    work(key) {
      worked.push(key);
      if (key === 'last') stop.abort();
      return Promise.resolve();
    },
  });
  queue.addAfter('a', 60_000);
  queue.addAfter('a', 1);
  queue.addAfter('a', 30_000);
  queue.addAfter('last', 40);
  await queue.run(stop.signal);
  assert.deepEqual(worked, ['a', 'last']);
});
