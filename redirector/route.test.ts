import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Availability } from '@geomirror/catalog/file.ts';
import type { Answer } from './answer/answer.ts';
import type { Request } from './route.ts';
import { route } from './route.ts';
import {
  berlin,
  createWorld,
  down,
  file,
  headers,
  leadsTo,
  mirror,
  newYork,
  now,
  paris,
  tokyo,
  type World,
  type WorldPlan,
} from './testdata/world.ts';

type Case = {
  readonly title: string;
  readonly world?: Partial<WorldPlan>;
  readonly target: string;
  readonly request?: Partial<Request>;
  readonly status: number;
  readonly location?: string;
  readonly outcome?: Answer['outcome'];
  readonly reason?: string;
};

const basic: WorldPlan = {
  files: [file('a.iso'), file('1.2/b.iso'), file('100% #1?.txt'), file('grüße/ä b\\c.iso')],
  mirrors: [mirror('paris', paris), mirror('berlin', berlin), mirror('newyork', newYork), mirror('tokyo', tokyo)],
};

const fallback = { name: 'archive', url: 'https://archive.example/', location: berlin };
const withFallback = { ...basic.policy, fallbacks: [fallback], unknownFiles: 'Fallback' as const };
const allDown = {
  mirrors: Object.fromEntries(basic.mirrors.map(({ record }) => [record.uid, down(...record.endpoints)])),
};

/** Availability by mirror name; 1 for others. */
const holding = (by: Readonly<Record<string, Availability>>) =>
  basic.mirrors.map(({ record }) => ({ record, has: () => by[record.name] ?? 1 }));

const steps: Readonly<Record<string, readonly Case[]>> = {
  '1. GET or HEAD of a path': [
    { title: 'GET is answered', target: '/a.iso', status: 302, location: 'https://paris.example/a.iso' },
    { title: 'HEAD is answered as GET is', target: '/a.iso', request: { method: 'HEAD' }, status: 302 },
    { title: 'other methods are refused', target: '/a.iso', request: { method: 'POST' }, status: 405 },
    { title: 'the method comes before the path', target: '/%', request: { method: 'PUT' }, status: 405 },
    { title: 'malformed escapes are refused', target: '/a%2.iso', status: 400, reason: 'MalformedEscape' },
    { title: 'NUL is refused', target: '/a%00.iso', status: 400, reason: 'ControlCharacter' },
    { title: 'a path out of the root is refused', target: '/../etc/passwd', status: 400, reason: 'LeavesRoot' },
    { title: 'an encoded slash is refused', target: '/1.2%2fb.iso', status: 400, reason: 'EncodedSlash' },
    {
      title: 'extra slashes and dot segments are taken out',
      target: '//1.2/.//x/../b.iso',
      status: 302,
      location: 'https://paris.example/1.2/b.iso',
    },
  ],
  '2. Host and path prefix choose the repository': [
    { title: 'any host will do where none is named', target: '/a.iso', request: { host: 'whatever:80' }, status: 302 },
    {
      title: 'another host is not served',
      world: { policy: { hosts: ['get.example'] } },
      target: '/a.iso',
      request: { host: 'other.example' },
      status: 404,
      reason: 'NoRepository',
    },
    {
      title: 'case and port of the host do not matter',
      world: { policy: { hosts: ['get.example'] } },
      target: '/a.iso',
      request: { host: 'GET.Example:8080' },
      status: 302,
    },
    {
      title: 'the host of an absolute-form target counts',
      world: { policy: { hosts: ['get.example'] } },
      target: 'http://get.example/a.iso',
      request: { host: 'other.example' },
      status: 302,
    },
    {
      title: 'the prefix is not part of the path',
      world: { policy: { pathPrefix: '/pub/' } },
      target: '/pub/a.iso',
      status: 302,
      location: 'https://paris.example/a.iso',
    },
    {
      title: 'a path beside the prefix is not served',
      world: { policy: { pathPrefix: '/pub/' } },
      target: '/public/a.iso',
      status: 404,
      reason: 'NoRepository',
    },
  ],
  '3. The client is who a trusted proxy says it is': [
    {
      title: 'the peer where it is nobody trusted',
      target: '/a.iso',
      request: { forwardedFor: '192.0.2.2' },
      status: 302,
      location: 'https://paris.example/a.iso',
    },
    {
      title: 'the right-most untrusted address of X-Forwarded-For',
      target: '/a.iso',
      request: { peer: '127.0.0.1', forwardedFor: '192.0.2.1, 192.0.2.2, 127.0.0.9' },
      status: 302,
      location: 'https://newyork.example/a.iso',
    },
  ],
  '4. What is asked': [
    {
      title: 'JSON where it is accepted by name',
      target: '/a.iso',
      request: { accept: 'text/html, application/json;q=0.9' },
      status: 200,
    },
    { title: 'no JSON for a wildcard', target: '/a.iso', request: { accept: 'text/html,*/*;q=0.8' }, status: 302 },
    {
      title: 'no JSON where it is refused',
      target: '/a.iso',
      request: { accept: 'application/json;q=0' },
      status: 302,
    },
    { title: 'always JSON with output JSON', world: { policy: { output: 'JSON' } }, target: '/a.iso', status: 200 },
    {
      title: 'never JSON with output Redirect',
      world: { policy: { output: 'Redirect' } },
      target: '/a.iso',
      request: { accept: 'application/json' },
      status: 302,
    },
    {
      title: 'https=0 takes plain http only',
      target: '/a.iso?https=0',
      status: 302,
      location: 'http://plain.example/a.iso',
      world: { mirrors: [mirror('paris', paris), mirror('plain', tokyo, { endpoints: ['http://plain.example/'] })] },
    },
    {
      title: 'a client that came by https stays there',
      target: '/a.iso',
      request: { peer: '127.0.0.1', forwardedProto: 'https' },
      status: 302,
      location: 'https://tokyo.example/a.iso',
      world: { mirrors: [mirror('plain', paris, { endpoints: ['http://plain.example/'] }), mirror('tokyo', tokyo)] },
    },
    {
      title: 'nobody is believed the forwarded protocol unless trusted',
      target: '/a.iso',
      request: { forwardedProto: 'https' },
      status: 302,
      location: 'http://plain.example/a.iso',
      world: { mirrors: [mirror('plain', paris, { endpoints: ['http://plain.example/'] }), mirror('tokyo', tokyo)] },
    },
    {
      title: 'https=1 beats the forwarded protocol',
      target: '/a.iso?https=1',
      request: { peer: '127.0.0.1', forwardedProto: 'http' },
      status: 302,
      location: 'https://tokyo.example/a.iso',
      world: {
        policy: { upgradeToHTTPS: false },
        mirrors: [mirror('plain', paris, { endpoints: ['http://plain.example/'] }), mirror('tokyo', tokyo)],
      },
    },
    {
      title: 'without upgradeToHTTPS an http client stays with http',
      target: '/a.iso',
      status: 302,
      location: 'http://plain.example/a.iso',
      world: {
        policy: { upgradeToHTTPS: false },
        mirrors: [mirror('paris', paris), mirror('plain', tokyo, { endpoints: ['http://plain.example/'] })],
      },
    },
    {
      title: 'a mirror with both schemes gives https',
      target: '/a.iso',
      status: 302,
      location: 'https://both.example/a.iso',
      world: { mirrors: [mirror('both', paris, { endpoints: ['http://both.example/', 'https://both.example/'] })] },
    },
    {
      title: 'a mirror whose https is down gives http',
      target: '/a.iso',
      status: 302,
      location: 'http://both.example/a.iso',
      world: {
        mirrors: [mirror('both', paris, { endpoints: ['http://both.example/', 'https://both.example/'] })],
        health: {
          mirrors: {
            'uid-both': {
              endpoints: [
                { url: 'https://both.example/', up: false, since: now },
                { url: 'http://both.example/', up: true, since: now },
              ],
            },
          },
        },
      },
    },
  ],
  '5. Path, through links, to file number': [
    {
      title: 'names with % # ? are found and encoded anew',
      target: '/100%25%20%231%3F.txt',
      status: 302,
      location: 'https://paris.example/100%25%20%231%3F.txt',
    },
    {
      title: 'non-ASCII names, blanks and backslashes too',
      target: '/gr%C3%BC%C3%9Fe/%C3%A4%20b%5Cc.iso',
      status: 302,
      location: 'https://paris.example/gr%C3%BC%C3%9Fe/%C3%A4%20b%5Cc.iso',
    },
    {
      title: 'bytes that came unescaped as well',
      target: Buffer.from('/grüße/ä%20b\\c.iso').toString('latin1'),
      status: 302,
      location: 'https://paris.example/gr%C3%BC%C3%9Fe/%C3%A4%20b%5Cc.iso',
    },
    {
      title: 'links are followed, the answer names the target',
      world: { links: [{ path: 'latest', target: '1.2' }] },
      target: '/latest/b.iso',
      status: 302,
      location: 'https://paris.example/1.2/b.iso',
    },
    {
      title: 'the query is not forwarded',
      target: '/a.iso?x=http://evil.example/',
      status: 302,
      location: 'https://paris.example/a.iso',
    },
    { title: 'an unknown file is not found', target: '/none.iso', status: 404, reason: 'NoSuchFile' },
    {
      title: 'an unknown file goes to the fallback where the policy says so',
      world: { policy: withFallback },
      target: '/new%20file.iso',
      status: 302,
      location: 'https://archive.example/new%20file.iso',
      outcome: 'Fallback',
    },
    {
      title: 'unknownFiles Fallback without any fallback is not found',
      world: { policy: { unknownFiles: 'Fallback' } },
      target: '/none.iso',
      status: 404,
    },
    {
      title: 'an archive rule comes before the fallback',
      world: { policy: { ...withFallback, archive: [{ paths: ['old/**'], url: 'https://attic.example/' }] } },
      target: '/old/1/x',
      status: 302,
      location: 'https://attic.example/old/1/x',
      outcome: 'Archive',
    },
    {
      title: 'an archive rule does not touch files that are there',
      world: { policy: { archive: [{ paths: ['**'], url: 'https://attic.example/' }] } },
      target: '/a.iso',
      status: 302,
      location: 'https://paris.example/a.iso',
    },
    {
      title: 'a file that left the source is served while it is retained',
      world: { manifest: { retained: [[0, 1, now + 1]] } },
      target: '/a.iso',
      status: 302,
      location: 'https://paris.example/a.iso',
    },
    {
      title: 'and is unknown afterwards',
      world: { manifest: { retained: [[0, 1, now]] } },
      target: '/a.iso',
      status: 404,
    },
    {
      title: 'a directory goes to a mirror',
      target: '/1.2/',
      status: 302,
      location: 'https://paris.example/1.2/',
      outcome: 'Mirror',
    },
    {
      title: 'a directory goes to a fallback where there is one',
      world: { policy: withFallback },
      target: '/1.2/',
      status: 302,
      location: 'https://archive.example/1.2/',
      outcome: 'Fallback',
    },
    { title: 'the root is a directory', target: '/', status: 302, location: 'https://paris.example/' },
    {
      title: 'a directory through a link is that of its target',
      world: { links: [{ path: 'latest', target: '1.2' }] },
      target: '/latest/',
      status: 302,
      location: 'https://paris.example/1.2/',
    },
    {
      title: 'a client that has the file gets 304',
      target: '/a.iso',
      request: { ifModifiedSince: new Date(now).toUTCString() },
      status: 304,
    },
    {
      title: 'a client with an older file does not',
      target: '/a.iso',
      request: { ifModifiedSince: new Date(now - 7_200_000).toUTCString() },
      status: 302,
    },
    {
      title: 'tags come before times',
      target: '/a.iso',
      request: { ifModifiedSince: new Date(now).toUTCString(), ifNoneMatch: '"other"' },
      status: 302,
    },
    {
      title: '304 for JSON as well',
      target: '/a.iso',
      request: { ifModifiedSince: new Date(now).toUTCString(), accept: 'application/json' },
      status: 304,
    },
  ],
  '6. Where the client is': [
    {
      title: 'from Boston to New York',
      target: '/a.iso',
      request: { peer: '192.0.2.2' },
      status: 302,
      location: 'https://newyork.example/a.iso',
    },
    {
      title: 'a client of unknown place still gets a mirror',
      target: '/a.iso',
      request: { peer: '203.0.113.9' },
      status: 302,
      outcome: 'Mirror',
    },
    {
      title: 'so does one without any address',
      target: '/a.iso',
      request: { peer: '' },
      status: 302,
      outcome: 'Mirror',
    },
  ],
  '7. Eligible mirrors': [
    {
      title: 'not one that lacks the file',
      world: { mirrors: holding({ paris: 0 }) },
      target: '/a.iso',
      status: 302,
      location: 'https://berlin.example/a.iso',
    },
    {
      title: 'not one with another size',
      world: { mirrors: holding({ paris: 2 }) },
      target: '/a.iso',
      status: 302,
      location: 'https://berlin.example/a.iso',
    },
    {
      title: 'not one with an outdated copy',
      world: { mirrors: holding({ paris: 3 }) },
      target: '/a.iso',
      status: 302,
      location: 'https://berlin.example/a.iso',
    },
    {
      title: 'but an outdated copy in grace',
      world: { mirrors: holding({ paris: 3 }), manifest: { grace: [[0, 1, now + 1]] } },
      target: '/a.iso',
      status: 302,
      location: 'https://paris.example/a.iso',
    },
    {
      title: 'until grace ends',
      world: { mirrors: holding({ paris: 3 }), manifest: { grace: [[0, 1, now]] } },
      target: '/a.iso',
      status: 302,
      location: 'https://berlin.example/a.iso',
    },
    {
      title: 'not one that is down',
      world: { health: { mirrors: { 'uid-paris': down('https://paris.example/') } } },
      target: '/a.iso',
      status: 302,
      location: 'https://berlin.example/a.iso',
    },
    {
      title: 'not one that is withheld',
      world: {
        health: {
          mirrors: {
            'uid-paris': {
              withheld: 'ContentWrong',
              endpoints: [{ url: 'https://paris.example/', up: true, since: now }],
            },
          },
        },
      },
      target: '/a.iso',
      status: 302,
      location: 'https://berlin.example/a.iso',
    },
    {
      title: 'not one that was never probed',
      world: { health: { mirrors: { 'uid-paris': { endpoints: [] } } } },
      target: '/a.iso',
      status: 302,
      location: 'https://berlin.example/a.iso',
    },
    {
      title: 'not one that is drained',
      world: { mirrors: [mirror('paris', paris, { mode: 'Drained' }), mirror('tokyo', tokyo)] },
      target: '/a.iso',
      status: 302,
      location: 'https://tokyo.example/a.iso',
    },
    {
      title: 'not one that cannot serve such large files',
      world: { mirrors: [mirror('paris', paris, { maxFileSize: 999 }), mirror('tokyo', tokyo)] },
      target: '/a.iso',
      status: 302,
      location: 'https://tokyo.example/a.iso',
    },
    {
      title: 'not one that is for another country',
      world: {
        mirrors: [
          mirror('berlin', berlin, { audience: { scope: 'Country', networks: [], excludedCountries: [] } }),
          mirror('tokyo', tokyo),
        ],
      },
      target: '/a.iso',
      status: 302,
      location: 'https://tokyo.example/a.iso',
    },
    {
      title: 'none at all for a file that only the authority serves',
      world: { policy: { ...withFallback, freshnessRules: [{ paths: ['*.iso'], authorityOnly: true }] } },
      target: '/a.iso',
      status: 302,
      location: 'https://archive.example/a.iso',
    },
    {
      title: 'of two freshness rules the first that matches counts',
      world: {
        policy: {
          ...withFallback,
          freshnessRules: [
            { paths: ['a.*'], authorityOnly: false },
            { paths: ['*.iso'], authorityOnly: true },
          ],
        },
      },
      target: '/a.iso',
      status: 302,
      location: 'https://paris.example/a.iso',
    },
    {
      title: 'nobody where the authority has no fallback',
      world: { policy: { freshnessRules: [{ paths: ['*.iso'], authorityOnly: true }] } },
      target: '/a.iso',
      status: 503,
      reason: 'AuthorityOnly',
    },
  ],
  '8. and 9. Ranked by distance, one of the band drawn': [
    { title: 'the nearest', target: '/1.2/b.iso', status: 302, location: 'https://paris.example/1.2/b.iso' },
    {
      title: 'the nearest that answers over IPv6',
      request: { peer: '2001:db8::1' },
      target: '/a.iso',
      status: 302,
      location: 'https://tokyo6.example/a.iso',
      world: {
        mirrors: [mirror('tokyo4', tokyo), mirror('tokyo6', tokyo)],
        health: {
          mirrors: {
            'uid-tokyo4': { endpoints: [{ url: 'https://tokyo4.example/', up: true, ipv4Up: true, since: now }] },
            'uid-tokyo6': {
              endpoints: [{ url: 'https://tokyo6.example/', up: true, ipv4Up: true, ipv6Up: true, since: now }],
            },
          },
        },
      },
    },
    {
      title: 'over IPv4 alone if nobody near answers over IPv6',
      request: { peer: '2001:db8::1' },
      target: '/a.iso',
      status: 302,
      location: 'https://tokyo4.example/a.iso',
      world: {
        mirrors: [mirror('tokyo4', tokyo), mirror('paris6', paris)],
        health: {
          mirrors: {
            'uid-tokyo4': { endpoints: [{ url: 'https://tokyo4.example/', up: true, ipv4Up: true, since: now }] },
            'uid-paris6': {
              endpoints: [{ url: 'https://paris6.example/', up: true, ipv4Up: true, ipv6Up: true, since: now }],
            },
          },
        },
      },
    },
  ],
  '10. Answer, else fallback, else AllDown, else 503': [
    {
      title: 'a fallback if nobody has the file',
      world: { policy: withFallback, mirrors: holding({ paris: 0, berlin: 0, newyork: 2, tokyo: 3 }) },
      target: '/a.iso',
      status: 302,
      location: 'https://archive.example/a.iso',
      outcome: 'Fallback',
    },
    {
      title: "the fallback of the client's country first",
      world: {
        policy: {
          fallbacks: [
            fallback,
            { name: 'fr', url: 'https://fr.example/', location: { ...paris, latitude: -40, longitude: 170 } },
          ],
        },
        mirrors: [],
      },
      target: '/a.iso',
      status: 302,
      location: 'https://fr.example/a.iso',
    },
    {
      title: 'a fallback that is up before one that is down',
      world: {
        policy: {
          fallbacks: [
            { ...fallback, location: paris, name: 'fr' },
            { ...fallback, url: 'https://us.example/', location: newYork },
          ],
        },
        mirrors: [],
        health: { fallbacks: { fr: { url: fallback.url, up: false, since: now } } },
      },
      target: '/a.iso',
      status: 302,
      location: 'https://us.example/a.iso',
    },
    {
      title: 'a fallback that is down before nothing',
      world: {
        policy: withFallback,
        mirrors: [],
        health: { fallbacks: { archive: { url: fallback.url, up: false, since: now } } },
      },
      target: '/a.iso',
      status: 302,
      location: 'https://archive.example/a.iso',
    },
    {
      title: 'no fallback of the other scheme',
      world: { policy: { fallbacks: [{ ...fallback, url: 'http://archive.example/' }] }, mirrors: [] },
      target: '/a.iso?https=1',
      status: 503,
    },
    {
      title: 'a mirror that is down, the nearest that has the file, if all are',
      world: { health: allDown, mirrors: holding({ paris: 0 }) },
      target: '/a.iso',
      status: 302,
      location: 'https://berlin.example/a.iso',
      outcome: 'AllDown',
    },
    {
      title: 'a fallback before a mirror that is down',
      world: { health: allDown, policy: withFallback },
      target: '/a.iso',
      status: 302,
      outcome: 'Fallback',
    },
    {
      title: 'never one that serves wrong content',
      world: {
        mirrors: [mirror('paris', paris)],
        health: {
          mirrors: {
            'uid-paris': {
              withheld: 'ContentWrong',
              endpoints: [{ url: 'https://paris.example/', up: true, since: now }],
            },
          },
        },
      },
      target: '/a.iso',
      status: 503,
      reason: 'NoMirror',
    },
    {
      title: 'nor one whose content was wrong before it went down',
      world: {
        mirrors: [mirror('paris', paris)],
        health: { mirrors: { 'uid-paris': { withheld: 'ContentWrong', ...down('https://paris.example/') } } },
      },
      target: '/a.iso',
      status: 503,
      reason: 'NoMirror',
    },
    ...['ContentWrong: answered a page', 'ContentMissing: answered 404', 'RedirectRefused: to elsewhere'].map(
      (reason) => ({
        title: `nor one that is down because it does answer, ${reason}`,
        world: {
          mirrors: [mirror('paris', paris)],
          health: {
            mirrors: { 'uid-paris': { endpoints: [{ url: 'https://paris.example/', up: false, since: now, reason }] } },
          },
        },
        target: '/a.iso',
        status: 503,
        reason: 'NoMirror',
      }),
    ),
    {
      title: 'a retained file that nobody has any more is unknown',
      world: {
        mirrors: holding({ paris: 0, berlin: 0, newyork: 0, tokyo: 0 }),
        manifest: { retained: [[0, 1, now + 1]] },
      },
      target: '/a.iso',
      status: 404,
    },
    { title: '503 if nobody has it at all', world: { mirrors: [] }, target: '/a.iso', status: 503, reason: 'NoMirror' },
    {
      title: 'a directory goes to a mirror that is down if all are',
      world: { health: allDown },
      target: '/1.2/',
      status: 302,
      outcome: 'AllDown',
    },
  ],
};

for (const [step, cases] of Object.entries(steps))
  for (const each of cases)
    test(`${step}: ${each.title}`, async () => {
      const { ask } = await createWorld({ ...basic, ...each.world });
      const answer = ask(each.target, each.request);
      assert.equal(answer.status, each.status);
      if (each.location !== undefined) assert.equal(leadsTo(answer), each.location);
      if (each.outcome !== undefined) assert.equal(answer.outcome, each.outcome);
      if (each.reason !== undefined) assert.equal(answer.reason, each.reason);
      if (answer.status === 200) assert.match(headers(answer, 'Content-Type')[0] ?? '', /^application\/json/);
    });

test('2. The longest prefix wins, then the repository that names the host, then the older', async () => {
  const repository = (name: string, policy: NonNullable<WorldPlan['policy']>): WorldPlan => ({
    files: [file('a')],
    mirrors: [mirror(name, paris)],
    policy,
  });
  const { ask } = await createWorld(
    repository('young', { pathPrefix: '/', createdAt: 3 }),
    repository('old', { pathPrefix: '/', createdAt: 1 }),
    repository('named', { pathPrefix: '/', createdAt: 5, hosts: ['named.example'] }),
    repository('deep', { pathPrefix: '/deep/', createdAt: 4 }),
    repository('deeper', { pathPrefix: '/deep/er/', createdAt: 4, hosts: ['get.example', '2001:db8::1'] }),
  );
  const served = (target: string, host = 'get.example') => leadsTo(ask(target, { host }));
  assert.equal(served('/a'), 'https://old.example/a');
  assert.equal(served('/a', 'named.example'), 'https://named.example/a');
  assert.equal(served('/deep/a', 'named.example'), 'https://deep.example/a');
  assert.equal(served('/deep/er/a'), 'https://deeper.example/a');
  assert.equal(served('/deep/er/a', '[2001:DB8::1]:8080'), 'https://deeper.example/a');
  assert.equal(served('/deep', 'other.example'), 'https://deep.example/');
  assert.equal(ask('/deep/er/a', { host: 'other.example' }).status, 404);
});

test('a redirector without a catalog says that it is starting', async () => {
  const { deps, request } = await createWorld(basic);
  assert.equal(route({ ...deps, view: () => undefined }, request('/a.iso')).answer.reason, 'Starting');
  const { ask } = await createWorld();
  assert.deepEqual([ask('/a.iso').status, ask('/a.iso').reason], [503, 'Starting']);
});

test('nothing is awaited between the first step and the last', async () => {
  const { ask }: World = await createWorld(basic);
  assert.equal(Object.prototype.toString.call(ask('/a.iso')), '[object Object]');
  assert.equal(route.constructor.name, 'Function');
});

test('tells of every file that is asked for, by its own name, and of nothing else', async () => {
  const { deps, request } = await createWorld(basic);
  const asked: string[] = [];
  const telling = { ...deps, onAsked: (slot: string, path: string) => asked.push(`${slot} ${path}`) };
  for (const target of ['/a.iso', '/1.2/b.iso?https=1', '/nothing.iso', '/1.2/', '/%zz'])
    route(telling, request(target));
  assert.deepEqual(
    asked.map((line) => line.split(' ')[1]),
    ['a.iso', '1.2/b.iso'],
  );
});
