import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createPageReader } from './page.ts';
import type { Page, PageEntry } from './page-entries.ts';

const folder = new URL('https://mirror.example/pub/');

/** Reads a page in small pieces, so that every boundary is tried. */
function read(text: string, contentType: string | undefined = 'text/html; charset=utf-8'): Page {
  const reader = createPageReader(folder, contentType, () => assert.fail('no name is to be refused'));
  for (let at = 0; at < text.length; at += 7) reader.write(text.slice(at, at + 7));
  return reader.end();
}

function entry(name: string, size?: number, modifiedAt?: number, slacks: Partial<PageEntry> = {}): PageEntry {
  return { name, isFolder: size === undefined, size, sizeSlack: 0, modifiedAt, timeSlack: 0, ...slacks };
}

const minute = { timeSlack: 59 };
const seconds = Date.UTC(2024, 2, 5, 16, 7) / 1000;

test('the page of Caddy 2.8 is read by its attributes', () => {
  const page = `<!DOCTYPE html><html><head><title>pub</title></head><body>
    <header><div class="breadcrumbs">Folder Path</div><h1><a href="../">/</a><a href="">pub</a></h1></header>
    <main><div class='listing'><table aria-describedby="summary"><thead><tr><th></th><th>
    <a href="?sort=namedirfirst&order=desc" class="icon"></a><a href="?sort=name&order=asc">Name</a></th></tr></thead>
    <tbody>
    <tr class="file"><td></td><td><a href="./dists/"><svg></svg><span class="name">dists/</span></a></td><td>&mdash;</td>
    <td class="timestamp hideable"><time datetime="2024-03-05T16:07:09Z">03/05/2024 04:07:09 PM +00:00</time></td><td class="hideable"></td></tr>
    <tr class="file"><td></td><td><a href="./a%20b.iso"><svg></svg><span class="name">a b.iso</span></a></td>
    <td class="size" data-size="1536"><div class="sizebar"><div class="sizebar-bar"></div><div class="sizebar-text">1.5 KiB</div></div></td>
    <td class="timestamp hideable"><time datetime="2024-03-05T16:07:09Z">03/05/2024 04:07:09 PM +00:00</time></td><td class="hideable"></td></tr>
    </tbody></table></div></main><footer>Served with <a href="https://caddyserver.com">Caddy</a></footer></body></html>`;
  assert.deepEqual(read(page), {
    kind: 'Listing',
    entries: [entry('dists', undefined, seconds + 9), entry('a b.iso', 1536, seconds + 9)],
  });
});

test('fancyindex prints the size before the time, in whole units and tenths', () => {
  const page = `<!DOCTYPE html><html><head><title>Index of /pub/</title></head><body><h1>Index of /pub/</h1>
    <table id="list"><thead><tr><th colspan="2"><a href="?C=N&amp;O=A">File Name</a>&nbsp;</th><th><a href="?C=S&amp;O=A">File Size</a></th></tr></thead>
    <tbody><tr><td colspan="2" class="link"><a href="../">Parent directory/</a></td><td class="size">-</td><td class="date">-</td></tr>\r
    <tr><td colspan="2" class="link"><a href="sub/" title="sub">sub/</a></td><td class="size">-</td><td class="date">2024-Mar-05 16:07</td></tr>\r
    <tr><td colspan="2" class="link"><a href="a.iso" title="a.iso">a.iso</a></td><td class="size">1.5 KiB</td><td class="date">2024-Mar-05 16:07</td></tr>\r
    <tr><td colspan="2" class="link"><a href="b.iso" title="b.iso">b.iso</a></td><td class="size">               1234</td><td class="date">2024-Mar-05 16:07</td></tr>\r
    </tbody></table></body></html>`;
  assert.deepEqual(read(page), {
    kind: 'Listing',
    entries: [
      entry('sub', undefined, seconds, minute),
      entry('a.iso', 1433, seconds, { ...minute, sizeSlack: 206 }),
      entry('b.iso', 1234, seconds, minute),
    ],
  });
});

test('links of a text above the list, and descriptions beside it, are not taken for entries and sizes', () => {
  const page = `<html><head><title>Our mirror</title></head><body>
    <p>See <a href="README.html">the notes</a> and <a href="a.iso">the image</a>.</p>
    <pre><a href="?C=N;O=D">Name</a> <a href="?C=M;O=A">Last modified</a> <a href="?C=D;O=A">Description</a><hr>
<a href="/">Parent Directory</a>                             -
<a href="a.iso">a.iso</a>                   2024-03-05 16:07  100 files of 1K
<a href="b.iso">b.iso</a>                   2024-03-05 16:07  1.5K  23
</pre></body></html>`;
  assert.deepEqual(read(page), {
    kind: 'Listing',
    entries: [
      { ...entry('a.iso', undefined, seconds, minute), isFolder: false },
      entry('b.iso', 1485, seconds, { ...minute, sizeSlack: 102 }),
    ],
  });
});

test('a list without times is believed where the page calls itself one', () => {
  const list = '<ul><li><a href="a.iso">a.iso</a></li><li><a href="sub/">sub/</a></li></ul>';
  const entries = [{ ...entry('a.iso'), isFolder: false }, entry('sub')];
  assert.deepEqual(read(`<title>Directory listing for /pub/</title>${list}`), { kind: 'Listing', entries });
  assert.deepEqual(read(`<title>Index of /pub</title>${list}`, undefined), { kind: 'Listing', entries });
  assert.deepEqual(read(`<title>Products</title>${list}`), {
    kind: 'NoListing',
    why: 'is an ordinary page titled "Products"',
  });
});

test('the JSON of nginx and of Caddy is read to the second', () => {
  const nginx = `[
{ "name":"sub", "type":"directory", "mtime":"Tue, 05 Mar 2024 16:07:00 GMT" },
{ "name":"a b.iso", "type":"file", "mtime":"Tue, 05 Mar 2024 16:07:00 GMT", "size":1536 },
{ "name":"socket", "type":"other", "mtime":"Tue, 05 Mar 2024 16:07:00 GMT" }
]`;
  const entries = [entry('sub', undefined, seconds), entry('a b.iso', 1536, seconds)];
  assert.deepEqual(read(nginx, 'application/json'), { kind: 'Listing', entries });
  const caddy = JSON.stringify([
    { name: 'sub/', size: 4096, url: './sub/', mod_time: '2024-03-05T16:07:00.5Z', is_dir: true, is_symlink: false },
    { name: 'a b.iso', size: 1536, url: './a%20b.iso', mod_time: '2024-03-05T16:07:00.5Z', is_dir: false },
  ]);
  assert.deepEqual(read(caddy, 'application/json; charset=utf-8'), { kind: 'Listing', entries });
});
