import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { availability } from '@geomirror/catalog/file.ts';
import { sampleFile, sampleMirror, sampleRepository } from '../samples.ts';
import { fallbackUid, heldFiles, probedFallbacks, probedMirror } from './probed.ts';
import { repositoryWorld, sampleFiles } from './testing/repository-world.ts';

const { Current, WrongSize, Outdated } = availability;
/** The middle of each of n equal parts, over and over. */
function spread(parts: number): () => number {
  let at = 0;
  return () => ((at++ % parts) + 0.5) / parts;
}

describe('the files that a mirror is asked for', () => {
  test('are those of the source that it has in their current version', async () => {
    const { enter, scanned, state } = await repositoryWorld();
    await enter({ added: sampleFiles('a', 'b', 'old', 'wrong', 'lacks', 'left') });
    await scanned(sampleMirror(), { a: Current, b: Current, old: Outdated, wrong: WrongSize, left: Current });
    await enter({ removed: ['left'] });
    const files = heldFiles(state, 'mirror-uid', () => []);
    const random = spread(state.ledger.table.end);
    const drawn = new Set(Array.from({ length: 100 }, () => files.randomCurrent(random)?.path));
    assert.deepEqual(drawn, new Set(['a', 'b']));
  });

  test('are none where it has none, and for a mirror that was never scanned', async () => {
    const { enter, scanned, state } = await repositoryWorld();
    await enter({ added: sampleFiles('a', 'b') });
    await scanned(sampleMirror(), { a: WrongSize });
    assert.equal(heldFiles(state, 'mirror-uid', () => []).randomCurrent(spread(7)), undefined);
    assert.equal(heldFiles(state, 'unknown', () => []).randomCurrent(spread(7)), undefined);
  });

  test('are found although it has but one in thousands', async () => {
    const { enter, scanned, state } = await repositoryWorld();
    await enter({ added: Array.from({ length: 3000 }, (_, index) => sampleFile({ path: `f/${index}` })) });
    await scanned(sampleMirror(), { 'f/2900': Current });
    const files = heldFiles(state, 'mirror-uid', () => []);
    assert.equal(files.randomCurrent(() => 0.01)?.path, 'f/2900');
  });

  test('are found by their path, if the mirror has them', async () => {
    const { enter, scanned, state } = await repositoryWorld();
    await enter({ added: sampleFiles('a', 'old') });
    await scanned(sampleMirror(), { a: Current, old: Outdated });
    const files = heldFiles(state, 'mirror-uid', () => []);
    assert.deepEqual(
      ['a', 'old', 'unknown'].map((path) => [files.held(path)?.path, files.find(path)?.path]),
      [
        ['a', 'a'],
        [undefined, 'old'],
        [undefined, undefined],
      ],
    );
  });

  test('are also those that clients asked for lately, if it has them', async () => {
    const { enter, scanned, state } = await repositoryWorld();
    await enter({ added: sampleFiles('a', 'b') });
    await scanned(sampleMirror(), { a: Current });
    const asked = ['a', 'b', 'unknown'];
    const files = heldFiles(state, 'mirror-uid', (slot) => (slot === 'ns/repo' ? asked : []));
    assert.deepEqual(
      [0, 0.4, 0.8].map((at) => files.recentlyAsked(() => at)?.path),
      ['a', undefined, undefined],
    );
    assert.equal(
      heldFiles(state, 'mirror-uid', () => []).recentlyAsked(() => 0),
      undefined,
    );
  });

  test('are told with all that the source says of them', async () => {
    const { enter, state } = await repositoryWorld();
    const digests = { sha256: '1'.repeat(64) };
    await enter({ added: [sampleFile({ path: 'a', digests })] });
    const files = heldFiles(state, 'mirror-uid', () => []);
    assert.deepEqual(files.find('a'), { number: 0, path: 'a', size: 100, modifiedAt: 1_000_000_000, digests });
    await enter({ removed: ['a'] });
    assert.deepEqual([files.find('a'), files.find('b')], [undefined, undefined]);
  });
});

test('a Mirror is probed as its spec says, by its own redirect policy or the Repository’s', async () => {
  const { state } = await repositoryWorld();
  const files = heldFiles(state, 'mirror-uid', () => []);
  assert.deepEqual(probedMirror(sampleMirror(), sampleRepository(), files), {
    uid: 'mirror-uid',
    name: 'mirror',
    slot: 'ns/repo',
    endpoints: ['https://mirror.example/'],
    healthCheck: { intervalMs: 60_000, timeoutMs: 10_000, failureThreshold: 3, successThreshold: 2, path: '' },
    verification: { window: 60, maxWrongPercent: 5, maxBytesPerHour: 20 * 1024 * 1024 },
    redirects: 'SameSite',
    files,
  });
  const own = sampleMirror({ spec: { redirectPolicy: 'Forbid' } });
  assert.equal(probedMirror(own, sampleRepository(), files).redirects, 'Forbid');
});

test('a fallback is probed for any file of the source, may redirect, and is never sampled', async () => {
  const { enter, state } = await repositoryWorld();
  await enter({ added: sampleFiles('a') });
  const fallbacks = [{ name: 'archive', url: 'https://archive.example/' }];
  const [fallback] = probedFallbacks(sampleRepository({ spec: { fallbacks } }), state);
  assert.equal(fallback?.uid, fallbackUid('repo-uid', 'archive'));
  assert.deepEqual([fallback?.endpoints, fallback?.redirects], [['https://archive.example/'], 'Allow']);
  assert.equal(fallback?.verification.window, 0);
  assert.equal(fallback?.files.randomCurrent(() => 0)?.path, 'a');
});
