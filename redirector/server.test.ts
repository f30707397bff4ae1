import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { route, type Routed } from './route.ts';
import { createRedirectorServer, drain, listen } from './server.ts';
import { berlin, createWorld, file, mirror, now, paris } from './testdata/world.ts';

const digest = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const world = await createWorld({
  files: [
    file('a b.iso', { modifiedAt: undefined, digests: { sha256: digest } }),
    file('plain', { modifiedAt: 1_600_000_000, size: 4096 }),
    file('rough', { timeSlack: 59 }),
    file('changed', { digests: { sha256: digest } }),
  ],
  mirrors: [
    mirror('paris', paris, { has: (number) => (number === 3 ? 3 : 1) }),
    mirror('berlin', berlin, { has: (number) => (number === 3 ? 0 : 1) }),
  ],
  manifest: { grace: [[3, 1, now + 1000]] },
});

const answers: Routed[] = [];
const errors: unknown[] = [];
let server: Server;
let port = 0;

async function start(handle: (target: string) => void = () => undefined): Promise<Server> {
  const started = createRedirectorServer({
    route(request) {
      handle(request.target);
      return route(world.deps, request);
    },
    onAnswer: (answer) => answers.push(answer),
    onError: (error) => errors.push(error),
  });
  await listen(started, { host: '127.0.0.1', port: 0 });
  return started;
}

function portOf(listening: Server): number {
  const address = listening.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

before(async () => {
  server = await start((target) => {
    if (target === '/bug') throw new Error('a bug');
  });
  port = portOf(server);
});
after(() => drain(server, 100));

/** What comes back for these bytes, until the other end closes; Date taken out. */
async function exchange(bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('latin1');
  let received = '';
  socket.on('data', (chunk) => (received += chunk));
  socket.write(bytes, 'latin1');
  await once(socket, 'close');
  return received.replace(/Date: [^\r]*\r\n/, '');
}

function ask(target: string, ...lines: readonly string[]): Promise<string> {
  const proxied = ['X-Forwarded-For: 192.0.2.1', ...lines];
  return exchange(
    `GET ${target} HTTP/1.1\r\nHost: get.example\r\nConnection: close\r\n${proxied.join('\r\n')}\r\n\r\n`,
  );
}

function text(...lines: readonly string[]): string {
  return lines.join('\r\n');
}

test('a redirect is, byte by byte, what clients of mirrorbits know', async () => {
  assert.equal(
    await ask('/a%20b.iso?x=1'),
    text(
      'HTTP/1.1 302 Found',
      'Location: https://paris.example/a%20b.iso',
      'Link: <https://berlin.example/a%20b.iso>; rel=duplicate; pri=1; geo=de',
      'Cache-Control: private, no-cache',
      'Vary: Accept',
      `ETag: "${digest.slice(0, 32)}"`,
      'Content-Length: 0',
      'Connection: close',
      '',
      '',
    ),
  );
});

test('Vary names X-Forwarded-Proto where it was looked at', async () => {
  assert.match(await ask('/plain', 'X-Forwarded-Proto: https'), /\r\nVary: Accept, X-Forwarded-Proto\r\n/);
});

test('without digests the tag is that of nginx, without exact time there is none', async () => {
  assert.match(await ask('/plain'), /\r\nETag: "5f5e1000-1000"\r\n/);
  assert.doesNotMatch(await ask('/rough'), /ETag/);
});

test('a copy of the version before carries no tag', async () => {
  const answer = await ask('/changed');
  assert.match(answer, /Location: https:\/\/paris\.example\/changed\r\n/);
  assert.doesNotMatch(answer, /ETag/);
});

test('304 has tag and time, and neither body nor length', async () => {
  assert.equal(
    await ask('/plain', 'If-None-Match: W/"x", "5f5e1000-1000"'),
    text(
      'HTTP/1.1 304 Not Modified',
      'Cache-Control: private, no-cache',
      'Vary: Accept',
      'ETag: "5f5e1000-1000"',
      'Last-Modified: Sun, 13 Sep 2020 12:26:40 GMT',
      'Connection: close',
      '',
      '',
    ),
  );
});

test('a time known to the minute counts at its latest', async () => {
  const told = (ms: number) => ask('/rough', `If-Modified-Since: ${new Date(ms).toUTCString()}`);
  assert.match(await told(now - 3_600_000 + 58_000), /^HTTP\/1\.1 302 /);
  const answer = await told(now - 3_600_000 + 59_000);
  assert.match(answer, /^HTTP\/1\.1 304 /);
  assert.doesNotMatch(answer, /Last-Modified/);
});

for (const date of ['Sun, 13 Sep 2020 12:26:40 GMT', 'Sunday, 13-Sep-20 12:26:40 GMT', 'Sun Sep 13 12:26:40 2020'])
  test(`"${date}" is a time of HTTP`, async () => {
    assert.match(await ask('/plain', `If-Modified-Since: ${date}`), /^HTTP\/1\.1 304 /);
  });

for (const date of ['2020-09-13T12:26:40Z', '99999999999999', 'tomorrow', 'Sun, 13 Sep 2020 12:26:39 GMT'])
  test(`"${date}" is none, or too old`, async () => {
    assert.match(await ask('/plain', `If-Modified-Since: ${date}`), /^HTTP\/1\.1 302 /);
  });

test('HEAD gets the headers of GET and no body', async () => {
  const asked = (method: string) => exchange(`${method} /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  const [head, whole] = await Promise.all([asked('HEAD'), asked('GET')]);
  assert.equal(`${head}This repository has no such file.\n`, whole);
});

test('404 is one line that nobody keeps', async () => {
  assert.equal(
    await ask('/none'),
    text(
      'HTTP/1.1 404 Not Found',
      'Cache-Control: no-store',
      'Content-Type: text/plain; charset=utf-8',
      'X-Content-Type-Options: nosniff',
      'Content-Length: 34',
      'Connection: close',
      '',
      'This repository has no such file.\n',
    ),
  );
});

test('405 names the methods and does not wait for a body', async () => {
  const answer = await exchange('POST /plain HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 405 .*\r\nAllow: GET, HEAD\r\nConnection: close\r\n/s);
});

const hostile: readonly [target: string, status: number][] = [
  ['/../../etc/passwd', 400],
  ['/%2e%2e/%2e%2e/etc/passwd', 400],
  ['/..%2f..%2fetc%2fpasswd', 400],
  ['/..\\..\\etc', 404],
  ['/%00', 400],
  ['/plain%00.iso', 400],
  ['/%', 400],
  ['/%C0%AE%C0%AE/', 400],
  ['/\xff\xfe', 400],
  ['/plain%0d%0aLocation:%20http://evil.example/', 400],
  ['//evil.example/..', 302],
  ['///evil.example/%2e%2e', 302],
  ['http://evil.example/plain', 302],
  ['http://evil.example//plain', 302],
  ['/plain#fragment', 404],
  ['/plain?#', 302],
  [`/${'x'.repeat(300)}`, 400],
  [`/${'x/'.repeat(4000)}`, 400],
];

for (const [target, status] of hostile)
  test(`the hostile target ${JSON.stringify(target.slice(0, 40))} gets ${status} and leads nowhere else`, async () => {
    const answer = await ask(target);
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `));
    const found = /\r\nLocation: ([^\r]*)/.exec(answer)?.[1];
    if (status === 302) assert.match(found ?? '', /^https:\/\/(?:paris|berlin)\.example\//);
    else assert.equal(found, undefined);
    assert.doesNotMatch(answer, /evil/);
  });

test('what is no HTTP gets a line and a closed connection', async () => {
  const answer = text(
    'HTTP/1.1 400 Bad Request',
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Length: 39',
    '',
    'The request is not well-formed HTTP/1.1.\n',
  );
  assert.equal(await exchange('nonsense\r\n\r\n'), answer.replace('39', '41'));
});

test('headers that are too large get 431', async () => {
  assert.match(await ask('/plain', `X-Large: ${'x'.repeat(20_000)}`), /^HTTP\/1\.1 431 /);
});

test('a bug costs one request its answer, not the others', async () => {
  assert.match(await ask('/bug'), /^HTTP\/1\.1 500 /);
  assert.equal((errors.at(-1) as Error).message, 'a bug');
  assert.match(await ask('/plain'), /^HTTP\/1\.1 302 /);
});

test('a redirect is written in the turn of the event loop in which the request arrived', async () => {
  const ended: boolean[] = [];
  server.once('request', (_request, response) => ended.push(response.writableEnded));
  await ask('/plain');
  assert.deepEqual(ended, [true]);
});

test('every answer is told of, with repository and outcome', async () => {
  await ask('/plain');
  const { repository, answer } = answers.at(-1)!;
  assert.deepEqual([repository, answer.outcome], ['mirrors/repository-0', 'Mirror']);
});

test('a draining server finishes what it has, refuses what is new and lets idle connections go', async () => {
  const draining = await start();
  const agent = new Agent({ keepAlive: true });
  const request = get({ port: portOf(draining), path: '/plain', agent });
  const [response] = await once(request, 'response');
  response.resume();
  await once(response, 'end');
  const half = await startHalf(draining);
  const drained = drain(draining, 5000);
  half.write('\r\n');
  const [bytes] = await once(half, 'data');
  assert.match(String(bytes), /^HTTP\/1\.1 302 [^]*\r\nConnection: close\r\n/);
  await drained;
  await assert.rejects(once(connect(portOf(draining) || 1, '127.0.0.1'), 'connect'));
  agent.destroy();
});

test('a draining server cuts connections that take too long', async () => {
  const draining = await start();
  const half = await startHalf(draining);
  const closed = new Promise((resolve) => half.once('close', resolve));
  half.on('error', () => undefined);
  await drain(draining, 50);
  await closed;
});

/** A connection with a whole request that was answered and a second one that has just begun. */
async function startHalf(listening: Server): Promise<Socket> {
  const socket = connect(portOf(listening), '127.0.0.1');
  socket.write('GET /plain HTTP/1.1\r\nHost: x\r\n\r\nGET /plain HTTP/1.1\r\nHost: x\r\n');
  await once(socket, 'data');
  return socket;
}

test('an address in use is named in the error, with the cure', async () => {
  await assert.rejects(
    listen(createRedirectorServer({ route: () => assert.fail(), onAnswer() {}, onError() {} }), {
      host: '127.0.0.1',
      port,
    }),
    {
      name: 'CannotListen',
      message: new RegExp(`127\\.0\\.0\\.1:${port}\\. Name another address`),
    },
  );
});
