import assert from 'node:assert/strict';
import { it } from 'node:test';

import { chooseFiles, chooseSample, type FileSource, type ProbeFile } from './choose-files.ts';

const file = (number: number): ProbeFile => ({ number, path: `f${number}`, size: 1, modifiedAt: 0, digests: {} });

function source(current: readonly ProbeFile[], asked: readonly ProbeFile[] = []): FileSource {
  const any = (files: readonly ProbeFile[], random: () => number) => files[Math.floor(random() * files.length)];
  return {
    randomCurrent: (random) => any(current, random),
    recentlyAsked: (random) => any(asked, random),
    held: () => undefined,
    find: (path) => [...current, ...asked].find((each) => each.path === path),
  };
}

it('chooses different files as far as there are any', () => {
  const files = [0, 1, 2, 3, 4, 5].map(file);
  for (let round = 0; round < 50; round += 1) {
    const chosen = chooseFiles(source(files), 3, Math.random);
    assert.ok(chosen.length >= 2 && chosen.length <= 3);
    assert.equal(new Set(chosen.map(({ path }) => path)).size, chosen.length);
  }
  assert.deepEqual(chooseFiles(source([file(1)]), 3, Math.random), [file(1)]);
  assert.deepEqual(chooseFiles(source([]), 3, Math.random), []);
});

it('samples half at random and half of what clients asked for', () => {
  const files = source([file(1)], [file(2)]);
  const drawn = [0.1, 0.9].map(
    (value) =>
      chooseSample(
        files,
        () => value,
        () => false,
      )?.path,
  );
  assert.deepEqual(drawn, ['f2', 'f1']);
});

it('samples at random where nobody asked for anything', () => {
  assert.equal(
    chooseSample(
      source([file(1)]),
      () => 0,
      () => false,
    )?.path,
    'f1',
  );
});

it('draws again instead of a refused file, but not for ever', () => {
  const files = source([file(1)], [file(2)]);
  assert.equal(
    chooseSample(files, Math.random, () => true),
    undefined,
  );
  const values = [0.1, 0, 0.9, 0];
  assert.equal(
    chooseSample(
      files,
      () => values.shift() ?? 0,
      ({ path }) => path === 'f2',
    )?.path,
    'f1',
  );
});
