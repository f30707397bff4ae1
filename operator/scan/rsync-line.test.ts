import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assert as check, maxSafeNat, nat, property, string, uint8Array } from 'fast-check';
import { parseRsyncLine, unescapeRsync, type RsyncLine } from './rsync-line.ts';

const at = Date.UTC(2026, 10, 23, 7, 51, 26) / 1000;
const file = (path: string, size: number, modifiedAt: number | undefined = at): RsyncLine => ({
  kind: 'File',
  path,
  size,
  modifiedAt,
});
const undated = (path: string): RsyncLine => ({ ...file(path, 0), modifiedAt: undefined }) as RsyncLine;
const link = (path: string, target: string): RsyncLine => ({ kind: 'Link', path, target });
const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

describe('a line of an rsync listing', () => {
  const table: ReadonlyArray<[string, RsyncLine]> = [
    ['-rw-r--r--           3 2026/11/23 07:51:26 a', file('a', 3)],
    ['-rw-r--r--    1,234,567 2026/11/23 07:51:26 a/b.iso', file('a/b.iso', 1_234_567)],
    ['-rw-r--r-- 9999999999999 2026/11/23 07:51:26 big', file('big', 9_999_999_999_999)],
    ['-rw-r--r-- 9,999,999,999,999 2026/11/23 07:51:26 big', file('big', 9_999_999_999_999)],
    ['-rwsr-sr-t+          0 2026/11/23 07:51:26 acl', file('acl', 0)],
    ['-rw-r--r--           0 2026/11/23 07:51:26  lead', file(' lead', 0)],
    ['-rw-r--r--           0 2026/11/23 07:51:26 trail ', file('trail ', 0)],
    ['-rw-r--r--           0 2026/11/23 07:51:26 a -> b', file('a -> b', 0)],
    ['-rw-r--r--           0 2026/11/23 07:51:26 a%2fb#?', file('a%2fb#?', 0)],
    [latin1('-rw-r--r--           0 2026/11/23 07:51:26 café/日本'), file('café/日本', 0)],
    ['-rw-r--r--           0 2026/11/23 07:51:26 caf\xe9', file('caf\ufffd', 0)],
    ['-rw-r--r--           0 2026/11/23 07:51:26 new\\#012line', file('new\nline', 0)],
    ['-rw-r--r--           0 2026/11/23 07:51:26 esc\\#134#012lit', file('esc\\#012lit', 0)],
    ['-rw-r--r--           0 2026/11/23 07:51:26 back\\slash', file('back\\slash', 0)],
    ['-rw-r--r--           0 2026/11/23 07:51:26 caf\\#303\\#251', file('café', 0)],
    ['-rw-r--r--           0 1901/12/13 20:45:52 old', file('old', 0, -2_147_483_648)],
    ['-rw-r--r--           0 1970/01/01 00:00:00 epoch', file('epoch', 0, 0)],
    ['-rw-r--r--           0 2446/05/10 22:38:55 far', file('far', 0, Date.UTC(2446, 4, 10, 22, 38, 55) / 1000)],
    ['-rw-r--r--           0 12345/01/01 00:00:00 later', undated('later')],
    ['-rw-r--r--           0  999/01/01 00:00:00 long ago', undated('long ago')],
    ['-rw-r--r--           0 2026/13/41 25:61:61 never', undated('never')],
    ['lrwxrwxrwx           1 2026/11/23 07:51:26 l -> x', link('l', 'x')],
    ['lrwxrwxrwx           6 2026/11/23 07:51:26 l1 -> x -> y', link('l1', 'x -> y')],
    [latin1('lrwxrwxrwx           6 2026/11/23 07:51:26 l -> 2 -> sub/é'), link('l -> 2', 'sub/é')],
    ['lrwxrwxrwx           0 2026/11/23 07:51:26 l -> x -> y', link('l', 'x -> y')],
    ['lrwxrwxrwx           3 2026/11/23 07:51:26 l -> a\\#012b', link('l', 'a\nb')],
    ['lrwxrwxrwx           3 2026/11/23 07:51:26 l', { kind: 'Unreadable' }],
    ['drwxr-xr-x        4096 2026/11/23 07:51:26 .', { kind: 'Other' }],
    ['prw-r--r--           0 2026/11/23 07:51:26 fifo', { kind: 'Other' }],
    ['crw-rw-rw-           0 2026/11/23 07:51:26 null', { kind: 'Other' }],
    ['-rw-r--r--          -1 2026/11/23 07:51:26 negative', { kind: 'Unreadable' }],
    ['-rw-r--r-- 99999999999999999999 2026/11/23 07:51:26 huge', { kind: 'Unreadable' }],
    ['-rw-r--r--        1,23 2026/11/23 07:51:26 odd', { kind: 'Unreadable' }],
    ['-rw-r--r--           3 2026/11/23 07:51:26', { kind: 'Unreadable' }],
    ['-rw-r--r--  nothing of this is as it should be', { kind: 'Unreadable' }],
    ['Welcome to our mirror!', { kind: 'Chatter' }],
    ['', { kind: 'Chatter' }],
    ['-', { kind: 'Chatter' }],
    ['mod            \ta module', { kind: 'Chatter' }],
    ['.d..t...... ./', { kind: 'Chatter' }],
  ];
  for (const [line, expected] of table) {
    it(`${JSON.stringify(line)} is ${expected.kind}`, () => assert.deepEqual(parseRsyncLine(line), expected));
  }

  it('gives back any name of bytes and any size', () => {
    check(
      property(
        uint8Array({ min: 1, minLength: 1, maxLength: 40 }),
        maxSafeNat(),
        nat(4_000_000_000),
        (bytes, size, seconds) => {
          const date = new Date(seconds * 1000).toISOString();
          const stamp = `${date.slice(0, 10).replaceAll('-', '/')} ${date.slice(11, 19)}`;
          const expected = file(Buffer.from(bytes).toString('utf8'), size, seconds);
          assert.deepEqual(parseRsyncLine(`-rw-r--r-- ${size} ${stamp} ${escapeLikeRsync(bytes)}`), expected);
        },
      ),
    );
  });

  it('cuts a link at the right arrow whatever arrows both sides hold', () => {
    const withArrows = string({ minLength: 1, maxLength: 8, unit: 'binary-ascii' }).map((text) =>
      text.replaceAll('a', ' -> '),
    );
    check(
      property(withArrows, withArrows, (path, target) => {
        // Where another cut leaves a target of the same length the two cannot be told apart; there is none for the true length.
        const printed = `${escapeLikeRsync(Buffer.from(path))} -> ${escapeLikeRsync(Buffer.from(target))}`;
        const line = parseRsyncLine(`lrwxrwxrwx ${target.length} 2026/11/23 07:51:26 ${printed}`);
        assert.deepEqual(line, link(path, target));
      }),
    );
  });

  it('never throws', () => {
    check(property(string({ unit: 'binary' }), (text) => void parseRsyncLine(`-rw-r--r-- ${text}`)));
    check(property(string({ unit: 'binary' }), (text) => void unescapeRsync(text)));
  });
});

/** What rsync's filtered_fwrite does with -8. */
function escapeLikeRsync(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1');
  const octal = (character: string): string => `\\#${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
  // oxlint-disable-next-line no-control-regex -- they are what rsync escapes
  return text.replaceAll(/[\u0000-\u0008\u000a-\u001f]|\\(?=#[0-9]{3})/g, octal);
}
