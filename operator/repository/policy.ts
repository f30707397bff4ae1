import type { Location, Policy } from '@geomirror/catalog/policy.ts';
import { defined } from '../defined.ts';
import type { MirrorLocation } from '../resources/mirror.ts';
import type { Repository } from '../resources/repository.ts';

/** What redirectors need of a Repository. */
export function policyOf(repository: Repository): Policy {
  const { spec, metadata } = repository;
  const fallbacks = spec.fallbacks.map(({ name, url, location }) => ({ name, url, location: locationOf(location) }));
  return {
    hosts: spec.hosts.map((host) => host.toLowerCase()),
    pathPrefix: withSlashes(spec.pathPrefix),
    createdAt: Date.parse(metadata.creationTimestamp),
    freshnessRules: spec.freshness.rules.map((rule) => ({
      paths: rule.paths,
      authorityOnly: rule.serveFrom === 'Fallback',
    })),
    unknownFiles: spec.unknownFiles ?? (fallbacks.length > 0 ? 'Fallback' : 'NotFound'),
    selection: {
      strategy: spec.selection.strategy,
      rangePercent: spec.selection.rangePercent,
      stickiness: spec.selection.stickiness,
      alternatives: spec.selection.alternatives,
      maxSharePercent: spec.selection.maxSharePercent,
      mirrorbitsZeroASMatches: spec.selection.mirrorbitsZeroASMatches,
    },
    upgradeToHTTPS: spec.protocol.upgradeToHTTPS,
    fallbacks,
    archive: spec.archive,
    output: spec.output,
  };
}

/** A location as resources write it: coordinates are decimal strings there. */
type WrittenLocation = Partial<MirrorLocation>;

/** The same as the catalog has it. */
export function locationOf(written: WrittenLocation | undefined): Location {
  const { latitude, longitude, ...rest } = written ?? {};
  return {
    ...nowhere,
    ...rest,
    ...defined({
      latitude: latitude === undefined ? undefined : Number(latitude),
      longitude: longitude === undefined ? undefined : Number(longitude),
    }),
  };
}

const nowhere: Location = { additionalCountries: [], asns: [], networks: [], global: false };

function withSlashes(prefix: string): string {
  const inner = prefix.replace(/^\/+|\/+$/g, '');
  return inner === '' ? '/' : `/${inner}/`;
}
