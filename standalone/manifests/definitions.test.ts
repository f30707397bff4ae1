import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { crdSchema, loadDefinitions, type Kind } from './definitions.ts';
import type { StructuralSchema } from './structural.ts';

const validate = await loadDefinitions();

const repository = {
  apiVersion: 'geomirror.io/v1alpha1',
  kind: 'Repository',
  metadata: { name: 'videolan', namespace: 'mirrors' },
  spec: {
    hosts: ['get.videolan.org'],
    pathPrefix: '/videolan/',
    source: {
      rsync: { url: 'rsync://master.example/videolan/', credentialsSecretRef: { name: 'master' } },
      include: ['pub/**'],
      exclude: ['**/.~tmp~/**'],
    },
    checksums: { files: ['**/SHA256SUMS'] },
    freshness: {
      rules: [
        { paths: ['**/InRelease', '**/*.asc'], serveFrom: 'Fallback' },
        { paths: ['nightly/**'], maxLag: '160m' },
      ],
    },
    unknownFiles: 'Fallback',
    fallbacks: [
      { name: 'archive', url: 'https://archive.example/videolan/', location: { country: 'DE', continent: 'EU' } },
    ],
    archive: [{ paths: ['old/**'], url: 'https://archive.example/videolan/' }],
    traceFile: 'trace',
    pages: {
      title: 'VideoLAN',
      logoURL: 'https://www.videolan.org/logo.png',
      accentColor: '#ff7700',
      builtinPrefix: '/geomirror/',
    },
  },
};

const mirror = {
  apiVersion: 'geomirror.io/v1alpha1',
  kind: 'Mirror',
  metadata: { name: 'acc-umu-se', namespace: 'mirrors' },
  spec: {
    repositoryRef: { name: 'videolan' },
    endpoints: [{ url: 'https://ftp.acc.umu.se/mirror/videolan/' }, { url: 'http://ftp.acc.umu.se/mirror/videolan/' }],
    scan: { endpoints: [{ url: 'rsync://ftp.acc.umu.se/mirror/videolan/', credentialsSecretRef: { name: 'acc' } }] },
    location: {
      latitude: '63.83',
      longitude: '20.26',
      country: 'SE',
      additionalCountries: ['FI', 'NO'],
      continent: 'EU',
      asns: [2847],
      networks: ['130.239.0.0/16', '2001:6b0:e::/48'],
    },
    audience: { scope: 'Continent', networks: ['10.0.0.0/8'], excludedCountries: ['RU'] },
    maxFileSize: '4Gi',
    sponsor: { name: 'Academic Computer Club', url: 'https://www.accum.se/', logoURL: 'https://www.accum.se/logo.svg' },
    admin: { name: 'Someone', email: 'mirror@example.org' },
  },
};

const bases = { Repository: repository, Mirror: mirror } as const;
type CRDKind = keyof typeof bases;

/** The base with the value at `spec.a[0].b` replaced (undefined: removed). */
function changed(kind: CRDKind, path: string, value: unknown): Record<string, unknown> {
  const whole = structuredClone(bases[kind]) as Record<string, unknown>;
  const steps = path.split(/[.[\]]+/).filter((step) => step !== '');
  const last = steps.pop()!;
  let place = whole;
  for (const step of steps) place = (place[step] ??= {}) as Record<string, unknown>;
  if (value === undefined) delete place[last];
  else place[last] = structuredClone(value);
  return whole;
}

const says = (kind: Kind, document: Record<string, unknown>, old?: unknown) =>
  validate(kind, document, old).map(({ field, message }) => `${field}: ${message}`);

const userInURL = 'must not hold a user name or a password; put them into a Secret and name it in credentialsSecretRef';
const userInPublicURL = 'must not hold a user name or a password; clients would see them';
const strangeURL =
  'must be scheme, host, optional port and path, without query, fragment or spaces; percent-encode other characters';
const glob = "must be a glob relative to the tree's root, such as pub/** or **/*.iso, without / or ! in front";
const interval = 'must be a duration from 1s to 24h, such as 90s, 30m or 6h';
const lag = 'must be a duration from 0s to 720h, such as 0s, 30m or 6h';
const cidr = 'must be a network in CIDR notation, such as 130.239.0.0/16 or 2001:6b0:e::/48';
const country = 'must be an ISO 3166-1 code of two capital letters, such as SE';
const page = 'must be a https:// or http:// address without user name, password and spaces';
const dots = 'must not have . or .. as a folder; write the path as it is in the tree';
const host = 'must be a host name in lower case without scheme, port and path, such as get.example.org';
const latitude = 'must be decimal degrees in quotes from "-90" to "90", such as "63.83"';
const longitude = 'must be decimal degrees in quotes from "-180" to "180", such as "20.26"';
const oneSource = 'write exactly one of rsync, http, listing and directory';
const oneMeasure = 'write exactly one of compare, maxLag and serveFrom in each rule';
const bytes =
  'must be a number of bytes in quotes, or one with a unit k, M, G, T, P, Ki, Mi, Gi, Ti or Pi, such as 20Mi';
const size =
  'must be a size above 0 in bytes in quotes, or with a unit k, M, G, T, P, Ki, Mi, Gi, Ti or Pi, such as 4Gi';
const globalPlace =
  'the place of a global mirror is not detected: scope Continent needs location.continent, scope Country needs location.country, scope ASN needs location.asns';
const onlyListing =
  "only method Listing reads scan.endpoints; methods Sample and Assume use the mirror's own endpoints: remove scan.endpoints, or write method: Listing";

/** What is written where, what the author reads, and the field that is named if it is not the one written. */
type Refusal = readonly [kind: CRDKind, path: string, value: unknown, message: string, field?: string];

const refusals: readonly Refusal[] = [
  // A Mirror's rules.
  [
    'Mirror',
    'spec.endpoints[0].url',
    'rsync://ftp.acc.umu.se/videolan/',
    'clients can be sent to https:// and http:// only; rsync and ftp addresses go to spec.scan.endpoints',
  ],
  [
    'Mirror',
    'spec.endpoints[0].url',
    'https://ftp.acc.umu.se/videolan',
    'must end with a slash, such as https://mirror.example/videolan/',
  ],
  [
    'Mirror',
    'spec.endpoints[0].url',
    'https://ftp.acc.umu.se',
    'must end with a slash, such as https://mirror.example/videolan/',
  ],
  ['Mirror', 'spec.endpoints[0].url', 'https://me:secret@ftp.acc.umu.se/', userInPublicURL],
  ['Mirror', 'spec.endpoints[0].url', 'https://ftp.acc.umu.se/?path=/', strangeURL],
  ['Mirror', 'spec.endpoints[0].url', 'https://ftp.acc.umu.se/two words/', strangeURL],
  ['Mirror', 'spec.endpoints[0].url', 'https://ftp.acc.umu.se/%zz/', strangeURL],
  ['Mirror', 'spec.endpoints[0].url', 'https:///videolan/', strangeURL],
  ['Mirror', 'spec.endpoints[0].url', 'https://ftp.acc.umu.se/\nx/', strangeURL],
  [
    'Mirror',
    'spec.endpoints',
    [{ url: 'https://a.example/' }, { url: 'https://b.example/' }],
    'at most one https and one http endpoint; a second server of the same scheme is another Mirror',
  ],
  [
    'Mirror',
    'spec.scan.endpoints[0].url',
    'gopher://ftp.acc.umu.se/videolan/',
    'must begin with rsync://, rsyncs://, ftp://, ftps://, http:// or https://',
  ],
  [
    'Mirror',
    'spec.scan.endpoints[0].url',
    'rsync://ftp.acc.umu.se/videolan',
    'must end with a slash, such as rsync://mirror.example/videolan/',
  ],
  ['Mirror', 'spec.scan.endpoints[0].url', 'ftp://me@ftp.acc.umu.se/videolan/', userInURL],
  ['Mirror', 'spec.scan.endpoints[0].url', 'http://ftp.acc.umu.se/#/', strangeURL],
  ['Mirror', 'spec.scan.method', 'Assume', onlyListing, 'spec.scan.endpoints'],
  ['Mirror', 'spec.scan.method', 'Sample', onlyListing, 'spec.scan.endpoints'],
  ['Mirror', 'spec.scan.interval', '2d', interval],
  ['Mirror', 'spec.scan.interval', '25h', interval],
  ['Mirror', 'spec.scan.interval', '500ms', interval],
  ['Mirror', 'spec.scan.timeout', '0s', interval],
  [
    'Mirror',
    'spec.location.longitude',
    undefined,
    'latitude and longitude belong together; write both or neither',
    'spec.location',
  ],
  [
    'Mirror',
    'spec.location.global',
    true,
    'a mirror with global: true is near everyone; remove latitude, longitude and networks',
    'spec.location',
  ],
  ['Mirror', 'spec.location.latitude', '90.01', latitude],
  ['Mirror', 'spec.location.latitude', '63.83 N', latitude],
  ['Mirror', 'spec.location.longitude', '-180.5', longitude],
  ['Mirror', 'spec.location.country', 'Sweden', country],
  ['Mirror', 'spec.location.additionalCountries[1]', 'no', country],
  ['Mirror', 'spec.location.networks[0]', '130.239.0.0', cidr],
  ['Mirror', 'spec.location.networks[0]', '130.239.0.0/33', cidr],
  ['Mirror', 'spec.location.networks[0]', '2001:6b0:e::/129', cidr],
  ['Mirror', 'spec.location.networks[0]', '::ffff:10.0.0.0/104', cidr],
  ['Mirror', 'spec.location.networks[0]', 'fe80::%eth0/64', cidr],
  ['Mirror', 'spec.location', { global: true }, globalPlace, 'spec.audience.scope'],
  ['Mirror', 'spec.audience.networks[0]', '10/8', cidr],
  ['Mirror', 'spec.audience.excludedCountries[0]', 'Russia', country],
  ['Mirror', 'spec.healthCheck.interval', '0s', interval],
  ['Mirror', 'spec.healthCheck.timeout', '10', interval],
  ['Mirror', 'spec.healthCheck.path', '/status', 'must be relative to the endpoint; remove the slash in front'],
  ['Mirror', 'spec.healthCheck.path', '../status', dots],
  ['Mirror', 'spec.verification.maxBytesPerHour', '20MB', bytes],
  ['Mirror', 'spec.verification.maxBytesPerHour', '-1', bytes],
  ['Mirror', 'spec.maxFileSize', '0', size],
  ['Mirror', 'spec.maxFileSize', '4 GiB', size],
  ['Mirror', 'spec.sponsor.url', 'www.accum.se', page],
  ['Mirror', 'spec.sponsor.logoURL', 'javascript:alert(1)', page],
  ['Mirror', 'spec.admin.email', 'Someone', 'must be an e-mail address, such as mirror@example.org'],
  // A Repository's rules.
  [
    'Repository',
    'spec.fallbacks',
    [],
    'serveFrom: Fallback needs somewhere to send clients; add spec.fallbacks',
    'spec.freshness.rules',
  ],
  [
    'Repository',
    'spec.fallbacks',
    [],
    'unknownFiles: Fallback needs somewhere to send clients; add spec.fallbacks, or write unknownFiles: NotFound',
    'spec.unknownFiles',
  ],
  [
    'Repository',
    'spec.selection.mirrorbitsZeroASMatches',
    true,
    'has a meaning for strategy: Mirrorbits only; write that strategy, or remove mirrorbitsZeroASMatches',
  ],
  [
    'Repository',
    'spec.checksums.pieces',
    { torrent: true },
    'pieces are computed from the files themselves; write source.directory, or set torrent and zsync to false',
  ],
  ['Repository', 'spec.hosts[0]', 'https://get.videolan.org/', host],
  ['Repository', 'spec.hosts[0]', 'get.videolan.org:8080', host],
  ['Repository', 'spec.pathPrefix', '/videolan', 'must begin and end with a slash, such as /videolan/'],
  ['Repository', 'spec.pathPrefix', '/a/../b/', "must be plain path segments of letters, digits and -._~!$&'()*+,;=:@"],
  ['Repository', 'spec.pathPrefix', '/a//b/', "must be plain path segments of letters, digits and -._~!$&'()*+,;=:@"],
  ['Repository', 'spec.pathPrefix', '/a%20b/', "must be plain path segments of letters, digits and -._~!$&'()*+,;=:@"],
  ['Repository', 'spec.source', {}, oneSource],
  ['Repository', 'spec.source.directory', { path: '/srv/videolan' }, oneSource, 'spec.source'],
  [
    'Repository',
    'spec.source.rsync.url',
    'https://master.example/',
    'must begin with rsync:// or rsyncs://; for https:// write source.http or source.listing',
  ],
  [
    'Repository',
    'spec.source.rsync.url',
    'rsync://master.example/videolan',
    'must end with a slash, such as rsync://master.example/videolan/',
  ],
  ['Repository', 'spec.source.rsync.url', 'rsync://me@master.example/videolan/', userInURL],
  ['Repository', 'spec.source.rsync.url', 'rsync://master.example:port/videolan/', strangeURL],
  [
    'Repository',
    'spec.source',
    { http: { url: 'rsync://master.example/' } },
    'must begin with https:// or http://; for rsync:// write source.rsync',
    'spec.source.http.url',
  ],
  [
    'Repository',
    'spec.source',
    { http: { url: 'https://master.example/ls-lR.gz' } },
    'must end with a slash, such as https://master.example/videolan/; a single list of files goes to source.listing',
    'spec.source.http.url',
  ],
  [
    'Repository',
    'spec.source',
    { http: { url: 'https://me:secret@master.example/' } },
    userInURL,
    'spec.source.http.url',
  ],
  ['Repository', 'spec.source', { http: { url: 'https://master.example/<>/' } }, strangeURL, 'spec.source.http.url'],
  [
    'Repository',
    'spec.source',
    { listing: { format: 'LsLR', url: 'ftp://master.example/ls-lR' } },
    'must begin with https:// or http://',
    'spec.source.listing.url',
  ],
  [
    'Repository',
    'spec.source',
    { listing: { format: 'LsLR', url: 'https://master.example/videolan/' } },
    'must be the address of one file, such as https://master.example/ls-lR.gz; directory pages go to source.http',
    'spec.source.listing.url',
  ],
  [
    'Repository',
    'spec.source',
    { listing: { format: 'LsLR', url: 'https://me@master.example/ls-lR' } },
    userInURL,
    'spec.source.listing.url',
  ],
  [
    'Repository',
    'spec.source',
    { listing: { format: 'LsLR', url: 'https://master.example/ls-lR?new' } },
    strangeURL,
    'spec.source.listing.url',
  ],
  [
    'Repository',
    'spec.source',
    { directory: { path: 'srv/videolan' } },
    'must be an absolute path, such as /srv/videolan',
    'spec.source.directory.path',
  ],
  [
    'Repository',
    'spec.source',
    { directory: { path: '/srv/../etc' } },
    'must not have . or .. as a folder; write the path in full',
    'spec.source.directory.path',
  ],
  ['Repository', 'spec.source.interval', '5 minutes', 'must be a duration from 1s to 24h, such as 90s, 5m or 6h'],
  ['Repository', 'spec.source.include[0]', '/pub/**', glob],
  ['Repository', 'spec.source.exclude[0]', '!pub/**', glob],
  ['Repository', 'spec.checksums.files[0]', '/SHA256SUMS', glob],
  ['Repository', 'spec.freshness.timeTolerance', '25h', 'must be a duration from 0s to 24h, such as 2s or 1m'],
  ['Repository', 'spec.freshness.maxLag', '-1h', lag],
  ['Repository', 'spec.freshness.rules[0].paths[0]', '/InRelease', glob],
  ['Repository', 'spec.freshness.rules[1].maxLag', 'never', lag],
  ['Repository', 'spec.freshness.rules[1].compare', 'Size', oneMeasure, 'spec.freshness.rules[1]'],
  ['Repository', 'spec.freshness.rules[1].maxLag', undefined, oneMeasure, 'spec.freshness.rules[1]'],
  ['Repository', 'spec.retainRemovedFor', '1000h', lag],
  [
    'Repository',
    'spec.fallbacks[0].name',
    'The Archive',
    'must be lower-case letters, digits and dashes, such as archive',
  ],
  ['Repository', 'spec.fallbacks[0].url', 'ftp://archive.example/', 'must begin with https:// or http://'],
  [
    'Repository',
    'spec.fallbacks[0].url',
    'https://archive.example/videolan',
    'must end with a slash, such as https://archive.example/videolan/',
  ],
  ['Repository', 'spec.fallbacks[0].url', 'https://me@archive.example/', userInPublicURL],
  ['Repository', 'spec.fallbacks[0].url', 'https://archive.example/ä/', strangeURL],
  [
    'Repository',
    'spec.fallbacks[0].location.latitude',
    '50',
    'latitude and longitude belong together; write both or neither',
    'spec.fallbacks[0].location',
  ],
  [
    'Repository',
    'spec.fallbacks[0].location',
    { global: true, networks: ['10.0.0.0/8'] },
    'a server with global: true is near everyone; remove latitude, longitude and networks',
  ],
  [
    'Repository',
    'spec.fallbacks[0].location',
    { latitude: 'x', longitude: '1' },
    latitude,
    'spec.fallbacks[0].location.latitude',
  ],
  [
    'Repository',
    'spec.fallbacks[0].location',
    { latitude: '1', longitude: 'x' },
    longitude,
    'spec.fallbacks[0].location.longitude',
  ],
  ['Repository', 'spec.fallbacks[0].location.country', 'de', country],
  [
    'Repository',
    'spec.fallbacks[0].location.additionalCountries',
    ['d'],
    country,
    'spec.fallbacks[0].location.additionalCountries[0]',
  ],
  ['Repository', 'spec.fallbacks[0].location.networks', ['everywhere'], cidr, 'spec.fallbacks[0].location.networks[0]'],
  ['Repository', 'spec.archive[0].paths[0]', '/old/**', glob],
  ['Repository', 'spec.archive[0].url', 'archive.example/', 'must begin with https:// or http://'],
  [
    'Repository',
    'spec.archive[0].url',
    'https://archive.example/old',
    'must end with a slash, such as https://archive.example/videolan/',
  ],
  ['Repository', 'spec.archive[0].url', 'https://me:secret@archive.example/', userInPublicURL],
  ['Repository', 'spec.archive[0].url', 'https://archive.example/\\/', strangeURL],
  ['Repository', 'spec.traceFile', '/trace', "must be relative to the tree's root; remove the slash in front"],
  ['Repository', 'spec.traceFile', 'a/./trace', dots],
  [
    'Repository',
    'spec.statistics.sameDownloadInterval',
    '2 h',
    'must be a duration from 0s to 24h, such as 0s, 10m or 1h',
  ],
  ['Repository', 'spec.pages.logoURL', 'logo.png', page],
  ['Repository', 'spec.pages.homeURL', 'https://me:secret@www.videolan.org/', page],
  [
    'Repository',
    'spec.pages.accentColor',
    'orange',
    'must be a colour in quotes of # and six hexadecimal digits, such as "#ff7700"',
  ],
  ['Repository', 'spec.pages.builtinPrefix', '/geomirror', 'must begin and end with a slash, such as /geomirror/'],
  // The shape.
  ['Mirror', 'spec', undefined, 'is missing'],
  ['Mirror', 'spec.endpoints', undefined, 'is missing'],
  ['Mirror', 'spec.endpoints', [], 'must have at least 1 item'],
  ['Mirror', 'spec.endpoints', 'https://a.example/', 'must be a list'],
  [
    'Mirror',
    'spec.endpoints',
    [{ url: 'https://a.example/' }, { url: 'https://a.example/' }],
    'must not have two items with the same url',
  ],
  ['Mirror', 'spec.scan', 'daily', 'must be a mapping of fields'],
  ['Mirror', 'spec.weight', 0, 'must be at least 1'],
  ['Mirror', 'spec.weight', 1001, 'must be at most 1000'],
  ['Mirror', 'spec.weight', 1.5, 'must be a whole number'],
  ['Mirror', 'spec.mode', 'Off', 'must be one of Active, Drained, Disabled'],
  ['Mirror', 'spec.location.latitude', 63.83, 'must be text; write the number in quotes'],
  [
    'Mirror',
    'spec.location.country',
    false,
    'must be text; true, yes, NO, on and the like need quotes to be text in YAML',
  ],
  ['Mirror', 'spec.location.global', 'yes', 'must be true or false'],
  ['Mirror', 'spec.location.asns', [2847, 2847], 'must not name the same twice (items 0 and 1)'],
  ['Mirror', 'spec.location.asns', [0], 'must be at least 1', 'spec.location.asns[0]'],
  ['Mirror', 'spec.repositoryRef.name', '', 'must not be empty'],
  ['Mirror', 'spec.admin.name', 'x'.repeat(129), 'must have at most 128 characters'],
  ['Repository', 'spec.hosts', Array.from({ length: 65 }, (_, i) => `h${i}`), 'must have at most 64 items'],
  [
    'Repository',
    'spec.source',
    { listing: { url: 'https://master.example/ls-lR' } },
    'is missing',
    'spec.source.listing.format',
  ],
];

/** Unknown fields: an API server drops them with a warning, or refuses them (`kubectl --validate=strict`, the default of apply). */
const typos: readonly Refusal[] = [
  ['Mirror', 'spec.wieght', 5, 'is not a field; did you mean weight?'],
  ['Mirror', 'spec.Weight', 5, 'is not a field; did you mean weight?'],
  ['Mirror', 'spec.endpoints[0].uri', 'x', 'is not a field; did you mean url?'],
  ['Mirror', 'spec.repositoryRef.namespace', 'x', 'is not a field; known here are name'],
  ['Mirror', 'metadata.anotations', {}, 'is not a field; did you mean annotations?'],
  ['Mirror', 'metadata.name', 'Acc_Umu', 'must be lower-case letters, digits, dashes and dots, such as acc-umu-se'],
  ['Mirror', 'metadata.namespace', 'a.b', 'must be lower-case letters, digits and dashes, such as mirrors'],
  ['Mirror', 'specs', {}, 'is not a field; did you mean spec?'],
  [
    'Repository',
    'spec.source.s3',
    {},
    'is not a field; known here are rsync, http, listing, directory, interval, include, exclude',
  ],
];

const accepted: readonly (readonly [kind: CRDKind, path: string, value: unknown])[] = [
  ['Mirror', 'spec', { repositoryRef: { name: 'r' }, endpoints: [{ url: 'http://127.0.0.1:8081/' }] }],
  ['Mirror', 'spec.endpoints', [{ url: 'https://[2001:db8::1]:8443/' }]],
  ['Mirror', 'spec.endpoints', [{ url: 'https://cdn.example/a%20b/@c/~d/' }]],
  ['Mirror', 'spec.scan', null],
  ['Mirror', 'spec.scan', { method: 'Assume', interval: null }],
  ['Mirror', 'spec.scan', { method: 'Sample', interval: '1h30m', timeout: '1.5h' }],
  ['Mirror', 'spec.location', { latitude: '-90', longitude: '180.0' }],
  ['Mirror', 'spec.location', { global: true, continent: 'EU' }],
  ['Mirror', 'spec.location.networks', ['10.1.2.3/8', '::/0', '1.2.3.4/32', '2001:db8::1/128']],
  ['Mirror', 'spec.audience', { scope: 'Country' }],
  ['Mirror', 'spec.audience', {}],
  ['Mirror', 'spec.maxFileSize', '4294967296'],
  ['Mirror', 'spec.maxFileSize', '0.5Gi'],
  ['Mirror', 'spec.verification', { maxBytesPerHour: '0' }],
  ['Repository', 'spec', { source: { directory: { path: '/srv/tree' } } }],
  ['Repository', 'spec', { source: { directory: { path: '/srv/tree' } }, checksums: { pieces: { zsync: true } } }],
  ['Repository', 'spec', { source: { listing: { url: 'https://m.example/ls-lR.gz', format: 'LsLR' } } }],
  ['Repository', 'spec', { source: { http: { url: 'http://m.example:8080/' } }, unknownFiles: 'NotFound' }],
  ['Repository', 'spec.pathPrefix', '/'],
  ['Repository', 'spec.freshness.maxLag', '0s'],
  ['Repository', 'spec.hosts', []],
  ['Repository', 'spec.hosts', ['127.0.0.1', 'localhost', 'xn--bcher-kva.example']],
  ['Repository', 'spec.selection', { strategy: 'Mirrorbits', mirrorbitsZeroASMatches: true }],
  ['Repository', 'spec.pages', { title: '', logoURL: '', homeURL: '', accentColor: '', builtinPrefix: '' }],
  ['Repository', 'spec.statistics.sameDownloadInterval', '0s'],
];

suite('A manifest with a mistake is refused with a sentence that says what to write instead', () => {
  for (const [kind, path, value, message, field = path] of [...refusals, ...typos]) {
    const shown = JSON.stringify(value) ?? 'nothing';
    test(`${kind} ${path}: ${shown.length > 100 ? `${shown.slice(0, 100)}…` : shown}`, () => {
      const found = says(kind, changed(kind, path, value));
      assert.ok(found.includes(`${field}: ${message}`), `said instead: ${found.join('\n')}`);
    });
  }
});

suite('A manifest without mistakes is accepted', () => {
  for (const kind of ['Repository', 'Mirror'] as const) {
    test(`the ${kind} that the refused ones differ from`, () =>
      assert.deepEqual(says(kind, changed(kind, 'x', undefined)), []));
  }
  for (const [kind, path, value] of accepted) {
    test(`${kind} ${path}: ${JSON.stringify(value)}`, () =>
      assert.deepEqual(says(kind, changed(kind, path, value)), []));
  }
});

test('A Mirror cannot be moved to another Repository', () => {
  const old = changed('Mirror', 'x', undefined);
  const moved = changed('Mirror', 'spec.repositoryRef.name', 'other');
  const message = 'spec.repositoryRef: repositoryRef cannot be changed; create another Mirror for the other repository';
  assert.deepEqual(says('Mirror', moved, old), [message]);
  assert.deepEqual(says('Mirror', changed('Mirror', 'spec.weight', 5), old), []);
});

test('Defaults are filled in as an API server does, also within fields that are absent or null', () => {
  const document = changed('Mirror', 'spec', {
    repositoryRef: { name: 'r' },
    endpoints: [{ url: 'http://a.example/' }],
    scan: null,
  });
  assert.deepEqual(says('Mirror', document), []);
  assert.deepEqual(document['spec'], {
    repositoryRef: { name: 'r' },
    endpoints: [{ url: 'http://a.example/' }],
    scan: { endpoints: [], method: 'Listing', sampleSize: 200, interval: '30m', timeout: '20m' },
    weight: 100,
    audience: { scope: 'Anyone', networks: [], excludedCountries: [] },
    healthCheck: { interval: '1m', timeout: '10s', failureThreshold: 3, successThreshold: 2, path: '' },
    verification: { window: 60, maxWrongPercent: 5, maxBytesPerHour: '20Mi' },
    mode: 'Active',
  });
  assert.deepEqual(document['status'], { observedGeneration: -1 });
});

test('Every rule of the CRDs has a row in this table', async () => {
  const rows = refusals.map(([kind, path, , message, field = path]) => `${kind} ${withoutIndexes(field)}: ${message}`);
  rows.push(
    'Mirror spec.repositoryRef: repositoryRef cannot be changed; create another Mirror for the other repository',
  );
  const rules = [
    ...ruleNames('Repository ', await crdSchema('geomirror.io_repositories.yaml')),
    ...ruleNames('Mirror ', await crdSchema('geomirror.io_mirrors.yaml')),
  ];
  assert.ok(rules.length > 60);
  assert.deepEqual(
    rules.filter((rule) => !rows.includes(rule)),
    [],
  );
});

function* ruleNames(path: string, schema: StructuralSchema): Generator<string> {
  for (const { fieldPath = '', message } of schema['x-kubernetes-validations'] ?? [])
    yield `${path}${fieldPath}: ${message}`;
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    yield* ruleNames(path.endsWith(' ') ? path + name : `${path}.${name}`, field);
  }
  if (schema.items) yield* ruleNames(path, schema.items);
}

const withoutIndexes = (path: string) => path.replace(/\[\d+\]/g, '');
