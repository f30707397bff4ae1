import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../answer/answer.ts';
import { berlin, createWorld, down, file, headers, mirror, newYork, now, paris, tokyo } from '../testdata/world.ts';

const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const fallback = { name: 'archive', url: 'https://archive.example/', location: berlin };

const world = await createWorld({
  files: [file('dir/ä.iso', { digests: { sha256, md5: 'd41d8cd98f00b204e9800998ecf8427e' } }), file('lost')],
  mirrors: [
    mirror('paris', paris, {
      endpoints: ['http://paris.example/', 'https://paris.example/'],
      scannedAt: now - 1000,
      sponsor: { name: 'Ville "de" Paris', url: 'https://www.paris.example/' },
      has: (number) => (number === 1 ? 0 : 1),
    }),
    mirror('lille', paris, { has: (number) => (number === 1 ? 2 : 1), weight: 150 }),
    mirror('berlin', { ...berlin, additionalCountries: ['PL'], asns: [680] }, { has: () => 0 }),
    mirror('newyork', newYork, { has: (number) => (number === 1 ? 0 : 1) }),
    mirror('tokyo', tokyo, { has: (number) => (number === 1 ? 3 : 1) }),
    mirror('usonly', newYork, { audience: { scope: 'Country', networks: [], excludedCountries: ['FR', 'DE'] } }),
    mirror('resting', paris, { mode: 'Drained' }),
  ],
  policy: { fallbacks: [fallback], selection: { alternatives: 1 }, unknownFiles: 'Fallback' },
  health: { mirrors: { 'uid-tokyo': down('https://tokyo.example/') } },
});

const json = (answer: Answer) => JSON.parse(answer.body);
const ask = (target: string) => world.ask(target, { accept: 'application/json' });

test('the fields are those of mirrorbits in its order, without the private ones', () => {
  const answer = ask('/dir/%C3%A4.iso');
  assert.equal(answer.status, 200);
  assert.deepEqual(headers(answer, 'Content-Type'), ['application/json; charset=utf-8']);
  assert.deepEqual(headers(answer, 'Cache-Control'), ['private, no-cache']);
  assert.deepEqual(headers(answer, 'Vary'), ['Accept']);
  const body = json(answer);
  assert.deepEqual(Object.keys(body), ['FileInfo', 'IP', 'ClientInfo', 'MirrorList', 'ExcludedList']);
  assert.deepEqual(Object.entries(body.FileInfo), [
    ['Path', '/dir/ä.iso'],
    ['Size', 1000],
    ['ModTime', '2026-11-23T07:00:00Z'],
    ['Sha256', sha256],
    ['Md5', 'd41d8cd98f00b204e9800998ecf8427e'],
  ]);
  assert.equal(body.IP, '192.0.2.1');
  assert.deepEqual(Object.entries(body.ClientInfo), [
    ['CountryCode', 'FR'],
    ['ContinentCode', 'EU'],
    ['City', 'Lyon'],
    ['Country', 'France'],
    ['Latitude', 45.76],
    ['Longitude', 4.84],
    ['ASName', 'Orange'],
    ['ASNum', 3215],
  ]);
});

test('a mirror is described by these fields and no others', () => {
  const [, chosen] = json(ask('/dir/%C3%A4.iso')).MirrorList;
  assert.ok(Math.abs(chosen.Distance - 392) < 5);
  assert.deepEqual(Object.entries({ ...chosen, Distance: 0 }), [
    ['ID', 1],
    ['Name', 'paris'],
    ['HttpURL', 'https://paris.example/'],
    ['RsyncURL', ''],
    ['FtpURL', ''],
    ['SponsorName', 'Ville "de" Paris'],
    ['SponsorURL', 'https://www.paris.example/'],
    ['SponsorLogoURL', ''],
    ['CustomData', ''],
    ['ContinentOnly', false],
    ['CountryOnly', false],
    ['ASOnly', false],
    ['Score', 0],
    ['Latitude', 48.86],
    ['Longitude', 2.35],
    ['ContinentCode', 'EU'],
    ['CountryCodes', 'FR'],
    ['ExcludedCountryCodes', ''],
    ['Asnum', 0],
    ['Enabled', true],
    ['StateSince', '2026-11-22T08:00:00Z'],
    ['Distance', 0],
    ['ComputedScore', 0],
    ['LastSync', '2026-11-23T07:59:59Z'],
    ['LastSuccessfulSync', '2026-11-23T07:59:59Z'],
    ['LastSuccessfulSyncProtocol', 0],
    ['LastSuccessfulSyncPrecision', 0],
    ['LastModTime', '0001-01-01T00:00:00Z'],
    ['AbsoluteURL', 'https://paris.example/'],
  ]);
});

test('every mirror that is not listed is excluded for a named reason', () => {
  const { MirrorList, ExcludedList } = json(ask('/dir/%C3%A4.iso'));
  assert.deepEqual(
    MirrorList.map((each: { Name: string }) => each.Name),
    ['lille', 'paris'],
  );
  const reasons = ExcludedList.map((each: { Name: string; ExcludeReason: string }) => [each.Name, each.ExcludeReason]);
  assert.deepEqual(reasons, [
    ['berlin', 'Absent'],
    ['newyork', 'OutsideBand'],
    ['tokyo', 'Down'],
    ['resting', 'Drained'],
    ['usonly', 'CountryExcluded'],
  ]);
  const tokyoDown = ExcludedList.find((each: { Name: string }) => each.Name === 'tokyo');
  assert.deepEqual(
    [tokyoDown.HttpsDownReason, tokyoDown.HttpDownReason],
    ['Unreachable: connection refused', undefined],
  );
  const resting = ExcludedList.find((each: { Name: string }) => each.Name === 'resting');
  assert.equal(resting.Enabled, false);
});

test('a fallback takes the place of the list, and says so', () => {
  const { MirrorList, ExcludedList, Fallback, FileInfo } = json(ask('/lost'));
  assert.equal(Fallback, true);
  assert.deepEqual(
    MirrorList.map((each: { AbsoluteURL: string }) => each.AbsoluteURL),
    ['https://archive.example/'],
  );
  assert.deepEqual(ExcludedList.map((each: { ExcludeReason: string }) => each.ExcludeReason).toSorted(), [
    'Absent',
    'Absent',
    'Absent',
    'CountryExcluded',
    'Down',
    'Drained',
    'WrongSize',
  ]);
  assert.equal(FileInfo.Path, '/lost');
});

test('a path that is not in the catalog has no time and no size', () => {
  assert.deepEqual(json(ask('/unknown%20file')).FileInfo, { Path: '/unknown file', ModTime: '0001-01-01T00:00:00Z' });
  assert.deepEqual(json(ask('/dir/')).FileInfo, { Path: '/dir/', ModTime: '0001-01-01T00:00:00Z' });
});

test('the compact form ends with a line feed, the pretty one has four spaces and does not', () => {
  const compact = ask('/dir/%C3%A4.iso').body;
  const pretty = ask('/dir/%C3%A4.iso?pretty').body;
  assert.match(compact, /^\{"FileInfo":\{"Path":"\/dir\/ä\.iso","Size":1000,.*\}\n$/);
  assert.match(pretty, /^\{\n {4}"FileInfo": \{\n {8}"Path"[^]*\n\}$/);
  assert.deepEqual(JSON.parse(pretty), JSON.parse(compact));
});

test('an answer that leads to an outdated copy in grace names no digest', async () => {
  const { ask: askFor } = await createWorld({
    files: [file('a.iso', { digests: { sha256 } })],
    mirrors: [mirror('paris', paris, { has: () => 3 })],
    manifest: { grace: [[0, 1, now + 1]] },
  });
  const { FileInfo, MirrorList } = json(askFor('/a.iso', { accept: 'application/json' }));
  assert.equal(MirrorList[0].Name, 'paris');
  assert.equal(FileInfo.Path, '/a.iso');
  assert.equal(FileInfo.Sha256, undefined);
});
