import type { Slot } from '@geomirror/catalog/manifest.ts';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Outcome } from './answer/answer.ts';
import type { RefreshStatus } from './refresh.ts';
import type { Routed } from './route.ts';
import type { ServedRepository } from './view/repository.ts';

export type MetricsDeps = {
  readonly status: () => RefreshStatus;
  readonly repositories: () => readonly ServedRepository[];
  /** Unix ms. */
  readonly now: () => number;
};

export type Metrics = {
  /** Counts an answer; costs two look-ups, for it is called for each request. */
  readonly count: (routed: Routed) => void;
  /** All metrics in the text format of Prometheus. */
  readonly text: () => Promise<string>;
  readonly contentType: string;
};

/** The metrics of one redirector. Labels are bounded: repositories are resources, outcomes and reasons are named in the code. */
export function createMetrics(deps: MetricsDeps): Metrics {
  const registers = [new Registry()] as const;
  const [registry] = registers;
  collectDefaultMetrics({ register: registry });
  const count = countAnswers(registry);
  describeStore(registry, deps);
  describeCatalogs(registry, deps);
  return { count, text: () => registry.metrics(), contentType: registry.contentType };
}

type Tally = { readonly repository: Slot | ''; readonly outcome: Outcome; readonly reason: string; answers: number };

/** Counted in plain numbers and copied when somebody looks: a labelled counter hashes its labels each time. */
function countAnswers(registry: Registry): Metrics['count'] {
  const tallies = new Map<Slot | undefined, Map<string, Tally>>();
  const counter = new Counter({
    name: 'geomirror_redirector_answers_total',
    help: 'Answers by repository (empty: none was found), outcome and reason',
    labelNames: ['repository', 'outcome', 'reason'] as const,
    registers: [registry],
    collect() {
      counter.reset();
      for (const { answers, ...labels } of tallies.values().flatMap((each) => each.values()))
        counter.inc(labels, answers);
    },
  });
  return ({ repository, answer: { outcome, reason } }) => {
    let byOutcome = tallies.get(repository);
    if (byOutcome === undefined) tallies.set(repository, (byOutcome = new Map()));
    const key = reason ?? outcome;
    const tally = byOutcome.get(key);
    if (tally === undefined)
      byOutcome.set(key, { repository: repository ?? '', outcome, reason: reason ?? '', answers: 1 });
    else tally.answers++;
  };
}

function describeStore(registry: Registry, { status, now }: MetricsDeps): void {
  const gauge = (name: string, help: string, read: () => number | undefined): void => {
    const metric = new Gauge({
      name: `geomirror_redirector_${name}`,
      help,
      registers: [registry],
      collect() {
        metric.set(read() ?? NaN);
      },
    });
  };
  gauge('store_up', 'Whether the last look at the store succeeded', () => Number(status().storeUp));
  gauge('refresh_duration_seconds', 'How long the last look at the store took', () => status().lastLookSeconds);
  gauge('refresh_age_seconds', 'Since the last look that saw every repository', () =>
    secondsSince(status().completedAt, now()),
  );
}

function describeCatalogs(registry: Registry, { repositories, status, now }: MetricsDeps): void {
  const gauge = (name: string, help: string, read: (repository: ServedRepository) => number | undefined): void => {
    const metric = new Gauge({
      name: `geomirror_redirector_${name}`,
      help,
      labelNames: ['repository'] as const,
      registers: [registry],
      collect() {
        metric.reset();
        for (const repository of repositories()) metric.set({ repository: repository.slot }, read(repository) ?? NaN);
      },
    });
  };
  gauge('catalog_revision', 'Revision of the catalog that is served', ({ catalog }) => catalog.manifest.revision);
  gauge('catalog_age_seconds', 'Since the served catalog was published', ({ catalog }) =>
    secondsSince(catalog.manifest.publishedAt, now()),
  );
  gauge('catalog_files', 'Files in the served catalog', ({ catalog }) => catalog.manifest.files);
  gauge('catalog_mirrors', 'Mirrors in the served catalog', ({ catalog }) => catalog.manifest.mirrors.length);
  gauge('health_age_seconds', 'Since the operator renewed the health record', ({ health }) =>
    secondsSince(health?.writtenAt, now()),
  );
  gauge('refresh_failing', 'Whether the catalog in the store cannot be loaded', ({ slot }) =>
    Number(status().failures.has(slot)),
  );
}

function secondsSince(then: number | undefined, now: number): number | undefined {
  return then === undefined ? undefined : (now - then) / 1000;
}
