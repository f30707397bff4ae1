import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  afterAttempt,
  nextAttemptAt,
  noAttempts,
  spreadOf,
  tryAttempt,
  type Attempt,
  type Attempts,
  type Wish,
} from './attempts.ts';

const minute = 60_000;
const wish: Wish = { intervalMs: 30 * minute, heldRetryMs: minute, request: '', spec: 'a', spread: 0.5 };
const attempt = (outcome: Attempt['outcome']): Attempt => ({
  startedAt: 1000 * minute,
  finishedAt: 1001 * minute,
  outcome,
  reason: undefined,
  message: '',
});
const tried = (change: Partial<Attempts>): Attempts => ({
  ...noAttempts,
  request: '',
  spec: 'a',
  last: attempt('Succeeded'),
  ...change,
});

test('the next attempt is due as the table in the doc comment says', () => {
  const rows: [string, Attempts, Wish, number][] = [
    ['never tried', noAttempts, wish, 0],
    ['asked for', tried({}), { ...wish, request: 'now' }, 0],
    ['asked for and answered', tried({ request: 'now' }), { ...wish, request: 'now' }, 1030 * minute],
    ['spec changed', tried({}), { ...wish, spec: 'b' }, 0],
    ['in order', tried({}), wish, 1030 * minute],
    ['in order, spread early', tried({}), { ...wish, spread: 0 }, 1027 * minute],
    ['held', tried({ last: attempt('Held') }), wish, 1002 * minute],
    ['failed once', tried({ last: attempt('Failed'), failuresInARow: 1 }), wish, 1001.5 * minute],
    ['failed four times', tried({ last: attempt('Failed'), failuresInARow: 4 }), wish, 1005 * minute],
    ['failed for ever', tried({ last: attempt('Failed'), failuresInARow: 99 }), wish, 1030 * minute],
    ['owed and not tried since', tried({ owedSince: 1010 * minute }), wish, 0],
    [
      'owed, tried in vain',
      tried({ owedSince: 999 * minute, last: attempt('Failed'), failuresInARow: 9 }),
      wish,
      1001.5 * minute,
    ],
  ];
  for (const [title, given, wanted, due] of rows) assert.equal(nextAttemptAt(given, wanted), due, title);
});

test('an owed attempt is paid only by a good one that began afterwards', () => {
  const owed = tried({ owedSince: 1000 * minute });
  assert.equal(afterAttempt(owed, attempt('Succeeded'), wish).owedSince, undefined);
  assert.equal(afterAttempt(owed, attempt('Failed'), wish).owedSince, 1000 * minute);
  assert.equal(
    afterAttempt(tried({ owedSince: 1000.5 * minute }), attempt('Succeeded'), wish).owedSince,
    1000.5 * minute,
  );
});

test('resources spread over the interval', () => {
  const spreads = Array.from({ length: 400 }, (_, i) => spreadOf(`uid-${i}`));
  assert.ok(spreads.every((spread) => spread >= 0 && spread < 1));
  assert.ok(spreads.filter((spread) => spread < 0.5).length > 120);
});

test('a bug ends one attempt, is logged with its stack, and is told as what it is; an abort is told to nobody', async () => {
  const logged: unknown[] = [];
  const log = { error: (...given: unknown[]) => void logged.push(given[0]) };
  const bug = new TypeError('a bug');
  const stop = new AbortController();
  const deps = { log, signal: stop.signal, about: { mirror: 'ns/name' } };
  const ended = await tryAttempt(deps, () => Promise.reject(bug));
  assert.deepEqual([ended?.outcome, ended?.reason], ['Failed', 'InternalError']);
  assert.deepEqual(logged, [{ mirror: 'ns/name', err: bug }]);
  stop.abort();
  assert.equal(await tryAttempt(deps, () => Promise.reject(bug)), undefined);
  assert.equal(logged.length, 1);
});
