import { randomBytes } from 'node:crypto';
import type { Health } from '../health.ts';
import type { Manifest } from '../manifest.ts';
import { pageName, type PageName } from '../page-name.ts';

/** For tests: the smallest valid manifest, and whatever else is given. */
export function sampleManifest(given: Partial<Manifest> = {}): Manifest {
  return {
    schema: 1,
    uid: 'f5b0c6ac',
    revision: 1,
    publishedAt: 1_763_800_000_000,
    policy: {
      hosts: [],
      pathPrefix: '/',
      createdAt: 0,
      freshnessRules: [],
      unknownFiles: 'NotFound',
      selection: {
        strategy: 'Proximity',
        rangePercent: 150,
        stickiness: 'None',
        alternatives: 5,
        maxSharePercent: 100,
        mirrorbitsZeroASMatches: false,
      },
      upgradeToHTTPS: true,
      fallbacks: [],
      archive: [],
      output: 'Auto',
    },
    files: 0,
    bytes: 0,
    table: { list: null, growing: null, end: 0 },
    links: null,
    grace: [],
    retained: [],
    previous: null,
    mirrors: [],
    ...given,
  };
}

/** For tests: a health record in which nothing was probed yet. */
export function sampleHealth(writtenAt: number): Health {
  return { schema: 1, uid: 'f5b0c6ac', writtenAt, mirrors: {}, fallbacks: {} };
}

/** For tests: a page that no other is equal to. */
export function samplePage(bytes = 40): readonly [PageName, Uint8Array] {
  const content = new Uint8Array(randomBytes(bytes));
  return [pageName(content), content];
}
