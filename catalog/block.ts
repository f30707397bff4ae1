import { pageOf } from './fetch.ts';
import type { FileVersion } from './file.ts';
import type { SegmentPages } from './manifest.ts';
import type { Pace } from './pace.ts';
import { pageName, type PageName } from './page-name.ts';
import { decodeAttributes, encodeAttributes, type AttributesPage } from './pages/attributes.ts';
import { decodeDead, encodeDead, type DeadPage } from './pages/dead.ts';
import { decodeDigests, encodeDigests, type DigestsPage } from './pages/digests.ts';
import { MalformedPage } from './pages/page.ts';
import { decodePaths, encodePaths, type PathsPage } from './pages/paths.ts';
import type { Pages } from './store/store.ts';

/** A run of consecutive file numbers, a full page's or a segment's, with the decoded pages that describe it. */
export type Block = {
  readonly first: number;
  readonly count: number;
  readonly names: SegmentPages;
  readonly paths: PathsPage;
  readonly attributes: AttributesPage;
  readonly digests: DigestsPage | undefined;
  readonly dead: DeadPage | undefined;
  readonly liveFiles: number;
  readonly liveBytes: number;
};

type Parts = Pick<Block, 'names' | 'paths' | 'attributes' | 'digests' | 'dead'>;

function blockOf(first: number, parts: Parts): Block {
  const { count } = parts.paths;
  let liveBytes = 0;
  for (let index = 0; index < count; index++) {
    if (parts.dead?.isDead(index) !== true) liveBytes += parts.attributes.size(index) ?? 0;
  }
  return { first, count, ...parts, liveFiles: count - (parts.dead?.dead ?? 0), liveBytes };
}

/** Encodes consecutive files from number `first` on; `dead` are indexes into them. Gives way between pages. */
export async function encodeBlock(
  first: number,
  files: readonly FileVersion[],
  dead: Iterable<number>,
  pace: Pace,
): Promise<Block> {
  const paths = encodePaths(files.map(({ path }) => path));
  if (pace.due()) await pace.rest();
  const digests = encodeDigests(files.map((file) => file.digests));
  if (pace.due()) await pace.rest();
  const attributes = encodeAttributes(files);
  const deadBytes = encodeDead(files.length, dead);
  const names = {
    paths: pageName(paths),
    attributes: pageName(attributes),
    digests: digests ? pageName(digests) : null,
    dead: deadBytes ? pageName(deadBytes) : null,
  };
  if (pace.due()) await pace.rest();
  return blockOf(first, {
    names,
    paths: decodePaths(paths),
    attributes: decodeAttributes(attributes),
    digests: digests && decodeDigests(digests),
    dead: deadBytes && decodeDead(deadBytes),
  });
}

/**
 * Decodes the block of exactly `count` files from number `first` on, taking over from `known` what has the same name.
 * Throws MalformedPage, also for a page that `pages` lacks.
 */
export function decodeBlock(
  { first, count, names }: Pick<Block, 'first' | 'count' | 'names'>,
  pages: Pages,
  known?: Block,
): Block {
  const decodePart = <Part extends keyof SegmentPages>(part: Part, decode: (bytes: Uint8Array) => Block[Part]) => {
    const name = names[part];
    if (name === null) return undefined;
    const page = known !== undefined && known.names[part] === name ? known[part] : decode(pageOf(pages, name));
    if (page?.count !== count) throw new MalformedPage(`Page of ${page?.count} files where ${count} are due`);
    return page;
  };
  const paths = decodePart('paths', decodePaths);
  const attributes = decodePart('attributes', decodeAttributes);
  if (paths === undefined || attributes === undefined) throw new MalformedPage('A block has no paths or attributes');
  const digests = decodePart('digests', decodeDigests);
  return blockOf(first, { names, paths, attributes, digests, dead: decodePart('dead', decodeDead) });
}

/** The same block with these indexes dead as well. */
export function withDeaths(block: Block, indexes: Iterable<number>): Block {
  const all = new Set(indexes);
  for (let index = 0; index < block.count; index++) if (block.dead?.isDead(index) === true) all.add(index);
  const bytes = encodeDead(block.count, all);
  if (bytes === undefined) return block;
  return blockOf(block.first, { ...block, names: { ...block.names, dead: pageName(bytes) }, dead: decodeDead(bytes) });
}

/** The same block with other digests for some indexes. */
export function withDigests(block: Block, byIndex: ReadonlyMap<number, FileVersion['digests']>): Block {
  const all = Array.from(
    { length: block.count },
    (_, index) => byIndex.get(index) ?? block.digests?.digests(index) ?? {},
  );
  const bytes = encodeDigests(all);
  const names = { ...block.names, digests: bytes ? pageName(bytes) : null };
  return blockOf(block.first, { ...block, names, digests: bytes && decodeDigests(bytes) });
}

/** The file version at an index, dead or live. */
export function fileAt(block: Block, index: number): FileVersion {
  return {
    path: block.paths.path(index),
    size: block.attributes.size(index),
    modifiedAt: block.attributes.modifiedAt(index),
    timeSlack: block.attributes.timeSlack(index),
    digests: block.digests?.digests(index) ?? {},
  };
}

/** The pages of a block by name. */
export function* pagesOf({ names, paths, attributes, digests, dead }: Block): Generator<[PageName, Uint8Array]> {
  yield [names.paths, paths.bytes];
  yield [names.attributes, attributes.bytes];
  if (names.digests !== null && digests !== undefined) yield [names.digests, digests.bytes];
  if (names.dead !== null && dead !== undefined) yield [names.dead, dead.bytes];
}
