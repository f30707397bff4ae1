import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { complainOf, type Answer } from './answer.ts';

const url = new URL('https://mirror.example/pub/a.iso');
const file = { path: 'a.iso', size: 100 };
const head = (status: number, headers: Record<string, string> = {}): Answer => ({
  method: 'HEAD',
  status,
  headers,
  url,
});
const part = (status: number, contentRange: string): Answer => {
  return { method: 'GET', range: { first: 40, last: 49 }, status, headers: { 'content-range': contentRange }, url };
};
const coded = (coding: string): Answer => head(200, { 'content-encoding': coding, 'content-length': '100' });
const html = { 'content-type': 'text/html; charset=utf-8' };

describe('an answer', () => {
  const cases: readonly (readonly [
    what: string,
    answer: Answer,
    about: { path: string; size: number | undefined },
    reason: string | undefined,
  ])[] = [
    ['of the right length is right', head(200, { 'content-length': '100' }), file, undefined],
    ['without a length may be right', head(200), file, undefined],
    ['of another length is wrong', head(200, { 'content-length': '99' }), file, 'ContentWrong'],
    [
      'about a file of unknown size is right',
      head(200, { 'content-length': '99' }),
      { ...file, size: undefined },
      undefined,
    ],
    ['404 says that it is missing', head(404, { 'content-length': '100' }), file, 'ContentMissing'],
    ['410 as well', head(410), file, 'ContentMissing'],
    ['403 is unexpected', head(403), file, 'UnexpectedStatus'],
    ['204 is unexpected', head(204), file, 'UnexpectedStatus'],
    ['206 to no Range is unexpected', head(206, { 'content-length': '100' }), file, 'UnexpectedStatus'],
    ['302 without a way is refused', head(302), file, 'RedirectRefused'],
    ['that is a page is wrong', head(200, html), file, 'ContentWrong'],
    [
      'that is a page is wrong even if nobody knows the size',
      head(200, html),
      { ...file, size: undefined },
      'ContentWrong',
    ],
    [
      'typed as a page but of the right size is right',
      head(200, { ...html, 'content-length': '100' }),
      file,
      undefined,
    ],
    ['may be a page where the file is one', head(200, html), { path: 'doc/index.html', size: 100 }, undefined],
    ['may be a page where the name does not say', head(200, html), { path: 'v1.2/README', size: 100 }, undefined],
    ['with the asked range is right', part(206, 'bytes 40-49/100'), file, undefined],
    ['with an unknown total is right', part(206, 'bytes 40-49/*'), file, undefined],
    ['with another range is wrong', part(206, 'bytes 0-9/100'), file, 'ContentWrong'],
    ['with a range of another file is wrong', part(206, 'bytes 40-49/200'), file, 'ContentWrong'],
    ['with nonsense for a range is wrong', part(206, 'bytes'), file, 'ContentWrong'],
    ['416 is right for an empty file', part(416, 'bytes */0'), { path: 'empty', size: 0 }, undefined],
    ['416 is wrong for any other', part(416, 'bytes */0'), file, 'UnexpectedStatus'],
    ['labelled as coded is wrong, whatever its length', coded('gzip'), file, 'ContentWrong'],
    ['labelled so with others is wrong', coded('identity, X-GZIP'), file, 'ContentWrong'],
    ['labelled as deflated is wrong', coded('deflate'), { ...file, path: 'a.deflate' }, 'ContentWrong'],
    [
      'labelled with the coding that the file is stored in is right',
      coded('x-gzip'),
      { ...file, path: 'a.tgz' },
      undefined,
    ],
    ['labelled so is right of a .Z', coded('x-compress'), { ...file, path: 'ls-lR.Z' }, undefined],
    ['labelled with another one is wrong', coded('br'), { ...file, path: 'a.gz' }, 'ContentWrong'],
    ['about the signature of a stored one is wrong', coded('x-gzip'), { ...file, path: 'a.gz.asc' }, 'ContentWrong'],
    ['labelled with what no client undoes is right', coded('aws-chunked'), file, undefined],
    ['labelled with nonsense is right', coded('constructor,, '), file, undefined],
    ['labelled as what it is is right', coded('identity'), file, undefined],
  ];
  for (const [what, answer, about, reason] of cases) {
    it(what, () => assert.equal(complainOf(answer, about)?.reason, reason));
  }

  it('is complained of with its URL and status', () => {
    assert.equal(complainOf(head(404), file)?.detail, 'HEAD https://mirror.example/pub/a.iso answered 404');
    assert.equal(
      complainOf(head(200, { 'content-length': '7' }), file)?.detail,
      'HEAD https://mirror.example/pub/a.iso answered 200 with 7 bytes instead of 100',
    );
  });
});
