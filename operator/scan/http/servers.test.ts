import assert from 'node:assert/strict';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { startApache } from '@geomirror/e2e/servers/apache.ts';
import { startCaddy } from '@geomirror/e2e/servers/caddy.ts';
import { makeCertificate } from '@geomirror/e2e/servers/certificate.ts';
import { startLighttpd } from '@geomirror/e2e/servers/lighttpd.ts';
import { startNginx } from '@geomirror/e2e/servers/nginx.ts';
import type { WebServer } from '@geomirror/e2e/servers/web-server.ts';

import { Failure } from '../../failures.ts';
import type { ListedFile } from '../listing.ts';
import { loopbackClient, listAll } from './testing/list.ts';
import { addFile, createTree, fillTree, type Tree } from './testing/tree.ts';

const hidesDotFiles = /nginx|lighttpd/;

type Expresses = {
  readonly sizes: 'Exact' | 'Rounded' | 'None';
  readonly times: 'Second' | 'Minute' | 'None';
};

type Case = Expresses & {
  readonly title: string;
  readonly start: (root: string) => Promise<WebServer>;
  readonly accept?: string;
};

const cases: readonly Case[] = [
  apache('the plain list', '', { sizes: 'None', times: 'None' }),
  apache('FancyIndexing', 'FancyIndexing', { sizes: 'Rounded', times: 'Minute' }),
  apache('wide columns', 'FancyIndexing NameWidth=* DescriptionWidth=* VersionSort', {
    sizes: 'Rounded',
    times: 'Minute',
  }),
  apache('icons as links', 'FancyIndexing IconsAreLinks FoldersFirst', { sizes: 'Rounded', times: 'Minute' }),
  apache('HTMLTable', 'FancyIndexing HTMLTable', { sizes: 'Rounded', times: 'Minute' }),
  apache('XHTML', 'FancyIndexing HTMLTable XHTML Charset=UTF-8', { sizes: 'Rounded', times: 'Minute' }),
  apache('a bare list', 'FancyIndexing SuppressRules SuppressIcon SuppressColumnSorting SuppressHTMLPreamble', {
    sizes: 'Rounded',
    times: 'Minute',
  }),
  apache('times without sizes', 'FancyIndexing SuppressSize', { sizes: 'None', times: 'Minute' }),
  apache('the old date format', 'FancyIndexing UseOldDateFormat', { sizes: 'Rounded', times: 'Minute' }),
  {
    title: 'nginx HTML',
    start: (root) => startNginx({ root, autoindex: 'html' }),
    sizes: 'Exact',
    times: 'Minute',
  },
  {
    title: 'nginx HTML with rounded sizes',
    start: (root) => startNginx({ root, autoindex: 'html', extra: 'autoindex_exact_size off;' }),
    sizes: 'Rounded',
    times: 'Minute',
  },
  { title: 'nginx JSON', start: (root) => startNginx({ root, autoindex: 'json' }), sizes: 'Exact', times: 'Second' },
  { title: 'lighttpd', start: (root) => startLighttpd({ root, listing: 'on' }), sizes: 'Rounded', times: 'Second' },
  { title: 'Caddy JSON', start: (root) => startCaddy({ root, browse: 'on' }), sizes: 'Exact', times: 'Second' },
  {
    title: 'Caddy HTML',
    start: (root) => startCaddy({ root, browse: 'on' }),
    sizes: 'Exact',
    times: 'Second',
    accept: 'text/html',
  },
];

function apache(form: string, indexOptions: string, expresses: Expresses): Case {
  return { title: `Apache, ${form}`, start: (root) => startApache({ root, indexOptions }), ...expresses };
}

function assertSize({ path, size, sizeSlack }: ListedFile, real: number, expressed: Expresses['sizes']): void {
  if (expressed === 'None') return assert.equal(size, undefined, path);
  assert.ok(size! <= real && real <= size! + sizeSlack, `${path}: ${real} in ${size}+${sizeSlack}`);
  if (expressed === 'Exact') assert.equal(sizeSlack, 0, path);
}

function assertTime({ path, modifiedAt, timeSlack }: ListedFile, real: number, expressed: Expresses['times']): void {
  if (expressed === 'None') return assert.equal(modifiedAt, undefined, path);
  assert.ok(modifiedAt! <= real && real <= modifiedAt! + timeSlack, `${path}: ${real} in ${modifiedAt}+${timeSlack}`);
  assert.equal(timeSlack, expressed === 'Minute' ? 59 : 0, path);
}

describe('a listing says the truth about every file, within what the server can express', () => {
  let tree: Tree;
  before(async () => {
    tree = await createTree();
    await fillTree(tree.root);
  });
  after(() => tree[Symbol.asyncDispose]());

  for (const { title, start, sizes, times, accept } of cases) {
    test(title, async () => {
      await using server = await start(tree.root);
      const { files, end } = await listAll(server.url, {}, accept === undefined ? {} : { client: accepting(accept) });
      const truth = await tree.truth();
      const listed = new Set(files.map((file) => file.path));
      const shown = [...truth.keys()].filter((path) => !hidesDotFiles.test(title) || !path.includes('/.'));
      assert.deepEqual(
        shown.filter((path) => !listed.has(path)),
        [],
        'missing',
      );
      assert.equal(listed.size, shown.length);
      assert.deepEqual(end, { unreadable: [], partlyUnseen: false, refused: { count: 0, examples: [] } });
      for (const file of files) {
        const real = truth.get(file.path)!;
        assertSize(file, real.size, sizes);
        // Caddy shows the time of a link, not of what it leads to.
        if (file.path !== 'deep/link.txt' || !title.startsWith('Caddy')) assertTime(file, real.modifiedAt, times);
      }
    });
  }

  function accepting(accept: string): ReturnType<typeof loopbackClient> {
    const client = loopbackClient();
    return { ...client, request: (request) => client.request({ ...request, headers: { ...request.headers, accept } }) };
  }
});

describe('a listing of 2 000 files in one folder', () => {
  let tree: Tree;
  before(async () => {
    tree = await createTree();
    for (let i = 0; i < 2000; i += 1) await addFile(tree.root, `many/file-${i}.bin`, i);
  });
  after(() => tree[Symbol.asyncDispose]());

  for (const { title, start } of cases.filter(({ title: each }) =>
    /HTMLTable|nginx HTML$|lighttpd|Caddy JSON/.test(each),
  )) {
    test(`is complete: ${title}`, async () => {
      await using server = await start(tree.root);
      const { files } = await listAll(server.url);
      assert.equal(new Set(files.map((file) => file.path)).size, 2000);
    });
  }
});

test('a symbolic link to a folder above is not followed round and round', async () => {
  await using tree = await createTree();
  await addFile(tree.root, 'a/b/file.txt', 3);
  await addFile(tree.root, 'top.txt', 3);
  await symlink('..', join(tree.root, 'a/up'));
  await symlink('.', join(tree.root, 'self'));
  for (const start of [
    () => startApache({ root: tree.root, indexOptions: 'FancyIndexing' }),
    () => startNginx({ root: tree.root, autoindex: 'html' }),
    () => startLighttpd({ root: tree.root, listing: 'on' }),
    () => startCaddy({ root: tree.root, browse: 'on' }),
  ]) {
    await using server = await start();
    const { files, end } = await listAll(server.url);
    assert.deepEqual(files.map((file) => file.path).sort(), ['a/b/file.txt', 'top.txt'], server.url);
    assert.deepEqual(end.unreadable, []);
  }
});

test('names that are not UTF-8 are refused and counted', async () => {
  await using tree = await createTree();
  await addFile(tree.root, 'good.txt', 3);
  await writeFile(Buffer.concat([Buffer.from(`${tree.root}/latin-`), Buffer.from([0xe9])]), '');
  for (const start of [
    () => startApache({ root: tree.root, indexOptions: 'FancyIndexing' }),
    () => startNginx({ root: tree.root, autoindex: 'json' }),
    () => startLighttpd({ root: tree.root, listing: 'on' }),
    () => startCaddy({ root: tree.root, browse: 'on' }),
  ]) {
    await using server = await start();
    const { files, end } = await listAll(server.url);
    assert.deepEqual(
      files.map((file) => file.path),
      ['good.txt'],
    );
    assert.equal(end.refused.count, 1);
    assert.equal(end.refused.examples[0]?.reason, 'NotUTF8');
  }
});

test('a tree is listed over https, with the certificate verified', async () => {
  await using tree = await createTree();
  await addFile(tree.root, 'sub/file.txt', 3);
  const tls = await makeCertificate({ names: ['IP:127.0.0.1'] });
  for (const start of [
    () => startApache({ root: tree.root, indexOptions: 'FancyIndexing', tls }),
    () => startNginx({ root: tree.root, autoindex: 'html', tls }),
    () => startCaddy({ root: tree.root, browse: 'on', tls }),
  ]) {
    await using server = await start();
    assert.match(server.url, /^https:/);
    const { files } = await listAll(server.url, {}, { client: loopbackClient([tls.certificate]) });
    assert.deepEqual(
      files.map((file) => file.path),
      ['sub/file.txt'],
    );
    await assert.rejects(
      listAll(server.url),
      (error) => error instanceof Failure && error.reason === 'CertificateInvalid',
    );
  }
});
