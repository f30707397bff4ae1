import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { createColumnBits } from '@geomirror/catalog/column.ts';
import { availability, type FileVersion } from '@geomirror/catalog/file.ts';
import type { Manifest } from '@geomirror/catalog/manifest.ts';
import type { OwnVersion } from '@geomirror/catalog/pages/exceptions.ts';
import { createMemoryStore } from '@geomirror/catalog/store/memory.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import { type CatalogView, loadView } from '@geomirror/catalog/view.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createPublisher, type Publisher, type PublishedMirror } from './publisher.ts';
import { operatorPages } from './restore.ts';

/** A version is a number that never comes back for a path; its size only sometimes differs from the one before. */
type Tree = Map<string, number>;
const size = (version: number) => 1000 + (version % 3);
const versionOf = (path: string, version: number): FileVersion => ({
  path,
  size: size(version),
  modifiedAt: 1_700_000_000 + version,
  timeSlack: 0,
  digests: version % 2 === 0 ? {} : { sha1: version.toString(16).padStart(40, '0') },
});
const ownOf = (path: string, version: number): OwnVersion => ({
  path,
  size: size(version),
  sizeSlack: 0,
  modifiedAt: 1_700_000_000 + version,
  timeSlack: 0,
});
const versionIn = (table: Table, number: number) => (table.modifiedAt(number) ?? 0) - 1_700_000_000;
const matches = (own: OwnVersion, file: FileVersion) => own.size === file.size && own.modifiedAt === file.modifiedAt;

const names = ['a', 'b/c', 'b/é ü', 'e/f/g', 'i/1', 'i/2'];
const mirrors = ['m1', 'm2', 'm3'];
const bulk = 5500;
const slot = 'ns/repo';

type Step =
  | { readonly kind: 'Source'; readonly edits: readonly (readonly [number, 'Change' | 'Remove' | 'Return'])[] }
  | { readonly kind: 'AddMany' | 'RemoveMany' | 'Compact' | 'Publish' | 'Restart' | 'CleanUp' | 'LoseStore' }
  | { readonly kind: 'Sync'; readonly mirror: number; readonly mask: number; readonly ahead: boolean }
  | { readonly kind: 'StartScan' | 'EndScan'; readonly mirror: number }
  | { readonly kind: 'Wait'; readonly ms: number };

const mirror = fc.nat(mirrors.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('Source'),
      edits: fc.array(fc.tuple(fc.nat(names.length - 1), fc.constantFrom('Change', 'Change', 'Remove', 'Return')), {
        maxLength: 4,
      }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'AddMany',
        'AddMany',
        'RemoveMany',
        'Compact',
        'Publish',
        'Publish',
        'Restart',
        'CleanUp',
        'LoseStore',
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('Sync'), mirror, mask: fc.nat(2 ** names.length), ahead: fc.boolean() }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom('StartScan', 'EndScan', 'EndScan'), mirror }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('Wait'), ms: fc.nat(150) }) },
);

const publication = (uids: readonly string[]) => ({
  policy: {} as Manifest['policy'],
  mirrors: uids.map((uid) => ({ uid, name: uid }) as PublishedMirror),
});

type Scan = { readonly table: Table; readonly tree: Tree; readonly plan: Parameters<Ledger['setColumn']> };

/** A world in miniature: what the source and the mirrors really have, beside what the ledger believes. */
function createWorld() {
  const store = createMemoryStore();
  let time = 1_000_000;
  let clock = 1;
  let bulks = 0;
  let ledger = createLedger();
  let publisher: Publisher = newPublisher(0);
  let view: CatalogView | undefined;
  const source: Tree = new Map();
  const before: Tree = new Map();
  const gone: Tree = new Map();
  const held = new Map<string, Tree>(mirrors.map((uid) => [uid, new Map()]));
  const scanned = new Map<string, Tree>();
  const running = new Map<string, Scan>();
  const upcoming = new Map<string, number>();

  function newPublisher(revision: number) {
    return createPublisher({ writer: store, ledger, slot, uid: 'u', token: 1, revision, now: () => time });
  }

  const changeSource = async (to: Tree) => {
    const { table } = ledger;
    const added: FileVersion[] = [];
    const changed: FileVersion[] = [];
    const removed: number[] = [];
    for (const [path, version] of to) {
      const number = table.find(path);
      if (number < 0) added.push(versionOf(path, version));
      else if (versionIn(table, number) !== version) {
        changed.push(versionOf(path, version));
        before.set(path, versionIn(table, number));
      } else if (ledger.isRetained(number)) changed.push(versionOf(path, version));
    }
    removed.push(...table.live().filter((number) => !to.has(table.path(number)) && !ledger.isRetained(number)));
    await ledger.applySource(
      { added, changed, removed },
      { now: time, graceMs: (path) => (path.startsWith('i/') ? 0 : 100), retainMs: 50, matches },
    );
    for (const [path, version] of source) if (!to.has(path)) gone.set(path, version);
    source.clear();
    for (const [path, version] of to) source.set(path, version);
  };

  const scan = (uid: string): Scan => {
    const { table } = ledger;
    const tree = new Map(held.get(uid));
    const column = createColumnBits();
    const exceptions: OwnVersion[] = [];
    for (const [path, version] of tree) {
      const number = table.find(path);
      if (number < 0) exceptions.push(ownOf(path, version));
      else if (versionIn(table, number) === version) column.set(number, availability.Current);
      else {
        const previous = ledger.previous(number);
        const isPrevious = previous?.modifiedAt === 1_700_000_000 + version;
        const outdated = previous === undefined ? table.size(number) === size(version) : isPrevious;
        column.set(number, outdated ? availability.Outdated : availability.WrongSize);
        exceptions.push(ownOf(path, version));
      }
    }
    return { table, tree, plan: [uid, table, column, exceptions] };
  };

  const endScan = async (uid: string) => {
    const ended = running.get(uid);
    if (ended === undefined) return;
    running.delete(uid);
    await ledger.setColumn(...ended.plan);
    scanned.set(uid, ended.tree);
  };

  const publish = async () => {
    assert.equal(await publisher.publish(publication(mirrors)), 'Done');
    const manifest = await store.manifest(slot);
    assert.ok(manifest);
    const deps = { fetchPages: (wanted: readonly string[]) => store.pages(slot, wanted) };
    const fresh = await loadView(deps, manifest);
    view = await loadView(deps, manifest, view);
    assertSameView(view, fresh);
    assertViewOf(view, ledger, time);
    return fresh;
  };

  const edited = (to: Tree, path: string, edit: 'Change' | 'Remove' | 'Return') => {
    const last = gone.get(path);
    const isRetained = ledger.isRetained(ledger.table.find(path));
    if (edit === 'Remove') to.delete(path);
    if (edit === 'Return' && last !== undefined && !to.has(path) && isRetained) to.set(path, last);
    if (edit !== 'Change') return;
    to.set(path, upcoming.get(path) ?? clock++);
    upcoming.delete(path);
  };

  const steps = {
    async Source({ edits }: Extract<Step, { kind: 'Source' }>) {
      const to = new Map(source);
      for (const [index, edit] of edits) edited(to, names[index]!, edit);
      await changeSource(to);
    },
    async AddMany() {
      const to = new Map(source);
      for (let index = 0; index < bulk; index++) to.set(`bulk/${bulks}/file-${index}`, clock++);
      bulks++;
      await changeSource(to);
    },
    async RemoveMany() {
      const inBulk = [...source.keys()].find((path) => path.startsWith('bulk/'));
      const folder = inBulk?.slice(0, inBulk.lastIndexOf('/') + 1) ?? 'none/';
      await changeSource(new Map([...source].filter(([path]) => !path.startsWith(folder))));
    },
    async Sync({ mirror: index, mask, ahead }: Extract<Step, { kind: 'Sync' }>) {
      const tree = held.get(mirrors[index]!)!;
      for (const path of names.filter((_, at) => (mask >>> at) & 1)) {
        if (ahead && !upcoming.has(path)) upcoming.set(path, clock++);
        const version = ahead ? upcoming.get(path) : source.get(path);
        if (version === undefined) tree.delete(path);
        else tree.set(path, version);
      }
      for (const [path, version] of source) if (path.startsWith('bulk/') && mask % 2 === 0) tree.set(path, version);
    },
    async StartScan({ mirror: index }: Extract<Step, { kind: 'StartScan' | 'EndScan' }>) {
      const uid = mirrors[index]!;
      if (!running.has(uid)) running.set(uid, scan(uid));
    },
    async EndScan({ mirror: index }: Extract<Step, { kind: 'StartScan' | 'EndScan' }>) {
      await endScan(mirrors[index]!);
    },
    async Wait({ ms }: Extract<Step, { kind: 'Wait' }>) {
      time += ms;
      await ledger.expire(time);
    },
    async Compact() {
      while (await ledger.compact());
    },
    async Publish() {
      await publish();
    },
    async CleanUp() {
      assert.equal(await publisher.cleanUp(60), 'Done');
    },
    async LoseStore() {
      await store.remove(slot, 1);
    },
    async Restart() {
      const published = await publish();
      const { revision } = publisher;
      const pages = await store.pages(slot, operatorPages(published.manifest));
      ledger = createLedger();
      await ledger.restore(published, pages);
      publisher = newPublisher(revision);
      // A scan that ran when the operator died is lost with it.
      running.clear();
    },
  };
  const run = (next: Step): Promise<void> => (steps[next.kind] as (step: Step) => Promise<void>)(next);

  /** Only what the last scans and the rules allow is eligible; nothing else ever is. */
  const assertSafe = () => {
    for (const [path, version] of source) {
      const number = ledger.table.find(path);
      assert.ok(number >= 0, `${path} has no number`);
      assert.equal(versionIn(ledger.table, number), version);
      for (const uid of mirrors) {
        const had = scanned.get(uid)?.get(path);
        const bits = ledger.column(uid)?.get(number) ?? 0;
        assert.equal(
          bits === availability.Current,
          had === version,
          `${uid} ${path} ${bits}: has ${had}, source ${version}`,
        );
        if (bits === availability.Outdated && ledger.inGrace(number, time))
          assert.equal(had, before.get(path), `${uid} ${path}`);
      }
    }
  };

  const finish = async () => {
    for (const uid of mirrors) await endScan(uid);
    time += 1000;
    await ledger.expire(time);
    while (await ledger.compact());
    const last = await publish();
    const afresh = createLedger();
    await afresh.applySource(
      { added: [...source].map(([path, version]) => versionOf(path, version)), changed: [], removed: [] },
      { now: time, graceMs: () => 100, retainMs: 0, matches },
    );
    assert.equal(last.table.liveFiles, afresh.table.liveFiles);
    assert.equal(last.table.liveBytes, afresh.table.liveBytes);
    for (const [path, version] of source) {
      const number = last.table.find(path);
      assert.deepEqual(last.table.file(number), afresh.table.file(afresh.table.find(path)));
      assert.ok(!last.inGrace(number, time) && last.retainedUntil(number) === undefined);
      for (const [index, uid] of mirrors.entries()) {
        assert.equal(
          last.columns[index]!.get(number) === availability.Current,
          scanned.get(uid)?.get(path) === version,
        );
      }
    }
  };

  return { run, assertSafe, finish };
}

function assertViewOf(view: CatalogView, ledger: Ledger, now: number) {
  assert.equal(view.table.end, ledger.table.end);
  assert.equal(view.table.liveFiles, ledger.table.liveFiles);
  for (const number of ledger.table.live()) {
    assert.deepEqual(view.table.file(number), ledger.table.file(number));
    assert.equal(view.table.find(ledger.table.path(number)), number);
    assert.equal(view.inGrace(number, now), ledger.inGrace(number, now));
    assert.equal(view.retainedUntil(number) !== undefined, ledger.isRetained(number));
    for (const [index, uid] of mirrors.entries())
      assert.equal(view.columns[index]!.get(number), ledger.column(uid)?.get(number) ?? 0);
  }
}

function assertSameView(a: CatalogView, b: CatalogView) {
  assert.equal(a.table.end, b.table.end);
  assert.deepEqual(
    a.table.full.map((block) => block?.names),
    b.table.full.map((block) => block?.names),
  );
  assert.deepEqual(
    a.table.tail.map((block) => block.names),
    b.table.tail.map((block) => block.names),
  );
  for (let number = 0; number < a.table.end; number++) {
    assert.equal(a.table.isLive(number), b.table.isLive(number));
    if (a.table.isLive(number)) assert.equal(a.table.find(b.table.path(number)), number);
    for (const [index, column] of a.columns.entries()) assert.equal(column.get(number), b.columns[index]!.get(number));
  }
}

describe('any history of source changes, scans, compactions, expirations, publications, losses and restarts', () => {
  it('makes only those mirrors eligible that hold the version, and ends as a catalog built afresh from the last state', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const world = createWorld();
        for (const next of steps) {
          await world.run(next);
          world.assertSafe();
        }
        await world.finish();
      }),
      { numRuns: Number(process.env['HISTORIES'] ?? 25) },
    );
  });
});
