import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EndpointHealth } from '@geomirror/catalog/health.ts';
import { noAttempts, type Attempt } from '../attempts.ts';
import type { Finding } from '../conditions.ts';
import { mirrorFindings, withheldReason, type MirrorFacts } from './conditions.ts';
import { newMirrorState, type Inventory, type MirrorState } from './state.ts';

const now = Date.UTC(2026, 10, 23);
const endpoint = (up: boolean, scheme = 'https'): EndpointHealth => ({
  url: `${scheme}://mirror.example/`,
  up,
  since: now,
  ...(up ? {} : { reason: 'Unreachable: connection refused' }),
});
const inventory = (given: Partial<Inventory> = {}): Inventory => ({
  files: 100,
  current: 100,
  outdated: 0,
  wrongSize: 0,
  missing: 0,
  scannedAt: now - 60_000,
  protocol: 'rsync',
  times: { offsetSeconds: 0, keepsTimes: true },
  ...given,
});
const attempt = (given: Partial<Attempt> = {}): Attempt => ({
  startedAt: now - 70_000,
  finishedAt: now - 60_000,
  outcome: 'Succeeded',
  reason: undefined,
  message: 'as told by the scan',
  ...given,
});
const mirrorState = (given: Partial<MirrorState> = {}): MirrorState => ({
  ...newMirrorState({ uid: 'm', key: 'ns/m', repositoryUid: 'r' }),
  inventory: inventory(),
  scans: { ...noAttempts, last: attempt() },
  ...given,
});
const facts = (given: Partial<MirrorFacts> = {}): MirrorFacts => ({
  mode: 'Active',
  repositoryName: 'repo',
  repositoryExists: true,
  state: mirrorState(),
  endpoints: [endpoint(true)],
  verification: { sampled: 60, wrong: 0 },
  now,
  ...given,
});
const fresh = (): Partial<MirrorFacts> => ({
  state: newMirrorState({ uid: 'm', key: 'ns/m', repositoryUid: 'r' }),
  endpoints: [],
  verification: { sampled: 0, wrong: 0 },
});

const find = (findings: readonly Finding[], type: string): Finding | undefined =>
  findings.find((finding) => finding.type === type);
const brief = (finding: Finding | undefined): string =>
  finding === undefined ? 'absent' : `${finding.status} ${finding.reason}`;

const failed = attempt({ outcome: 'Failed', reason: 'LoginRefused', message: 'rsync://mirror.example/: no' });
const held = {
  id: 'abc',
  removed: 40,
  message: 'the listing lacks 40 of 100 files',
  since: now,
  loss: { had: 100, lost: 40, id: 'abc' },
};
const verdict = (word: 'ContentMissing' | 'ContentWrong' | 'TooSlow') => ({
  sampled: 20,
  wrong: 5,
  verdict: word,
  lastWrong: { path: 'iso/x.iso', reason: word, at: now },
});

describe('the conditions of a mirror', () => {
  type Row = {
    readonly title: string;
    readonly facts: Partial<MirrorFacts>;
    readonly is: Readonly<Record<string, string>>;
  };
  const rows: readonly Row[] = [
    {
      title: 'in full service',
      facts: {},
      is: {
        Ready: 'True Serving',
        Scanned: 'True Succeeded',
        Healthy: 'True Answering',
        Verified: 'True Sampled',
        UpToDate: 'True InStep',
        Held: 'absent',
        Reconciling: 'absent',
        Stalled: 'absent',
      },
    },
    {
      title: 'that is new',
      facts: fresh(),
      is: {
        Ready: 'False NotScanned',
        Scanned: 'Unknown NotScanned',
        Healthy: 'Unknown NotProbed',
        Verified: 'Unknown NotSampled',
        UpToDate: 'Unknown NotScanned',
        Reconciling: 'absent',
      },
    },
    {
      title: 'that is scanned for the first time',
      facts: {
        ...fresh(),
        state: mirrorState({ inventory: undefined, scans: { ...noAttempts, running: true } }),
      },
      is: { Ready: 'False NotScanned', Reconciling: 'True Scanning' },
    },
    {
      title: 'that is scanned again',
      facts: { state: mirrorState({ scans: { ...noAttempts, running: true, last: attempt() } }) },
      is: { Ready: 'True Serving', Reconciling: 'absent' },
    },
    {
      title: 'without its repository',
      facts: { ...fresh(), repositoryExists: false },
      is: { Ready: 'False RepositoryNotFound', Stalled: 'True RepositoryNotFound', Reconciling: 'absent' },
    },
    {
      title: 'whose first scan failed',
      facts: { state: mirrorState({ inventory: undefined, scans: { ...noAttempts, last: failed } }) },
      is: { Ready: 'False NotScanned', Scanned: 'False LoginRefused', UpToDate: 'Unknown NotScanned' },
    },
    {
      title: 'whose scan failed after a good one',
      facts: { state: mirrorState({ scans: { ...noAttempts, last: failed } }) },
      is: { Ready: 'True Serving', Scanned: 'False LoginRefused', UpToDate: 'True InStep' },
    },
    {
      title: 'whose listing is held',
      facts: { state: mirrorState({ held, scans: { ...noAttempts, last: attempt({ outcome: 'Held' }) } }) },
      is: { Ready: 'True Serving', Scanned: 'False Held', Held: 'True ListingLost' },
    },
    {
      title: 'with an unreadable folder',
      facts: { state: mirrorState({ scans: { ...noAttempts, last: attempt({ outcome: 'PartlyUnreadable' }) } }) },
      is: { Ready: 'True Serving', Scanned: 'True PartlyUnreadable' },
    },
    {
      title: 'not probed yet',
      facts: { endpoints: [] },
      is: { Ready: 'False NotProbed', Healthy: 'Unknown NotProbed' },
    },
    {
      title: 'that is down',
      facts: { endpoints: [endpoint(false), endpoint(false, 'http')] },
      is: { Ready: 'False Down', Healthy: 'False Down' },
    },
    {
      title: 'that is down in part',
      facts: { endpoints: [endpoint(false), endpoint(true, 'http')] },
      is: { Ready: 'True Serving', Healthy: 'False PartlyDown' },
    },
    {
      title: 'that is back and not scanned since',
      facts: { state: mirrorState({ scans: { ...noAttempts, last: attempt(), owedSince: now } }) },
      is: { Ready: 'False AwaitingRescan', Healthy: 'True Answering' },
    },
    {
      title: 'that is down and owes a scan',
      facts: {
        endpoints: [endpoint(false)],
        state: mirrorState({ scans: { ...noAttempts, last: attempt(), owedSince: now } }),
      },
      is: { Ready: 'False Down' },
    },
    ...(['ContentMissing', 'ContentWrong', 'TooSlow'] as const).map((word) => ({
      title: `whose samples show ${word}`,
      facts: { verification: verdict(word) },
      is: { Ready: `False ${word}`, Verified: `False ${word}`, Healthy: 'True Answering' },
    })),
    {
      title: 'with some wrong samples',
      facts: { verification: { ...verdict('ContentWrong'), verdict: undefined } },
      is: { Ready: 'True Serving', Verified: 'True Sampled' },
    },
    {
      title: 'that lists none of the files',
      facts: { state: mirrorState({ inventory: inventory({ files: 0, current: 0, missing: 100 }) }) },
      is: { Ready: 'False HoldsNothing', UpToDate: 'False Partial', Scanned: 'True Succeeded' },
    },
    {
      title: 'that has all files in other sizes',
      facts: { state: mirrorState({ inventory: inventory({ current: 0, wrongSize: 100 }) }) },
      is: { Ready: 'False HoldsNothing', UpToDate: 'False Behind' },
    },
    {
      title: 'that has nothing but the version before',
      facts: { state: mirrorState({ inventory: inventory({ current: 0, outdated: 100 }) }) },
      is: { Ready: 'True Serving', UpToDate: 'False Behind' },
    },
    {
      title: 'of a repository without files',
      facts: { state: mirrorState({ inventory: inventory({ files: 0, current: 0 }) }) },
      is: { Ready: 'False HoldsNothing', UpToDate: 'True InStep' },
    },
    ...(
      [
        [95, 5, 0, 'True InStep'],
        [94, 6, 0, 'False Behind'],
        [94, 0, 6, 'False Partial'],
        [94, 3, 3, 'False Partial'],
        [94, 4, 2, 'False Behind'],
      ] as const
    ).map(([current, outdated, missing, is]) => ({
      title: `with ${current} files current, ${outdated} outdated and ${missing} missing of 100`,
      facts: { state: mirrorState({ inventory: inventory({ current, outdated, missing }) }) },
      is: { UpToDate: is, Ready: 'True Serving' },
    })),
    {
      title: 'that is drained, whatever its state',
      facts: { ...fresh(), mode: 'Drained', endpoints: [endpoint(false)] },
      is: { Ready: 'True Drained', Healthy: 'False Down', Scanned: 'Unknown NotScanned' },
    },
  ];
  for (const { title, facts: given, is } of rows) {
    test(title, () => {
      const findings = mirrorFindings(facts(given));
      const found = Object.fromEntries(Object.keys(is).map((type) => [type, brief(find(findings, type))]));
      assert.deepEqual(found, is);
      assert.equal(findings[0]?.type, 'Ready');
      for (const { message } of findings) assert.notEqual(message, '');
    });
  }

  test('that is disabled are but one', () => {
    assert.deepEqual(mirrorFindings(facts({ mode: 'Disabled' })).map(brief), ['True Disabled']);
  });
});

describe('a message', () => {
  const ready = (given: Partial<MirrorFacts>): string => find(mirrorFindings(facts(given)), 'Ready')?.message ?? '';

  test('says why clients are kept away', () => {
    for (const [given, pattern] of [
      [{ repositoryExists: false }, /no Repository "repo" in this namespace: create it/],
      [{ endpoints: [endpoint(false)] }, /^https:\/\/mirror\.example\/: Unreachable: connection refused$/],
      [
        { state: mirrorState({ inventory: undefined, scans: { ...noAttempts, last: failed } }) },
        /no; none was accepted yet/,
      ],
      [
        { state: mirrorState({ inventory: inventory({ current: 0, missing: 1 }) }) },
        /does the URL point at the root of the tree\?/,
      ],
      [{ state: mirrorState({ inventory: inventory({ current: 0 }) }) }, /^the repository has no files$/],
      [
        { verification: verdict('ContentWrong') },
        /^5 of the last samples wrong; for example iso\/x\.iso: ContentWrong$/,
      ],
      [
        { verification: { sampled: 0, wrong: 0, verdict: 'TooSlow' } },
        /^found by samples before the operator started; it is sampled anew$/,
      ],
    ] as const) {
      assert.match(ready(given), pattern);
    }
  });

  test('says that bodies are refused to us, and since when', () => {
    const refused = { status: 429, since: now };
    for (const [sampled, is] of [
      [0, 'Unknown NotSampled'],
      [9, 'True Sampled'],
    ] as const) {
      const found = find(mirrorFindings(facts({ verification: { sampled, wrong: 0, refused } })), 'Verified');
      assert.equal(brief(found), is);
      assert.match(
        found?.message ?? '',
        /; since 2026-11-23T00:00:00Z it answers our GET with 429, .*: ask the mirror/,
      );
    }
  });

  test('of a scan that failed or is held names the inventory that is still in use', () => {
    for (const last of [failed, attempt({ outcome: 'Held' })]) {
      const findings = mirrorFindings(facts({ state: mirrorState({ scans: { ...noAttempts, last } }) }));
      assert.match(find(findings, 'Scanned')?.message ?? '', /; the inventory in use is of 2026-11-22T23:59:00Z$/);
    }
  });

  test('holds no ages and no counts of samples: it stays the same while nothing happens', () => {
    const cases = [{}, fresh(), { verification: verdict('TooSlow') }, { state: mirrorState({ held }) }];
    for (const given of cases) {
      const before = facts(given);
      const after = {
        ...before,
        now: now + 86_400_000,
        verification: {
          ...before.verification,
          sampled: before.verification.sampled + Number(before.verification.sampled > 0),
        },
      };
      assert.deepEqual(mirrorFindings(after), mirrorFindings(before));
    }
  });
});

test('clients are kept from a mirror that was not scanned, that lies, and that owes a scan, in this order', () => {
  const clean = { sampled: 9, wrong: 0 };
  const owing = { ...noAttempts, owedSince: now };
  for (const [given, verification, reason] of [
    [{ inventory: undefined, scans: owing }, verdict('TooSlow'), 'NotScanned'],
    [{ scans: owing }, verdict('TooSlow'), 'TooSlow'],
    [{ scans: owing }, clean, 'AwaitingRescan'],
    [{}, clean, undefined],
  ] as const) {
    assert.equal(withheldReason(mirrorState(given), verification), reason);
  }
});
