import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { schemaVersion, type Manifest, type MirrorRecord, type NumberRange } from './manifest.ts';
import type { SegmentPages, TableRecord } from './manifest.ts';
import { isPageName } from './page-name.ts';
import { list, malformed, number, object, oneOf, optional, orNull, parseJSON, text, textThat } from './parse.ts';
import { baseURL, webURL, whole, type Parse } from './parse.ts';
import { parseAudience, parseLocation, parsePolicy } from './policy-codec.ts';

/** Bytes of a manifest's JSON, some ten thousand mirrors; what is larger is neither written nor read. */
export const maxManifestBytes = 8 * 1024 * 1024;

/** The manifest as it is stored: JSON, zstd. Throws StoreFailure `Malformed` for one that no reader would accept. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const json = Buffer.from(JSON.stringify(parseManifest(manifest, 'manifest')));
  if (json.length > maxManifestBytes) malformed('manifest', `within ${maxManifestBytes} bytes`);
  return zstdCompressSync(json);
}

/** The manifest in stored bytes, with the fields this release knows and no others; throws StoreFailure `Malformed`. */
export function decodeManifest(bytes: Uint8Array): Manifest {
  return parseManifest(parseJSON(decompress(bytes), 'manifest'), 'manifest');
}

function decompress(bytes: Uint8Array): Uint8Array {
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: maxManifestBytes });
  } catch {
    return malformed('manifest', `zstd of at most ${maxManifestBytes} bytes`);
  }
}

const page = textThat(isPageName, 'the name of a page');

const segmentPages = object<SegmentPages>({
  paths: page,
  attributes: page,
  digests: orNull(page),
  dead: orNull(page),
});

const table = object<TableRecord>({ list: orNull(page), growing: orNull(segmentPages), end: whole });

const numberRange: Parse<NumberRange> = (value, where) => {
  const [first, count, until, ...rest] = list(whole)(value, where);
  if (first === undefined || count === undefined || until === undefined || rest.length > 0)
    return malformed(where, 'first, count and until');
  return [first, count, until];
};

const sponsor = object<NonNullable<MirrorRecord['sponsor']>>({
  name: text,
  url: optional(webURL),
  logoURL: optional(webURL),
});

const mirror = object<MirrorRecord>({
  name: text,
  uid: text,
  endpoints: list(baseURL),
  location: parseLocation,
  weight: number(0, Number.MAX_SAFE_INTEGER),
  audience: parseAudience,
  maxFileSize: optional(whole),
  mode: oneOf(['Active', 'Drained']),
  sponsor: optional(sponsor),
  scannedAt: optional(whole),
  column: orNull(page),
  growing: textThat((bits) => bits.length <= 88 && /^[A-Za-z0-9+/]*={0,2}$/.test(bits), 'base64 of at most 64 bytes'),
  exceptions: orNull(page),
});

const parseManifest = object<Manifest>({
  schema: oneOf([schemaVersion]),
  uid: text,
  revision: whole,
  publishedAt: whole,
  policy: parsePolicy,
  files: whole,
  bytes: whole,
  table,
  links: orNull(page),
  grace: list(numberRange),
  retained: list(numberRange),
  previous: orNull(page),
  mirrors: list(mirror),
});
