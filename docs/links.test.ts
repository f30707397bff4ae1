import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';

const pages = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => join(import.meta.dirname, name));

const linkPattern = /\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g;

/** A heading's anchor as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (file: string): readonly string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

describe('pages in docs/', () => {
  for (const page of pages) {
    it(`${page.slice(import.meta.dirname.length + 1)} links only to what is there`, () => {
      for (const [link, path = '', anchor] of readFileSync(page, 'utf8').matchAll(linkPattern)) {
        const target = path === '' ? page : join(dirname(page), path);
        assert.ok(existsSync(target), `${link}: no such file`);
        if (anchor !== undefined) assert.ok(anchorsOf(target).includes(anchor), `${link}: no such heading`);
      }
    });
  }
});
