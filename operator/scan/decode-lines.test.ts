import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { array, asyncProperty, assert as check, uint8Array } from 'fast-check';
import { Failure } from '../failures.ts';
import { splitLines, utf8 } from './decode-lines.ts';

async function linesOf(chunks: readonly Uint8Array[], most = 100): Promise<string[]> {
  const lines: string[] = [];
  // oxlint-disable-next-line typescript/require-await -- a stream in small
  const stream = async function* (): AsyncGenerator<Uint8Array, void, void> {
    yield* chunks;
  };
  for await (const some of splitLines(stream(), most)) lines.push(...some);
  return lines;
}

describe('splitting bytes into lines', () => {
  it('gives the same lines however the bytes are cut', async () => {
    await check(
      asyncProperty(array(uint8Array({ maxLength: 30 })), async (chunks) => {
        const whole = Buffer.concat(chunks).toString('latin1').split('\n');
        if (whole.at(-1) === '') whole.pop();
        assert.deepEqual(await linesOf(chunks, 10_000), whole);
      }),
    );
  });

  it('refuses lines longer than agreed, whether they end or not', async () => {
    const refused = (error: unknown): boolean => error instanceof Failure && error.reason === 'ProtocolError';
    const long = Buffer.from('x'.repeat(60));
    await assert.rejects(linesOf([long, long]), refused);
    await assert.rejects(linesOf([Buffer.from(`${'x'.repeat(101)}\n`)]), refused);
    assert.equal((await linesOf([Buffer.from(`${'x'.repeat(100)}\n`)])).length, 1);
  });

  it('keeps every byte until it is read as text', () => {
    assert.equal(utf8(Buffer.from('日本').toString('latin1')), '日本');
    assert.equal(utf8('plain'), 'plain');
    assert.equal(utf8('caf\xe9'), 'caf\ufffd');
  });
});
