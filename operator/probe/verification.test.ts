import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { FileSource, ProbeFile } from './choose-files.ts';
import type { ContentReason } from './rolling-window.ts';
import { createVerification, type VerifiedMirror } from './verification.ts';
import type { FileCheck, FileFinding } from './verify-file.ts';

const minute = 60_000;
const never = new AbortController().signal;
const endpoint = 'http://m/';

/** Deterministic numbers in [0, 1) (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Truth = 'Good' | ContentReason | 'CorruptBytes' | 'Unreachable' | 'Busy';

/** A mirror of `count` files whose column follows what verification tells; `truth` is what it really serves. */
function createWorld(options: {
  count: number;
  truth: (path: string) => Truth;
  maxBytesPerHour?: number;
  size?: number;
  withheldBefore?: ContentReason;
}) {
  const { count, maxBytesPerHour = 20 * 2 ** 20, size = 1000 } = options;
  const files = new Map<string, ProbeFile>();
  for (let number = 0; number < count; number += 1) {
    files.set(`f${number}`, { number, path: `f${number}`, size, modifiedAt: 0, digests: {} });
  }
  const wrong = new Set<string>();
  const told: string[] = [];
  const asked: FileCheck[] = [];
  const source: FileSource = {
    randomCurrent(random) {
      const current = [...files.values()].filter(({ path }) => !wrong.has(path));
      return current[Math.floor(random() * current.length)];
    },
    recentlyAsked: () => files.get('f0'),
    find: (path) => files.get(path),
    held: (path) => (wrong.has(path) ? undefined : files.get(path)),
  };
  const world = {
    now: 0,
    truth: options.truth,
    files,
    wrong,
    told,
    asked,
    bytes: 0,
    state: () => verification.state(),
    note: (path: string) => {
      const file = files.get(path)!;
      verification.note(endpoint, { file, reason: 'ContentMissing', detail: 'probed' });
    },
    check: () => verification.check({ ...mirror, endpoints: [endpoint] }, never),
    async checks(times: number) {
      for (let i = 0; i < times; i += 1) {
        await world.check();
        world.now += minute;
      }
    },
  };
  const mirror: VerifiedMirror = {
    files: source,
    verification: { window: 60, maxWrongPercent: 5, maxBytesPerHour },
    redirects: 'Forbid',
    timeoutMs: 1000,
    endpoints: [endpoint],
  };
  const verification = createVerification(
    {
      verifyFile: async (check) => {
        asked.push(check);
        const finding = serve(check, world.truth(check.file.path));
        world.bytes += finding.bytes;
        return finding;
      },
      now: () => world.now,
      hear: () => false,
      due: () => [],
      random: numbers(7),
      pace: { afterMs: 1, bytesPerSecond: 1, longestMs: 1 },
      onWrong: (path, reason) => {
        wrong.add(path);
        told.push(`${path} ${reason}`);
      },
      onClean: (path) => {
        wrong.delete(path);
        told.push(`${path} clean`);
      },
      onForgotten: (path) => {
        wrong.delete(path);
        told.push(`${path} forgotten`);
      },
    },
    mirror.verification,
    options.withheldBefore,
  );
  return world;
}

function serve({ closeness, file }: FileCheck, truth: Truth): FileFinding {
  const seen = { closeness, bytes: { Head: 0, Range: 4096, Whole: file.size ?? 0 }[closeness] };
  const headersOnly = { closeness: 'Head', bytes: 0 } as const;
  switch (truth) {
    case 'Good':
      return { kind: 'Clean', ...seen };
    case 'Unreachable':
      return { kind: 'Inconclusive', detail: 'refused', ...headersOnly };
    case 'Busy':
      return { kind: 'Inconclusive', detail: '429', refusedWith: 429, ...headersOnly };
    case 'CorruptBytes':
      if (closeness !== 'Whole') return { kind: 'Clean', ...seen };
      return { kind: 'Wrong', reason: 'ContentWrong', detail: 'digest', ...seen };
    case 'ContentMissing':
    case 'ContentWrong':
    case 'TooSlow':
      return { kind: 'Wrong', reason: truth, detail: `is ${truth}`, ...headersOnly };
  }
}

const isEven = (path: string): boolean => Number(path.slice(1)) % 2 === 0;

describe('the verification of a mirror', () => {
  it('that is honest only counts', async () => {
    const world = createWorld({ count: 100, truth: () => 'Good' });
    await world.checks(100);
    assert.deepEqual(world.state(), { sampled: 60, wrong: 0, wrongFiles: new Map() });
    assert.deepEqual(world.told, []);
    assert.equal(world.asked.length, 5 + 5 + 98);
  });

  it('asks half of the time for what clients ask for', async () => {
    const world = createWorld({ count: 1000, truth: () => 'Good' });
    await world.checks(400);
    const popular = world.asked.filter(({ file }) => file.path === 'f0').length;
    assert.ok(popular > 150 && popular < 260, `${popular}`);
  });

  it('that serves pages for all files withholds it in the first check', async () => {
    const world = createWorld({ count: 100, truth: () => 'ContentWrong' });
    await world.checks(1);
    assert.equal(world.state().verdict, 'ContentWrong');
    assert.equal(world.state().lastWrong?.reason, 'ContentWrong');
    assert.equal(world.wrong.size, 5);
    assert.deepEqual([...world.state().wrongFiles.keys()].sort(), [...world.wrong].sort());
  });

  it('that has few files, all of them wrong, withholds it, and a mended one comes back with all of them', async () => {
    for (const count of [1, 2, 3, 8]) {
      const world = createWorld({ count, truth: () => 'ContentMissing' });
      await world.checks(4);
      assert.equal(world.state().verdict, 'ContentMissing', `${count} files`);
      world.truth = () => 'Good';
      await world.checks(20);
      assert.equal(world.state().verdict, undefined, `${count} files`);
      assert.equal(world.wrong.size, 0);
    }
  });

  it('that lacks half of its files withholds it soon and takes those files from it', async () => {
    const world = createWorld({ count: 1000, truth: (path) => (isEven(path) ? 'ContentMissing' : 'Good') });
    await world.checks(2);
    assert.equal(world.state().verdict, 'ContentMissing');
    await world.checks(100);
    assert.equal(world.state().verdict, 'ContentMissing');
    assert.ok([...world.wrong].every(isEven));
  });

  it('brings back a mended mirror by itself, and each of its files', async () => {
    const world = createWorld({ count: 1000, truth: (path) => (isEven(path) ? 'ContentMissing' : 'Good') });
    await world.checks(30);
    world.truth = () => 'Good';
    let checks = 0;
    while (await world.check()) checks += 1;
    assert.ok(checks <= 8, `${checks}`);
    assert.equal(world.state().verdict, undefined);
    assert.equal(world.wrong.size, 0);
  });

  it('takes one wrong file from a good mirror, tells it once, and gives it back', async () => {
    const world = createWorld({ count: 50, truth: (path) => (path === 'f0' ? 'ContentMissing' : 'Good') });
    await world.checks(100);
    assert.deepEqual(world.told, ['f0 ContentMissing']);
    assert.equal(world.state().verdict, undefined);
    world.truth = () => 'Good';
    await world.checks(1);
    assert.deepEqual(world.told, ['f0 ContentMissing', 'f0 clean']);
  });

  it('looks again at files that a probe found wrong', async () => {
    const world = createWorld({ count: 50, truth: () => 'Good' });
    world.note('f7');
    world.note('f7');
    assert.deepEqual(world.told, ['f7 ContentMissing']);
    assert.equal(world.state().sampled, 0);
    await world.checks(1);
    assert.deepEqual(world.told, ['f7 ContentMissing', 'f7 clean']);
  });

  it('forgets what was wrong with another version of a file, and with one that left the source', async () => {
    const world = createWorld({ count: 50, truth: () => 'ContentMissing' });
    world.note('f7');
    world.note('f8');
    world.files.set('f7', { ...world.files.get('f7')!, number: 77, size: 1001 });
    world.files.delete('f8');
    world.truth = () => 'Good';
    await world.checks(1);
    assert.deepEqual(world.told, ['f7 ContentMissing', 'f8 ContentMissing', 'f7 forgotten', 'f8 forgotten']);
    assert.equal(world.state().wrongFiles.size, 0);
  });

  it('still knows a wrong file that the catalog gave another number', async () => {
    const world = createWorld({ count: 50, truth: (path) => (path === 'f7' ? 'ContentMissing' : 'Good') });
    world.note('f7');
    world.files.set('f7', { ...world.files.get('f7')!, number: 77 });
    await world.checks(3);
    world.truth = () => 'Good';
    await world.checks(1);
    assert.deepEqual(world.told, ['f7 ContentMissing', 'f7 clean']);
  });

  it('tells of the wrong files that are too many to be remembered, so that none is lost for ever', async () => {
    const world = createWorld({ count: 1500, truth: () => 'ContentMissing' });
    for (const path of world.files.keys()) world.note(path);
    assert.equal(world.state().wrongFiles.size, 1000);
    assert.equal(world.told.filter((each) => each.endsWith('forgotten')).length, 500);
    assert.equal(world.wrong.size, 1000);
  });

  it('does not let headers clear what only bytes showed', async () => {
    // One file an hour can be read whole.
    const world = createWorld({ count: 100, truth: () => 'CorruptBytes', maxBytesPerHour: 5000 });
    await world.checks(1);
    assert.equal(world.state().verdict, 'ContentWrong');
    await world.checks(60);
    assert.equal(world.state().verdict, 'ContentWrong');
    world.truth = () => 'Good';
    await world.checks(10 * 60);
    assert.equal(world.state().verdict, undefined);
  });

  it('reads no more than its budget, and looks at headers and ranges instead', async () => {
    const size = 100_000;
    const world = createWorld({ count: 100, truth: () => 'Good', size, maxBytesPerHour: 3 * size });
    await world.checks(180);
    assert.ok(world.bytes > 8 * size && world.bytes <= (3 + 3 * 3) * size, `${world.bytes}`);
    const ways = new Set(world.asked.map(({ closeness }) => closeness));
    assert.deepEqual([...ways].sort(), ['Head', 'Range', 'Whole']);
  });

  it('draws no conclusion from a network that fails', async () => {
    const world = createWorld({ count: 100, truth: () => 'Unreachable' });
    await world.checks(10);
    assert.deepEqual(world.state(), { sampled: 0, wrong: 0, wrongFiles: new Map() });
    assert.equal(world.asked.length, 10);
  });

  describe('that was withheld before the process started', () => {
    it('goes on withholding it until half a window of samples is clean, by more than headers', async () => {
      const world = createWorld({ count: 100, truth: () => 'Good', withheldBefore: 'ContentMissing' });
      assert.equal(world.state().verdict, 'ContentMissing');
      for (let checks = 0; world.state().sampled < 30; checks += 1) {
        assert.equal(world.state().verdict, 'ContentMissing');
        assert.equal(
          await world.check(),
          world.state().sampled < 10 || world.state().verdict !== undefined,
          `${checks}`,
        );
      }
      assert.equal(world.state().verdict, undefined);
      assert.ok(world.asked.every(({ closeness }) => closeness !== 'Head'));
    });

    it('does not need bodies where none may be read', async () => {
      const world = createWorld({
        count: 100,
        truth: () => 'Good',
        withheldBefore: 'ContentMissing',
        maxBytesPerHour: 0,
      });
      await world.checks(6);
      assert.equal(world.state().verdict, undefined);
    });

    it('never lets a mirror pass that is as bad as before', async () => {
      const world = createWorld({ count: 100, truth: () => 'CorruptBytes', withheldBefore: 'ContentWrong' });
      for (let checks = 0; checks < 30; checks += 1) {
        assert.equal(world.state().verdict, 'ContentWrong');
        await world.checks(1);
      }
    });
  });

  it('tells since when bodies are refused with a status that is about us, and condemns nobody for it', async () => {
    const world = createWorld({ count: 100, truth: () => 'Busy' });
    world.now = 5000;
    await world.checks(3);
    assert.deepEqual(world.state().refused, { status: 429, since: 5000 });
    assert.deepEqual([world.state().sampled, world.state().verdict], [0, undefined]);
    world.truth = () => 'Good';
    await world.checks(1);
    assert.equal(world.state().refused, undefined);
  });

  it('has nothing to do where there are no files', async () => {
    const world = createWorld({ count: 0, truth: () => 'Good' });
    assert.equal(await world.check(), false);
  });
});
