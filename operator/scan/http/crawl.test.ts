import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';

import { startNginx } from '@geomirror/e2e/servers/nginx.ts';

import { Failure, type FailureReason } from '../../failures.ts';
import { loopbackClient, listAll } from './testing/list.ts';
import { listHTTP } from './crawl.ts';
import { nginxPage, play } from './testing/play.ts';
import { addFile, createTree } from './testing/tree.ts';

const html = { 'content-type': 'text/html' };
const paths = (files: readonly { path: string }[]): string[] => files.map((file) => file.path).sort();

function failure(reason: FailureReason, message: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof Failure, String(error));
    assert.equal(error.reason, reason, error.message);
    assert.match(error.message, message);
    return true;
  };
}

test('only direct children of the listed folder count, whatever a page links to', async () => {
  const links: readonly (readonly [href: string, size?: number])[] = [
    ['https://elsewhere.example/evil.iso', 1],
    ['//elsewhere.example/evil.iso', 1],
    ['/outside.iso', 1],
    ['/sub/../outside.iso', 1],
    ['../'],
    ['..'],
    ['.'],
    ['./'],
    ['%2e%2e/'],
    ['sub/two/levels.iso', 1],
    ['?C=N;O=D'],
    ['file.iso?x=1', 1],
    ['file.iso#part', 1],
    ['javascript:alert(1)', 1],
    ['mailto:a@b.example', 1],
    ['a%2fb', 1],
    ['nul%00.iso', 1],
    ['line%0aend.iso', 1],
    ['latin%e9.iso', 1],
    ['bad%zz.iso', 1],
    [`${'x'.repeat(10_000)}.iso`, 1],
    ['good.iso', 10],
    ['good.iso', 10],
    ['/sub/good%20too.iso', 11],
  ];
  await using server = await play((request, response) => {
    response.writeHead(request.url === '/sub/' ? 200 : 404, html).end(nginxPage(links));
  });
  const { files, end } = await listAll(`${server.url}sub/`);
  assert.deepEqual(paths(files), ['good too.iso', 'good.iso']);
  assert.equal(end.refused.count, 7);
  assert.ok(end.refused.examples.every(({ name }) => !/[\n\0]/.test(name) && name.length < 400));
  assert.deepEqual(server.requests, ['GET /sub/']);
});

test('a page that is no listing is NoListing, and the sentence says what came instead', async (t) => {
  const pages: readonly [title: string, type: string, body: string, message: RegExp][] = [
    [
      'an index.html',
      'text/html',
      '<title>Welcome</title><a href="download/">Download</a><a href="about.html">About</a>',
      /titled "Welcome"/,
    ],
    ['a login page', 'text/html', '<h1>Sign in</h1><form><input name=user></form>', /titled "Sign in"/],
    ['an empty page', 'text/html', '', /ordinary page/],
    ['a file', 'application/octet-stream', 'bytes', /neither HTML nor JSON/],
    ['another JSON', 'application/json', '{"status":"ok"}', /JSON, but not a whole list/],
    ['a JSON list of something else', 'application/json', '[{"id":1}]', /something other than files/],
    ['a JSON list cut short', 'application/json', '[{"name":"a","type":"file"},', /not a whole list/],
    ['tags without end', 'text/html', `<title>Index of /</title>${'<b>'.repeat(5000)}`, /nests its tags/],
  ];
  for (const [title, type, body, message] of pages) {
    await t.test(title, async () => {
      await using server = await play((_, response) => response.writeHead(200, { 'content-type': type }).end(body));
      await assert.rejects(listAll(server.url), failure('NoListing', message));
    });
  }
});

test('an empty folder is an empty listing, not a missing one', async () => {
  await using tree = await createTree();
  for (const autoindex of ['html', 'json'] as const) {
    await using server = await startNginx({ root: tree.root, autoindex });
    assert.deepEqual((await listAll(server.url)).files, []);
  }
});

test('what the root answers decides the reason', async (t) => {
  const cases: readonly [status: number, reason: FailureReason, message: RegExp][] = [
    [404, 'NotFound', /answered 404/],
    [403, 'NoListing', /switched off/],
    [401, 'CredentialsMissing', /credentialsSecretRef/],
    [418, 'ProtocolError', /answered 418/],
    [500, 'Unreachable', /overloaded or broken/],
  ];
  for (const [status, reason, message] of cases) {
    await t.test(String(status), async () => {
      await using server = await play((_, response) => response.writeHead(status, html).end());
      await assert.rejects(listAll(server.url, {}, { random: () => 0 }), failure(reason, message));
    });
  }
});

test('a login is sent, and a refused one is LoginRefused', async () => {
  const wanted = `Basic ${Buffer.from('anna:öpen').toString('base64')}`;
  await using server = await play((request, response) => {
    const welcome = request.headers.authorization === wanted;
    response.writeHead(welcome ? 200 : 401, html).end(welcome ? nginxPage([['a', 1]]) : '');
  });
  const { files } = await listAll(server.url, { credentials: { username: 'anna', password: 'öpen' } });
  assert.deepEqual(paths(files), ['a']);
  const wrong = listAll(server.url, { credentials: { username: 'anna', password: 'wrong' } });
  await assert.rejects(wrong, failure('LoginRefused', /^(?!.*wrong).*not accepted/));
});

test('folders that cannot be read are named, and the rest is listed', async () => {
  await using tree = await createTree();
  for (const folder of ['open', 'forbidden', 'gone', 'broken', 'page']) await addFile(tree.root, `${folder}/file`, 1);
  await addFile(tree.root, 'page/index.html', 100);
  await using server = await startNginx({
    root: tree.root,
    autoindex: 'html',
    extra: `
      location /forbidden/ { return 403; }
      location /gone/ { return 404; }
      location /broken/ { return 500; }
    `,
  });
  const { files, end } = await listAll(server.url, {}, { random: () => 0 });
  assert.deepEqual(paths(files), ['open/file']);
  assert.deepEqual(end.unreadable.toSorted(), ['broken', 'forbidden', 'gone', 'page']);
  assert.equal(end.partlyUnseen, false);
});

test('folders that an exclude pattern covers are not asked for', async () => {
  await using server = await play((request, response) => {
    response.writeHead(200, html).end(request.url === '/' ? nginxPage([['no/'], ['yes/']]) : nginxPage([['file', 1]]));
  });
  const { files } = await listAll(server.url, { skipFolder: (path) => path === 'no' });
  assert.deepEqual(paths(files), ['yes/file']);
  assert.deepEqual(server.requests, ['GET /', 'GET /yes/']);
});

test('a passing error is asked again, and a busy server after the time it names', async () => {
  let busy = 2;
  await using server = await play((request, response) => {
    if (request.url === '/') return response.writeHead(200, html).end(nginxPage([['sub/']]));
    busy -= 1;
    if (busy >= 0) return response.writeHead(503, { 'retry-after': '0' }).end();
    return response.writeHead(200, html).end(nginxPage([['file', 1]]));
  });
  const { files, end } = await listAll(server.url, {}, { random: () => 0 });
  assert.deepEqual(paths(files), ['sub/file']);
  assert.deepEqual(end.unreadable, []);
});

test('a host that stops answering ends the listing instead of losing every folder', async () => {
  const folders = Array.from({ length: 100 }, (_, index) => [`folder-${index}/`] as const);
  await using server = await play((request, response) => {
    if (request.url === '/') response.writeHead(200, html).end(nginxPage(folders));
    else request.socket.destroy();
  });
  await assert.rejects(listAll(server.url, {}, { random: () => 0 }), failure('Unreachable', /./));
  assert.ok(server.requests.length < 50, String(server.requests.length));
});

test('a tree that grows below itself ends at the depth limit', async () => {
  let pages = 0;
  await using server = await play((_, response) => {
    pages += 1;
    response.writeHead(200, html).end(nginxPage([['deeper/'], [`file-${pages}`, pages]]));
  });
  const { files, end } = await listAll(server.url);
  assert.equal(files.length, 65);
  assert.deepEqual(end.unreadable, [Array.from({ length: 65 }, () => 'deeper').join('/')]);
});

test('one page for every path is read once per loop, not for ever', async () => {
  await using server = await play((_, response) =>
    response.writeHead(200, html).end(nginxPage([['a/'], ['b/'], ['file', 1]])),
  );
  const { files } = await listAll(server.url);
  assert.deepEqual(paths(files), ['file']);
  assert.equal(server.requests.length, 3);
});

test('folders that hold only a folder of their own name are not taken for a loop', async () => {
  await using server = await play((request, response) => {
    const leaf = request.url === '/a/a/a/';
    response.writeHead(200, html).end(nginxPage(leaf ? [['file', 1]] : [['a/']]));
  });
  const { files } = await listAll(server.url);
  assert.deepEqual(paths(files), ['a/a/a/file']);
});

test('a redirect to a page that was read already adds nothing', async () => {
  await using server = await play((request, response) => {
    if (request.url !== '/') return response.writeHead(302, { location: '/' }).end();
    return response.writeHead(200, html).end(nginxPage([['latest/'], ['file', 1]]));
  });
  const { files } = await listAll(server.url);
  assert.deepEqual(paths(files), ['file']);
});

test('a redirect for ever, or to another site, is refused', async (t) => {
  await t.test('for ever', async () => {
    await using server = await play((request, response) =>
      response.writeHead(302, { location: `${request.url}x/` }).end(),
    );
    await assert.rejects(listAll(server.url), failure('RedirectRefused', /./));
  });
  await t.test('to another site', async () => {
    await using server = await play((_, response) => response.writeHead(302, { location: 'http://127.9.9.9/' }).end());
    await assert.rejects(listAll(server.url), failure('RedirectRefused', /another site/));
  });
});

test('a page that never ends is cut off', async (t) => {
  const rows = (number: number): string =>
    Array.from({ length: 1000 }, (_, index) => `<a href="f${number}-${index}">f</a>  23-Nov-2026 07:30  1\n`).join('');
  const cases: readonly [title: string, piece: (number: number) => string, message: RegExp][] = [
    ['by the number of its names', rows, /200000 names/],
    ['by its length', () => 'x'.repeat(1024 * 1024), /32 MiB/],
  ];
  for (const [title, piece, message] of cases) {
    await t.test(title, async () => {
      await using server = await play((_, response) => {
        response.writeHead(200, html).write('<title>Index of /</title><pre>');
        Readable.from(endless(piece)).pipe(response);
      });
      await assert.rejects(listAll(server.url), failure('TooLarge', message));
    });
  }
});

function* endless(piece: (number: number) => string): Generator<string> {
  for (let number = 0; ; number += 1) yield piece(number);
}

test('a page that trickles, and a server that never answers, are timeouts', async (t) => {
  await t.test('trickles', async () => {
    await using server = await play((_, response) => {
      response.writeHead(200, html);
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    await assert.rejects(listAll(server.url, { timeoutMs: 200 }), failure('Timeout', /slowly/));
  });
  await t.test('never answers', async () => {
    await using server = await play(() => {});
    await assert.rejects(listAll(server.url, { timeoutMs: 50 }, { random: () => 0 }), failure('Timeout', /./));
  });
});

test('a tree of too many names is refused as a whole', async () => {
  let page = 0;
  await using server = await play((_, response) => {
    page += 1;
    const rows = Array.from({ length: 50 }, (__, index) => [`${page}-${index}/`] as const);
    response.writeHead(200, html).end(nginxPage(rows));
  });
  await assert.rejects(listAll(server.url, {}, { maxEntries: 1000 }), failure('TooLarge', /more than 1000/));
});

test('a listing ends at once when its signal aborts or its consumer leaves', async (t) => {
  const folders = Array.from({ length: 500 }, (_, index) => [`folder-${index}/`] as const);
  const files = Array.from({ length: 5000 }, (_, index) => [`file-${index}`, index] as const);
  const deps = { now: Date.now, random: Math.random };
  await t.test('signal', async () => {
    const controller = new AbortController();
    await using server = await play((request, response) => {
      if (request.url === '/') response.writeHead(200, html).end(nginxPage(folders));
      else controller.abort();
    });
    await assert.rejects(listAll(server.url, { signal: controller.signal }), failure('Cancelled', /cancelled/));
  });
  await t.test('consumer', async () => {
    await using server = await play((request, response) => {
      if (request.url === '/') response.writeHead(200, html).end(nginxPage([...folders, ...files]));
    });
    const client = loopbackClient();
    const request = { url: new URL(server.url), timeoutMs: 60_000, signal: new AbortController().signal };
    for await (const batch of listHTTP({ ...deps, client }, { ...request, redirects: 'Forbid' })) {
      assert.ok(batch.length > 0 && batch.length <= 5000);
      break;
    }
    await client.close();
    assert.ok(server.requests.length < 10);
  });
});
