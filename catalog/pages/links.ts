import { maxPathBytes } from '../path.ts';
import { ByteSink, ByteSource, MalformedPage, pageKind, readCount } from './page.ts';
import { decodeParts, encodeParts } from './parts.ts';
import { decodePaths, PathsEncoder } from './paths.ts';

/** A symbolic link of the source; the target as written there, relative to the link's folder. */
export type Link = { readonly path: string; readonly target: string };

/** A page of links, sorted by path: a page of paths, then per link the target's length (LEB128) and bytes. */
export function encodeLinks(links: readonly Link[]): Uint8Array {
  const encoder = new LinksEncoder();
  for (const link of links.toSorted(byPath)) encoder.add(link);
  return encoder.page();
}

/** The order of links in a page. */
export function byPath(a: Link, b: Link): number {
  return a.path < b.path ? -1 : Number(a.path > b.path);
}

/** Encodes links one by one; they must come sorted by path. */
export class LinksEncoder {
  readonly #paths = new PathsEncoder();
  readonly #targets = new ByteSink();
  #count = 0;

  /** Throws RangeError for a path or target longer than a path may be. */
  add({ path, target }: Link): void {
    const bytes = Buffer.from(target);
    if (bytes.length > maxPathBytes) throw new RangeError(`Target of over ${maxPathBytes} bytes`);
    this.#paths.add(path);
    this.#targets.appendVarint(bytes.length);
    this.#targets.append(bytes);
    this.#count++;
  }

  page(): Uint8Array {
    return encodeParts(pageKind.Links, this.#count, [this.#paths.page(), this.#targets.written()]);
  }
}

/** Throws MalformedPage. */
export function decodeLinks(bytes: Uint8Array): readonly Link[] {
  const count = readCount(bytes, pageKind.Links);
  const [pathsPart = bytes, targetsPart = bytes] = decodeParts(bytes, 2);
  const paths = decodePaths(pathsPart);
  if (paths.count !== count) throw new MalformedPage('Page of links has another number of paths');
  const targets = new ByteSource(targetsPart, 0);
  const links: Link[] = [];
  paths.forEach((_, path, length) => {
    const target = Buffer.from(targets.take(targets.varint())).toString();
    links.push({ path: Buffer.from(path.subarray(0, length)).toString(), target });
  });
  if (targets.at !== targetsPart.length) throw new MalformedPage('Page of links has bytes left over');
  return links;
}
