import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createJobs } from './jobs.ts';

type Held = { readonly name: string; readonly end: () => void };

/** Jobs that run until they are told to end. */
function holding(atOnce: number): {
  start: (name: string, host: string, signal?: AbortSignal) => Promise<void>;
  running: Map<string, Held>;
} {
  const jobs = createJobs(atOnce);
  const running = new Map<string, Held>();
  const never = new AbortController().signal;
  return {
    running,
    start: (name, host, signal = never) =>
      jobs.run(host, signal, async () => {
        await new Promise<void>((end) => running.set(name, { name, end }));
        running.delete(name);
      }),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('no more jobs run at once than allowed, and never two at one host', async () => {
  const { start, running } = holding(2);
  const all = [start('a1', 'a'), start('a2', 'a'), start('b', 'b'), start('c', 'c')];
  await turn();
  assert.deepEqual([...running.keys()], ['a1', 'b']);
  running.get('b')?.end();
  await turn();
  assert.deepEqual([...running.keys()], ['a1', 'c']);
  running.get('a1')?.end();
  await turn();
  assert.deepEqual([...running.keys()], ['c', 'a2']);
  for (const { end } of running.values()) end();
  await Promise.all(all);
});

test('a job that is aborted while it waits leaves the line and does not run', async () => {
  const { start, running } = holding(1);
  const first = start('first', 'a');
  const stop = new AbortController();
  const second = start('second', 'b', stop.signal);
  stop.abort(new Error('stopped'));
  await assert.rejects(second, /stopped/);
  await assert.rejects(start('third', 'c', stop.signal), /stopped/);
  running.get('first')?.end();
  await first;
  await turn();
  assert.equal(running.size, 0);
});

test('a job that throws makes room for the next', async () => {
  const jobs = createJobs(1);
  const { signal } = new AbortController();
  await assert.rejects(
    jobs.run('a', signal, () => Promise.reject(new Error('broken'))),
    /broken/,
  );
  assert.equal(await jobs.run('a', signal, () => Promise.resolve('works')), 'works');
});
