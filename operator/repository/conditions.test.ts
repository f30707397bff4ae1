import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { noAttempts, type Attempt } from '../attempts.ts';
import { sampleRepository } from '../samples.ts';
import { repositoryFindings, type RepositoryFacts } from './conditions.ts';
import type { RepositoryState } from './state.ts';
import { repositoryStatus, type RepositoryStatusFacts } from './status.ts';
import { repositoryWorld, sampleFiles } from './testing/repository-world.ts';

const now = Date.UTC(2026, 10, 23, 12);
const attempt = (given: Partial<Attempt> = {}): Attempt => ({
  startedAt: now - 70_000,
  finishedAt: now - 60_000,
  outcome: 'Succeeded',
  reason: undefined,
  message: 'as told by the index',
  ...given,
});
const indexed = { indexes: { ...noAttempts, last: attempt() }, indexedAt: now - 60_000 };
const published = { publication: { kind: 'Published', revision: 7, at: now } } as const;
const failed = { ...noAttempts, last: attempt({ outcome: 'Failed', reason: 'Unreachable', message: 'refused' }) };
const heldIndex = { ...noAttempts, last: attempt({ outcome: 'Held', message: 'lacks 40 of 100' }) };

const { state: fresh } = await repositoryWorld();
const facts = (state: Partial<RepositoryState>, given: Partial<RepositoryFacts> = {}): RepositoryFacts => ({
  state: { ...fresh, ...state },
  conflict: undefined,
  healthHeld: undefined,
  disputed: undefined,
  now,
  ...given,
});

describe('the conditions of a repository', () => {
  type Row = readonly [string, RepositoryFacts, Readonly<Record<string, string>>];
  const rows: readonly Row[] = [
    [
      'in service',
      facts({ ...indexed, ...published }),
      {
        Ready: 'True Serving',
        SourceIndexed: 'True Succeeded',
        Published: 'True Published',
        HealthHeld: 'absent',
        Stalled: 'absent',
        Reconciling: 'absent',
      },
    ],
    [
      'that is new',
      facts({}),
      {
        Ready: 'False NotIndexed',
        SourceIndexed: 'Unknown NotIndexed',
        Published: 'Unknown NotPublished',
        Reconciling: 'absent',
      },
    ],
    [
      'that is indexed for the first time',
      facts({ indexes: { ...noAttempts, running: true } }),
      { Ready: 'False NotIndexed', Reconciling: 'True Indexing' },
    ],
    [
      'that is indexed again',
      facts({ ...indexed, ...published, indexes: { ...indexed.indexes, running: true } }),
      { Ready: 'True Serving', Reconciling: 'absent' },
    ],
    [
      'whose first index failed',
      facts({ indexes: failed }),
      { Ready: 'False Unreachable', SourceIndexed: 'False Unreachable', Published: 'Unknown NotPublished' },
    ],
    [
      'whose index failed after a good one',
      facts({ ...indexed, ...published, indexes: failed }),
      { Ready: 'True Serving', SourceIndexed: 'False Unreachable' },
    ],
    [
      'whose source is held',
      facts({ ...indexed, ...published, indexes: heldIndex }),
      { Ready: 'True Serving', SourceIndexed: 'False Held' },
    ],
    [
      'whose first listing is held',
      facts({ indexes: heldIndex }),
      { Ready: 'False Held', SourceIndexed: 'False Held' },
    ],
    [
      'with an unreadable folder',
      facts({ ...indexed, ...published, indexes: { ...noAttempts, last: attempt({ outcome: 'PartlyUnreadable' }) } }),
      { Ready: 'True Serving', SourceIndexed: 'True PartlyUnreadable' },
    ],
    ['indexed and not published', facts(indexed), { Ready: 'False NotPublished', SourceIndexed: 'True Succeeded' }],
    [
      'whose store is away',
      facts({ ...indexed, publication: { kind: 'Failed', message: 'no answer' } }),
      { Ready: 'False StoreUnavailable', Published: 'False StoreUnavailable' },
    ],
    [
      'that another operator has taken over',
      facts({ ...indexed, publication: { kind: 'Fenced' } }),
      { Ready: 'False Fenced', Published: 'False Fenced' },
    ],
    [
      'that is rebuilt',
      facts({ ...indexed, publication: { kind: 'Rebuilding', message: '1 of 9' } }),
      { Ready: 'False Rebuilding', Published: 'False Rebuilding' },
    ],
    [
      'whose host an older one has',
      facts({ ...indexed, ...published }, { conflict: 'ns/older' }),
      { Ready: 'False HostConflict', Stalled: 'True HostConflict', Published: 'True Published' },
    ],
    [
      'whose host an older one has, at its first index',
      facts({ indexes: { ...noAttempts, running: true } }, { conflict: 'ns/older' }),
      { Ready: 'False HostConflict', Stalled: 'True HostConflict', Reconciling: 'absent' },
    ],
    [
      'in a mass failure',
      facts({ ...indexed, ...published }, { healthHeld: 'most fail' }),
      { Ready: 'True Serving', HealthHeld: 'True MassFailure', DigestsDisputed: 'absent' },
    ],
    [
      'whose mirrors agree against its digests',
      facts({ ...indexed, ...published }, { disputed: { files: 2, example: 'a.iso' } }),
      { Ready: 'True Serving', DigestsDisputed: 'True MirrorsAgree' },
    ],
  ];
  test('name the files that mirrors agree on against the digests, and the cure', () => {
    const told = (files: number): string | undefined =>
      repositoryFindings(facts(indexed, { disputed: { files, example: 'a.iso' } })).find(
        ({ type }) => type === 'DigestsDisputed',
      )?.message;
    assert.match(told(1) ?? '', /the file a\.iso, .*publish the right ones.*geomirror\.io\/scan-requested-at/);
    assert.match(told(2) ?? '', /2 files, such as a\.iso, /);
  });
  for (const [title, given, is] of rows) {
    test(title, () => {
      const findings = repositoryFindings(given);
      const brief = (type: string): string => {
        const found = findings.find((finding) => finding.type === type);
        return found === undefined ? 'absent' : `${found.status} ${found.reason}`;
      };
      assert.deepEqual(Object.fromEntries(Object.keys(is).map((type) => [type, brief(type)])), is);
      assert.equal(findings[0]?.type, 'Ready');
      for (const { message } of findings) assert.notEqual(message, '');
    });
  }

  test('say which index is in use where the last one is not', () => {
    const messageOf = (given: RepositoryFacts): string =>
      repositoryFindings(given).find(({ type }) => type === 'SourceIndexed')?.message ?? '';
    assert.equal(messageOf(facts({ indexes: failed })), 'refused; none was accepted yet');
    assert.equal(
      messageOf(facts({ ...indexed, indexes: heldIndex })),
      'lacks 40 of 100; the index in use is of 2026-11-23T11:59:00Z',
    );
  });
});

describe('the status of a repository', () => {
  const statusFacts = (
    state: Partial<RepositoryState>,
    given: Partial<RepositoryStatusFacts> = {},
  ): RepositoryStatusFacts => ({
    ...facts(state),
    repository: sampleRepository({ metadata: { generation: 7 } }),
    before: undefined,
    mirrors: { total: 3, ready: 2 },
    ...given,
  });

  test('has all that is known', async () => {
    const { enter, state } = await repositoryWorld();
    await enter({ added: sampleFiles('a', 'b', 'c') });
    const { conditions = [], ...status } = repositoryStatus(
      statusFacts({
        ...published,
        ledger: state.ledger,
        indexes: heldIndex,
        held: { id: 'abc', removed: 40, message: 'lacks', since: now - 3000 },
        handledScanRequest: 'one',
        handledPublishRequest: 'two',
      }),
    );
    assert.deepEqual(status, {
      observedGeneration: 7,
      revision: 7,
      files: 3,
      bytes: 300,
      lastIndex: {
        startedAt: '2026-11-23T11:58:50Z',
        finishedAt: '2026-11-23T11:59:00Z',
        outcome: 'Held',
        message: 'lacks 40 of 100',
      },
      held: { id: 'abc', since: '2026-11-23T11:59:57Z', removed: 40 },
      mirrors: { total: 3, ready: 2 },
      lastHandledScanRequest: 'one',
      lastHandledPublishRequest: 'two',
    });
    for (const { observedGeneration } of conditions) assert.equal(observedGeneration, 7);
  });

  test('counts no file that left the source, although it is still served', async () => {
    const { enter, state } = await repositoryWorld();
    await enter({ added: sampleFiles('a', 'b', 'c') });
    await enter({ removed: ['b'] });
    const { files, bytes } = repositoryStatus(statusFacts({ ledger: state.ledger }));
    assert.deepEqual([files, bytes, state.ledger.table.liveFiles], [2, 200, 3]);
  });

  test('keeps the revision while the store is away', () => {
    const before = repositoryStatus(statusFacts({ ...indexed, ...published }));
    const after = repositoryStatus(
      statusFacts({ ...indexed, publication: { kind: 'Failed', message: '' } }, { before }),
    );
    assert.deepEqual([before.revision, after.revision], [7, 7]);
  });

  test('stays the same to the letter while nothing happens', () => {
    const first = repositoryStatus(statusFacts({ ...indexed, ...published }));
    assert.deepEqual(
      repositoryStatus(statusFacts({ ...indexed, ...published }, { before: first, now: now + 1e8 })),
      first,
    );
  });
});
