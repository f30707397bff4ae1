import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { encodeManifest } from '@geomirror/catalog/manifest-codec.ts';
import type { Manifest } from '@geomirror/catalog/manifest.ts';
import type { PageName } from '@geomirror/catalog/page-name.ts';
import { packPage } from '@geomirror/catalog/store/stored-page.ts';
import type { Edition } from './edition.ts';
import { createLedger } from './ledger.ts';
import { enterSampleFiles, sampleColumn, sampleMirrors, samplePolicy } from './sample-catalog.ts';

const files = 1_500_000;
const mirrors = sampleMirrors(400);
const rules = { now: 1_790_000_000_000, graceMs: () => 3_600_000, retainMs: 0, matches: () => false };

function manifestOf(edition: Edition, revision: number): Manifest {
  return {
    schema: 1,
    uid: '9b6a5e0c-52a0-4a5e-8ff0-0d3c6a3f0a51',
    revision,
    publishedAt: rules.now + revision,
    policy: samplePolicy,
    ...edition.record,
    mirrors: mirrors.map((mirror) => ({
      ...mirror,
      ...(edition.columns.get(mirror.uid) ?? { column: null, growing: '', exceptions: null }),
    })),
  };
}

const namesOf = (edition: Edition): ReadonlySet<PageName> => new Set([...edition.pageNames, ...edition.lists.keys()]);

async function storedBytes(edition: Edition, names: Iterable<PageName>): Promise<number> {
  let bytes = 0;
  for (const name of names)
    bytes += (await packPage(edition.bytes(name) ?? edition.lists.get(name)?.bytes ?? new Uint8Array())).length;
  return bytes;
}

const manifestBytes = (manifest: Manifest) => zstdCompressSync(encodeManifest(manifest)).length;

describe('1 500 000 files on 400 mirrors', () => {
  const ledger = createLedger();
  before(async () => enterSampleFiles(ledger, files));

  for (const { title, mostBytes, seed, changing } of [
    {
      title: 'that miss a random half per cent each',
      mostBytes: 130e6,
      seed: (mirror: number) => 1000 + mirror,
      changing: 777_777,
    },
    { title: 'in step', mostBytes: 100e6, seed: () => 1000, changing: 333_333 },
  ]) {
    it(`${title} take at most ${mostBytes / 1e6} MB in the store, and one changed file less than 100 kB`, async (t) => {
      for (const [index, { uid }] of mirrors.entries()) {
        await ledger.setColumn(uid, ledger.table, sampleColumn(ledger.table.end, 0.005, seed(index)), []);
      }
      const first = await ledger.edition();
      const inStore = (await storedBytes(first, namesOf(first))) + manifestBytes(manifestOf(first, 1));

      const changed = { ...ledger.table.file(changing)!, size: 4711, modifiedAt: 1_789_999_999 };
      await ledger.applySource({ added: [], changed: [changed], removed: [] }, rules);
      const second = await ledger.edition();
      const known = namesOf(first);
      const fresh = [...namesOf(second)].filter((name) => !known.has(name));
      const moved = (await storedBytes(second, fresh)) + manifestBytes(manifestOf(second, 2));

      t.diagnostic(`${title}: ${(inStore / 1e6).toFixed(1)} MB in the store, ${namesOf(first).size} pages`);
      t.diagnostic(`${title}: ${(moved / 1e3).toFixed(1)} kB for one changed file, ${fresh.length} pages`);
      assert.ok(inStore <= mostBytes, `${inStore} bytes`);
      assert.ok(moved < 100e3, `${moved} bytes`);
    });
  }
});
