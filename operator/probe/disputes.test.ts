import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';

import type { ProbeFile } from './choose-files.ts';
import { agreedDigest, createDisputes, type Disputes } from './disputes.ts';

const source = 'aa';
const file = (path: string, digest = source): ProbeFile => ({
  number: 1,
  path,
  size: 10,
  modifiedAt: 0,
  digests: { md5: 'weak', sha256: digest },
});
const hostOf = (name: string): string => `http://${name}.example/files/`;

/** `a=bb c=-`: what mirrors at these hosts delivered; `-`: nothing of use. */
function testimonies(said: string) {
  return said
    .split(' ')
    .filter((each) => each !== '')
    .map((each) => {
      const [name = '', digest] = each.split('=');
      return { uid: name, endpoint: hostOf(name.slice(0, 1)), digest: digest === '-' ? undefined : digest };
    });
}

describe('the digest of a source is disputed', () => {
  const cases: readonly (readonly [said: string, disputed: boolean, what: string])[] = [
    ['', false, 'not if nobody was heard'],
    ['a=- b=-', false, 'not if nobody delivered a whole body'],
    ['a=bb', false, 'not by a mirror alone'],
    ['a1=bb a2=bb', false, 'not by mirrors on one host'],
    ['a=bb b=bb', true, 'by two mirrors that agree'],
    ['a=bb b=bb c=-', true, 'also where a third brought nothing'],
    ['a=bb b=bb c=bb d=bb', true, 'by many that agree'],
    ['a=bb b=cc', false, 'not by two that do not agree'],
    ['a=bb b=bb c=cc', true, 'by most, where one brings something else'],
    ['a=bb b=bb c=cc d=cc', false, 'not where as many bring something else'],
    ['a=bb b=bb c1=cc c2=cc c3=cc', true, 'by most hosts, however many mirrors one host has'],
    ['a=bb b=bb c=aa', false, 'not where anybody confirms it'],
    ['a=aa', false, 'not where it is confirmed and nothing else was heard'],
  ];
  for (const [said, disputed, what] of cases) {
    it(what, () => assert.equal(agreedDigest(source, testimonies(said)), disputed ? 'bb' : undefined));
  }

  it('never while somebody confirms it, whoever else says what in whatever order', () => {
    const digest = fc.constantFrom('aa', 'bb', 'cc', undefined);
    const told = fc.record({ endpoint: fc.constantFrom('a', 'b', 'c', 'd').map(hostOf), digest });
    fc.assert(
      fc.property(fc.array(told), fc.nat(), (all, at) => {
        const confirmed = all.toSpliced(at % (all.length + 1), 0, { endpoint: hostOf('e'), digest: source });
        assert.equal(agreedDigest(source, confirmed), undefined);
        assert.equal(agreedDigest(source, all.toReversed()), agreedDigest(source, all));
      }),
    );
  });
});

/** A court whose decisions are written down; `hear('f', 'a=bb b=bb')` hears one after the other. */
function court() {
  const told: string[] = [];
  const disputes = createDisputes({
    onRaised: ({ path }, isDue) => {
      const due = ['a', 'b', 'c', 'd'].filter(isDue);
      told.push(`${path}: raised, ask ${due.join('')}`);
    },
    onBegun: (path, uids) => told.push(`${path}: acquit ${uids.join(' ')}`),
    onEnded: (all) => {
      for (const { uid, file: about, digest } of all) told.push(`${about.path}: condemn ${uid} for ${digest}`);
    },
  });
  const hear = (about: string | ProbeFile, said: string): readonly boolean[] => {
    const heard = typeof about === 'string' ? file(about) : about;
    return testimonies(said).map(({ uid, endpoint, digest }) => disputes.hear(uid, heard, { endpoint, digest }));
  };
  const takeTold = (): readonly string[] => told.splice(0);
  return { disputes, hear, takeTold };
}

const due = (disputes: Disputes, uid: string): readonly string[] => disputes.due(uid).map(({ path }) => path);

describe('disputes', () => {
  it('begin when a second mirror says the same, and acquit the first', () => {
    const { disputes, hear, takeTold } = court();
    assert.deepEqual(hear('f', 'a=bb b=bb c=bb'), [false, true, true]);
    assert.deepEqual(takeTold(), ['f: raised, ask bcd', 'f: acquit a', 'f: raised, ask cd', 'f: raised, ask d']);
    assert.deepEqual(disputes.disputed(), { files: 1, example: 'f' });
  });

  it('end when anybody confirms the source, who is right against all others', () => {
    const { disputes, hear, takeTold } = court();
    hear('f', 'a=bb b=bb');
    takeTold();
    assert.deepEqual(hear('f', 'c=aa'), [false]);
    assert.deepEqual(takeTold(), ['f: condemn a for bb', 'f: condemn b for bb']);
    assert.equal(disputes.disputed(), undefined);
    assert.deepEqual(hear('f', 'd=bb a=bb'), [false, false]);
  });

  it('do not begin against a confirmation, but those who gave it are asked again: they may have another version by now', () => {
    const { disputes, hear } = court();
    hear('f', 'a=aa b=aa');
    assert.deepEqual(due(disputes, 'b'), []);
    assert.deepEqual(hear('f', 'a=bb'), [false]);
    assert.deepEqual(due(disputes, 'b'), ['f']);
    assert.deepEqual(hear('f', 'b=bb'), [true]);
  });

  it('let a mirror ask no more of one that has confirmed since', () => {
    const { disputes, hear } = court();
    hear('f', 'a=bb b=aa');
    for (const uid of ['a', 'b', 'c']) assert.deepEqual(due(disputes, uid), [], uid);
  });

  it('are not ended by one corrupt mirror, which stays wrong', () => {
    const { disputes, hear, takeTold } = court();
    assert.deepEqual(hear('f', 'a=bb x=cc b=bb'), [false, false, true]);
    assert.deepEqual(
      takeTold().filter((each) => !each.includes('raised')),
      ['f: acquit a'],
    );
    assert.deepEqual(hear('f', 'x=cc c=bb'), [false, true]);
    assert.deepEqual(disputes.disputed(), { files: 1, example: 'f' });
  });

  it('change sides when more agree on something else', () => {
    const { hear, takeTold } = court();
    hear('f', 'a=bb b=bb c=cc');
    takeTold();
    assert.deepEqual(hear('f', 'd=cc e=cc'), [false, true]);
    assert.deepEqual(
      takeTold().filter((each) => !each.includes('raised')),
      ['f: condemn a for bb', 'f: condemn b for bb', 'f: acquit c d'],
    );
  });

  it('have every mirror asked once', () => {
    const { disputes, hear } = court();
    hear('f', 'a=bb b=bb');
    hear('g', 'a=bb');
    assert.deepEqual(due(disputes, 'c'), ['f', 'g']);
    hear('f', 'c=-');
    assert.deepEqual(due(disputes, 'c'), ['g']);
    assert.deepEqual(due(disputes, 'a'), []);
  });

  it('are about one version: another digest of the source begins anew', () => {
    const { disputes, hear } = court();
    hear('f', 'a=bb b=bb');
    assert.deepEqual(hear(file('f', 'bb'), 'a=bb'), [false]);
    assert.equal(disputes.disputed(), undefined);
    hear('g', 'a=bb b=bb');
    disputes.follow((path) => file(path));
    assert.deepEqual(disputes.disputed(), { files: 1, example: 'g' });
    disputes.follow((path) => file(path, 'bb'));
    assert.equal(disputes.disputed(), undefined);
  });

  it('say nothing of files without a digest', () => {
    const { disputes, hear } = court();
    const plain: ProbeFile = { ...file('f'), digests: {} };
    assert.deepEqual(hear(plain, 'a=bb b=bb'), [false, false]);
    assert.equal(disputes.disputed(), undefined);
  });

  it('forget a mirror that is gone, and what it confirmed', () => {
    const { disputes, hear, takeTold } = court();
    hear('f', 'a=bb b=bb c=aa');
    takeTold();
    disputes.forget('c');
    assert.deepEqual(takeTold(), ['f: acquit a b']);
    disputes.forget('b');
    assert.deepEqual(takeTold(), ['f: condemn a for bb']);
  });

  it('remember so many files and no more', () => {
    const { disputes, hear } = court();
    for (let i = 0; i < 2100; i += 1) hear(`f${i}`, 'a=bb b=bb');
    assert.deepEqual(disputes.disputed(), { files: 2000, example: 'f100' });
  });

  it('remember so many mirrors and no more, but who confirms the source', () => {
    const { disputes } = court();
    const told = (i: number, digest: string) =>
      disputes.hear(`m${i}`, file('f'), { endpoint: `http://m${i}.example/`, digest });
    told(0, source);
    for (let i = 1; i < 100; i += 1) assert.equal(told(i, 'bb'), false);
    assert.deepEqual(due(disputes, 'new'), []);
    assert.deepEqual(due(disputes, 'm0'), ['f']);
  });

  it("hold against exactly those mirrors what is neither the source's digest nor the one agreed on, whatever the order", () => {
    const step = fc.record({
      uid: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      digest: fc.constantFrom('aa', 'bb', 'cc', undefined),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const held = new Set<string>();
        const disputes = createDisputes({
          onRaised: () => undefined,
          onBegun: (_, uids) => uids.forEach((uid) => held.delete(uid)),
          onEnded: (all) => all.forEach(({ uid }) => held.add(uid)),
        });
        const latest = new Map<string, { endpoint: string; digest: string | undefined }>();
        for (const { uid, digest } of steps) {
          const testimony = { endpoint: hostOf(uid), digest };
          if (digest !== undefined || latest.size > 0) latest.set(uid, testimony);
          const stands = disputes.hear(uid, file('f'), testimony);
          if (digest === undefined || digest === source || stands) held.delete(uid);
          else held.add(uid);
          const agreed = agreedDigest(source, latest.values());
          assert.equal(disputes.disputed()?.files, agreed === undefined ? undefined : 1);
          const wrong = [...latest].filter(
            ([, told]) => told.digest && told.digest !== source && told.digest !== agreed,
          );
          assert.deepEqual([...held].sort(), wrong.map(([name]) => name).sort());
        }
      }),
    );
  });
});
