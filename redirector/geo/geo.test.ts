import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import * as fc from 'fast-check';
import { type GeoProblem, type GeoRecord, openGeo } from './geo.ts';
import { encodeDatabase, type Value } from './mmdb.test-support.ts';

const folderFor = async (t: TestContext): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'geomirror-geo-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
};

type Databases = Readonly<Record<string, Readonly<Record<string, Value>>>>;

const open = async (t: TestContext, databases: Databases) => {
  const folder = await folderFor(t);
  const files: string[] = [];
  for (const [name, records] of Object.entries(databases)) {
    files.push(join(folder, name));
    await writeFile(join(folder, name), encodeDatabase(records, { type: name }));
  }
  const geo = await openGeo(files, { pollMs: 0 });
  t.after(() => geo[Symbol.asyncDispose]());
  return geo;
};

const unknown: GeoRecord = {
  accuracy: 'Unknown',
  latitude: 0,
  longitude: 0,
  accuracyKm: 0,
  country: '',
  continent: '',
  city: '',
  asn: 0,
  asName: '',
  prefixLength: 0,
};

const stockholm = {
  city: { names: { de: 'Stockholm!', en: 'Stockholm' } },
  continent: { code: 'EU' },
  country: { iso_code: 'SE', names: { en: 'Sweden' } },
  location: { latitude: 59.33, longitude: 18.06, accuracy_radius: 20 },
};

test('every layout is recognised by its records', async (t) => {
  const table: [layout: string, record: Value, expected: Partial<GeoRecord>][] = [
    [
      'MaxMind City',
      stockholm,
      {
        accuracy: 'City',
        latitude: 59.33,
        longitude: 18.06,
        accuracyKm: 20,
        country: 'SE',
        continent: 'EU',
        city: 'Stockholm',
      },
    ],
    [
      'MaxMind Country',
      { country: { iso_code: 'SE' }, continent: { code: 'EU' } },
      { accuracy: 'Country', country: 'SE', continent: 'EU' },
    ],
    [
      'MaxMind ASN',
      { autonomous_system_number: 2847, autonomous_system_organization: 'SUNET' },
      { accuracy: 'Unknown', asn: 2847, asName: 'SUNET' },
    ],
    ['MaxMind ISP', { autonomous_system_number: 2847, isp: 'Tele2' }, { asn: 2847, asName: 'Tele2' }],
    [
      'DB-IP City Lite',
      { city: { names: { en: 'Oslo' } }, country: { iso_code: 'NO' }, location: { latitude: 59.91, longitude: 10.75 } },
      { accuracy: 'City', latitude: 59.91, country: 'NO', continent: 'EU', accuracyKm: 50, city: 'Oslo' },
    ],
    [
      'IPinfo Lite',
      { country: 'Japan', country_code: 'JP', continent: 'Asia', continent_code: 'AS', asn: 'AS2497', as_name: 'IIJ' },
      { accuracy: 'Country', country: 'JP', continent: 'AS', asn: 2497, asName: 'IIJ' },
    ],
    [
      'IPinfo country and ASN',
      { country: 'JP', country_name: 'Japan', continent: 'AS', asn: 'AS2497' },
      { accuracy: 'Country', country: 'JP', continent: 'AS', asn: 2497 },
    ],
    [
      'IPinfo location',
      { city: 'Lima', country: 'PE', lat: '-12.04', lng: '-77.03', radius: '30' },
      {
        accuracy: 'City',
        latitude: -12.04,
        longitude: -77.03,
        accuracyKm: 30,
        country: 'PE',
        continent: 'SA',
        city: 'Lima',
      },
    ],
    [
      '@ip-location-db country',
      { country_code: 'DE' },
      { accuracy: 'Country', latitude: 51, longitude: 10.4, accuracyKm: 360 },
    ],
    [
      '@ip-location-db city',
      { city: 'Bonn', country_code: 'DE', latitude: 50.73, longitude: 7.1, state1: 'NW', timezone: 'Europe/Berlin' },
      { accuracy: 'City', latitude: 50.73, longitude: 7.1, accuracyKm: 50, city: 'Bonn', continent: 'EU' },
    ],
    [
      '@ip-location-db ASN',
      { autonomous_system_number: 680, autonomous_system_organization: 'DFN' },
      { accuracy: 'Unknown', asn: 680, asName: 'DFN' },
    ],
  ];
  for (const [layout, record, expected] of table) {
    const geo = await open(t, { [layout.replace('/', '-')]: { '192.0.2.0/24': record, '2001:db8::/32': record } });
    assert.deepEqual(geo.problems(), [], layout);
    assert.partialDeepStrictEqual(geo.locate('192.0.2.1'), { ...expected, prefixLength: 24 }, layout);
    assert.partialDeepStrictEqual(geo.locate('2001:db8::1'), { ...expected, prefixLength: 32 }, layout);
  }
});

test('what a record says wrongly counts as not said', async (t) => {
  const table: [record: Value, expected: Partial<GeoRecord>][] = [
    [
      { country_code: 'DE', latitude: 'north', longitude: 7 },
      { accuracy: 'Country', country: 'DE' },
    ],
    [{ country_code: 'DE', latitude: 91.5, longitude: 7 }, { accuracy: 'Country' }],
    [
      { country_code: 'DE', latitude: 0, longitude: 0 },
      { accuracy: 'Country', latitude: 51 },
    ],
    [{ country_code: 'ZZ' }, { accuracy: 'Unknown', country: 'ZZ', continent: '' }],
    [{ country_code: 'Germany', asn: 'ASx' }, unknown],
    [{ country_code: 7, continent: 'XX', autonomous_system_number: -1 }, unknown],
    ['text', unknown],
    [['list'], unknown],
  ];
  for (const [record, expected] of table) {
    const geo = await open(t, { flat: { '192.0.2.0/24': record, '7.0.0.0/8': { country_code: 'US' } } });
    assert.partialDeepStrictEqual(geo.locate('192.0.2.1'), { ...expected, prefixLength: 24 }, JSON.stringify(record));
  }
});

test('coordinates as wide as the country are those of a country', async (t) => {
  const middle = {
    country: { iso_code: 'SE' },
    location: { latitude: 59.32, longitude: 18.06, accuracy_radius: 1000 },
  };
  const geo = await open(t, { city: { '192.0.2.0/24': middle } });
  assert.partialDeepStrictEqual(geo.locate('192.0.2.1'), { accuracy: 'Country', latitude: 59.32, accuracyKm: 1000 });
});

test('databases are joined: the most precise coordinates, any AS, the longest prefix', async (t) => {
  const country = { '192.0.0.0/8': { country_code: 'NO' } };
  const asn = { '192.0.2.0/26': { autonomous_system_number: 5 } };
  const wide = { '192.0.2.0/25': { ...stockholm, location: { latitude: 60, longitude: 15, accuracy_radius: 200 } } };
  const geo = await open(t, { country, asn, wide, city: { '192.0.2.0/24': stockholm } });
  assert.deepEqual(geo.locate('192.0.2.1'), {
    accuracy: 'City',
    latitude: 59.33,
    longitude: 18.06,
    accuracyKm: 20,
    country: 'SE',
    continent: 'EU',
    city: 'Stockholm',
    asn: 5,
    asName: '',
    prefixLength: 26,
  });
  assert.partialDeepStrictEqual(geo.locate('192.9.9.9'), { accuracy: 'Country', country: 'NO', asn: 0 });
  assert.partialDeepStrictEqual(geo.locate('198.51.100.1'), { ...unknown, prefixLength: 6 });
});

test('the same databases know a mapped address as IPv4', async (t) => {
  const geo = await open(t, { city: { '192.0.2.0/24': stockholm } });
  assert.deepEqual(geo.locate('::ffff:192.0.2.7'), geo.locate('192.0.2.7'));
});

test('an IPv4 database says nothing of IPv6 addresses', async (t) => {
  const folder = await folderFor(t);
  const file = join(folder, 'v4.mmdb');
  await writeFile(file, encodeDatabase({ '32.0.0.0/4': { country_code: 'US' } }, { ipVersion: 4 }));
  await using geo = await openGeo([file], { pollMs: 0 });
  assert.partialDeepStrictEqual(geo.locate('32.1.2.3'), { country: 'US', prefixLength: 4 });
  assert.deepEqual(geo.locate('2001:db8::1'), unknown);
});

test('no text makes it throw', async (t) => {
  const geo = await open(t, { city: { '0.0.0.0/1': stockholm } });
  for (const text of ['', 'unknown', '1.2.3', '1.2.3.4.5', '[::1]', '::1%eth0', '256.1.1.1', '\u0000']) {
    assert.ok(geo.locate(text));
  }
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => geo.locate(text) !== undefined));
});

const notDatabases: [name: string, bytes: Buffer, cure: RegExp][] = [
  ['empty', Buffer.alloc(0), /download it again/],
  ['html', Buffer.from('<html>licence key missing</html>'), /download it again/],
  ['cut', encodeDatabase({ '192.0.2.0/24': stockholm }).subarray(0, 200), /download it again/],
  ['gz', Buffer.from([0x1f, 0x8b, 8, 0]), /unpack it/],
  [
    'foreign',
    encodeDatabase({ '0.0.0.0/1': { is_proxy: true } }, { type: 'Anonymous' }),
    /Anonymous.*City, Country or ASN/,
  ],
];

test('a file that is no database is named with the cure, and the others work', async (t) => {
  const folder = await folderFor(t);
  const good = join(folder, 'good.mmdb');
  await writeFile(good, encodeDatabase({ '192.0.2.0/24': stockholm }));
  for (const [name, bytes, cure] of notDatabases) {
    const bad = join(folder, name);
    await writeFile(bad, bytes);
    const reported: GeoProblem[] = [];
    await using geo = await openGeo([bad, good], { pollMs: 0, report: (problem) => reported.push(problem) });
    assert.equal(geo.locate('192.0.2.1').city, 'Stockholm');
    assert.deepEqual(geo.problems(), reported);
    assert.equal(reported.length, 1, name);
    assert.equal(reported[0]?.file, bad);
    assert.ok(reported[0].message.startsWith(`${bad}: `));
    assert.match(reported[0].message, cure, name);
    await geo.refresh();
    assert.equal(reported.length, 1, 'it is reported once');
  }
  await using none = await openGeo([join(folder, 'absent'), folder], { pollMs: 0 });
  assert.match(none.problems()[0]!.message, /absent: there is no such file/);
  assert.match(none.problems()[1]!.message, /name the mmdb file in it/);
  assert.deepEqual(none.locate('192.0.2.1'), unknown);
});

test('bytes damaged anywhere never make it throw', async (t) => {
  const whole = encodeDatabase({ '0.0.0.0/1': stockholm, '128.0.0.0/1': { country_code: 'DE' } });
  const file = join(await folderFor(t), 'damaged.mmdb');
  const spot = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(fc.array(spot, { minLength: 1, maxLength: 5 }), async (spots) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of spots) bytes[at] = value;
      await writeFile(file, bytes);
      await using geo = await openGeo([file], { pollMs: 0 });
      for (const address of ['1.2.3.4', '200.1.2.3', '2001:db8::1']) geo.locate(address);
    }),
    { numRuns: 150 },
  );
});

test('a changed file is read again, and a broken one changes nothing', async (t) => {
  const folder = await folderFor(t);
  const file = join(folder, 'country.mmdb');
  const replaceBy = async (bytes: Buffer): Promise<void> => {
    await writeFile(`${file}.new`, bytes);
    await rename(`${file}.new`, file);
  };
  const of = (code: string) => encodeDatabase({ '192.0.2.0/24': { country_code: code } });
  await using geo = await openGeo([file], { pollMs: 0 });
  assert.equal(geo.locate('192.0.2.1').country, '');

  await replaceBy(of('DE'));
  await geo.refresh();
  assert.equal(geo.locate('192.0.2.1').country, 'DE', 'a file that was missing is read when it comes');
  assert.deepEqual(geo.problems(), []);

  const version = geo.version();
  await geo.refresh();
  assert.equal(geo.version(), version, 'an unchanged file is left alone');

  await replaceBy(Buffer.from('half'));
  await geo.refresh();
  assert.equal(geo.locate('192.0.2.1').country, 'DE');
  assert.equal(geo.version(), version);
  assert.match(geo.problems()[0]!.message, /The version read before stays in use/);

  await rm(file);
  await geo.refresh();
  assert.equal(geo.locate('192.0.2.1').country, 'DE', 'a file that went away stays in use');

  await replaceBy(of('FR'));
  await geo.refresh();
  assert.equal(geo.locate('192.0.2.1').country, 'FR');
  assert.equal(geo.version(), version + 1);
  assert.deepEqual(geo.problems(), []);

  await writeFile(file, of('IT'));
  await utimes(file, 1, 1);
  await geo.refresh();
  assert.equal(geo.locate('192.0.2.1').country, 'IT', 'a file written in place is read again');
});

test('files are looked at by themselves', async (t) => {
  const file = join(await folderFor(t), 'country.mmdb');
  await using geo = await openGeo([file], { pollMs: 10 });
  await writeFile(file, encodeDatabase({ '192.0.2.0/24': { country_code: 'DE' } }));
  for (let round = 0; round < 500 && geo.version() === 0; round++) await wait(10);
  assert.equal(geo.locate('192.0.2.1').country, 'DE');
});

test('without any file named, the database that comes with geomirror is used', async () => {
  await using geo = await openGeo([], { pollMs: 0 });
  assert.deepEqual(geo.problems(), []);
  assert.partialDeepStrictEqual(geo.locate('81.2.69.142'), { accuracy: 'Country', country: 'GB', continent: 'EU' });
  assert.partialDeepStrictEqual(geo.locate('130.239.18.1'), { country: 'SE' });
  assert.deepEqual(geo.locate('127.0.0.1').country, '');
  assert.equal(geo.databases().length, 1);
  assert.ok(geo.databases()[0]!.builtAt > Date.UTC(2026, 0));
});
