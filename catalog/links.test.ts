import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLinks } from './links.ts';

const links = createLinks([
  { path: 'latest', target: '1.2' },
  { path: 'pool/current', target: '../latest/pool' },
  { path: 'pool/here', target: './x//y' },
  { path: 'latest/old', target: '../1.1' },
  { path: 'out', target: '../../etc/passwd' },
  { path: 'absolute', target: '/etc/passwd' },
  { path: 'loop', target: 'loop2/x' },
  { path: 'loop2', target: 'loop' },
  { path: 'self', target: 'self' },
  { path: 'root', target: '.' },
  ...Array.from({ length: 10 }, (_, at) => ({ path: `hop${at}`, target: `hop${at + 1}` })),
]);

describe('links', () => {
  for (const [path, resolved] of [
    ['latest/x.iso', '1.2/x.iso'],
    ['latest', '1.2'],
    ['latestx/x.iso', undefined],
    ['1.2/x.iso', undefined],
    ['pool/current/a', '1.2/pool/a'],
    ['pool/here/z', 'pool/x/y/z'],
    ['latest/old/x', '1.1/x'],
    ['out/x', undefined],
    ['absolute', undefined],
    ['loop/a', undefined],
    ['self', undefined],
    ['root/latest/a', '1.2/a'],
    ['hop2/a', 'hop10/a'],
    ['hop1/a', undefined],
    ['', undefined],
    ['/', undefined],
  ] as const) {
    it(`lead from ${path} to ${resolved ?? 'nowhere: no link on the way, out of the root, or over eight hops'}`, () => {
      assert.equal(links.resolve(path), resolved);
    });
  }

  it('cost nothing where there are none', () => {
    assert.equal(createLinks([]).resolve('a/b'), undefined);
  });
});
