import { type ColumnBits, createColumnBits } from '@geomirror/catalog/column.ts';
import { availability, type FileVersion } from '@geomirror/catalog/file.ts';
import type { Policy } from '@geomirror/catalog/policy.ts';
import type { Ledger } from './ledger.ts';
import type { PublishedMirror } from './publisher.ts';

/** Uniform in [0, 1) and the same for the same seed (mulberry32): measurements must be repeatable. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const syllables =
  'ab ac ad al an ar as at ba be bi bo ca ce co cu da de di do el en er es fa fi fo ga gi go gra in ka ke ko la le li lo lu ma me mi mo na ne ni no or pa pe pi po qu ra re ri ro sa se si so ta te ti to tra un ve vi vo xi za zo'.split(
    ' ',
  );
const architectures = ['amd64', 'arm64', 'armhf', 'i386', 'ppc64el', 'riscv64', 's390x'];

/**
 * A package archive: source packages in folders, each with some binary packages for some architectures; paths of 66 characters on average,
 * sizes spread over five orders of magnitude, times over ten years, random digests.
 */
function* sampleFiles(count: number): Generator<FileVersion> {
  const random = seededRandom(1);
  const digest = Buffer.alloc(32);
  for (let made = 0; made < count;) {
    const builtAt = 1_450_000_000 + Math.floor(random() * 300_000_000);
    for (const path of samplePackage(random).slice(0, count - made)) {
      made++;
      for (let at = 0; at < 32; at += 4) digest.writeUInt32LE(Math.floor(random() * 2 ** 32), at);
      yield {
        path,
        size: Math.floor(10 ** (3 + 5 * random())),
        modifiedAt: builtAt + Math.floor(random() * 20_000),
        timeSlack: 0,
        digests: { sha256: digest.toString('hex') },
      };
    }
  }
}

function samplePackage(random: () => number): readonly string[] {
  const below = (limit: number) => Math.floor(random() * limit);
  const name = `${word(random, 2 + below(4))}-${word(random, 2 + below(3))}`;
  const version = `${below(20)}.${below(100)}.${below(30)}-${1 + below(9)}`;
  const binaries = ['', '-common', '-dev', '-doc', `-${word(random, 1 + below(3))}`].slice(0, 1 + below(5));
  return binaries.flatMap((binary) =>
    (binary === '-doc' || binary === '-common' ? ['all'] : architectures).map(
      (architecture) => `debian/pool/main/${name[0]}/${name}/${name}${binary}_${version}_${architecture}.deb`,
    ),
  );
}

function word(random: () => number, length: number): string {
  return Array.from({ length }, () => syllables[Math.floor(random() * syllables.length)]).join('');
}

/** Enters the sample in runs of ten full pages, so that it is never there as objects as a whole. */
export async function enterSampleFiles(ledger: Ledger, count: number): Promise<void> {
  const rules = { now: 0, graceMs: () => 0, retainMs: 0, matches: () => false };
  let run: FileVersion[] = [];
  for (const file of sampleFiles(count)) {
    run.push(file);
    if (run.length < 163_840) continue;
    await ledger.applySource({ added: run, changed: [], removed: [] }, rules);
    run = [];
  }
  await ledger.applySource({ added: run, changed: [], removed: [] }, rules);
}

/** Everything Current but a random `missing` part; one seed, one column. */
export function sampleColumn(end: number, missing: number, seed: number): ColumnBits {
  const random = seededRandom(seed);
  const column = createColumnBits();
  for (let number = 0; number < end; number += 16_384) column.set(number, availability.Current);
  for (const [ordinal, page] of column.pages.entries())
    page?.fill(0b01_01_01_01, 0, Math.ceil(Math.min(16_384, end - ordinal * 16_384) / 4));
  for (let holes = Math.round(end * missing); holes > 0; holes--)
    column.set(Math.floor(random() * end), availability.Absent);
  return column;
}

export function sampleMirrors(count: number): PublishedMirror[] {
  const random = seededRandom(2);
  const hex = (digits: number) => Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
  return Array.from({ length: count }, (_, index) => {
    const host = `${word(random, 2)}.${word(random, 2)}.${['org', 'net', 'edu', 'de', 'fr'][index % 5]}`;
    return {
      name: host.replaceAll('.', '-'),
      uid: `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
      endpoints: [`https://${host}/debian/`, `http://${host}/debian/`],
      location: {
        latitude: Math.round(random() * 1_800_000 - 900_000) / 10_000,
        longitude: Math.round(random() * 3_600_000 - 1_800_000) / 10_000,
        country: `${String.fromCharCode(65 + Math.floor(random() * 26))}${String.fromCharCode(65 + Math.floor(random() * 26))}`,
        continent: ['EU', 'NA', 'AS'][index % 3] ?? 'EU',
        additionalCountries: [],
        asns: [Math.floor(random() * 200_000)],
        networks: [],
        global: false,
      },
      weight: 100,
      audience: { scope: 'Anyone', networks: [], excludedCountries: [] },
      mode: 'Active',
      sponsor: { name: `University of ${host}`, url: `https://www.${host}/` },
      scannedAt: 1_790_000_000_000 + Math.floor(random() * 40_000_000),
    };
  });
}

export const samplePolicy: Policy = {
  hosts: ['deb.example.org'],
  pathPrefix: '/',
  createdAt: 1_700_000_000_000,
  freshnessRules: [{ paths: ['**/dists/**'], authorityOnly: false }],
  unknownFiles: 'Fallback',
  selection: {
    strategy: 'Proximity',
    rangePercent: 150,
    stickiness: 'None',
    alternatives: 4,
    maxSharePercent: 100,
    mirrorbitsZeroASMatches: false,
  },
  upgradeToHTTPS: true,
  fallbacks: [],
  archive: [],
  output: 'Auto',
};
