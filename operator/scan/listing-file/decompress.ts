import { Readable, type Transform } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import xz from 'xz-decompress';
import { Failure } from '../../failures.ts';
import { peek } from './peek.ts';

type Chunks = AsyncIterable<Uint8Array>;

/** The first bytes tell (RFC 1952, RFC 8878, the .xz file format 2.1.1.1), since names and types of the web often do not. */
const formats = [
  { name: 'gzip', magic: [0x1f, 0x8b], open: (chunks: Chunks) => through(chunks, createGunzip({ chunkSize })) },
  {
    name: 'zstd',
    magic: [0x28, 0xb5, 0x2f, 0xfd],
    open: (chunks: Chunks) => through(chunks, createZstdDecompress({ chunkSize })),
  },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], open: throughXz },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68], open: undefined },
] as const;

const chunkSize = 64 * 1024;
const longestMagic = 6;

export type Decompression = {
  /** Begins the sentences of failures. */
  readonly doing: string;
  /** More plain bytes than this are Failure TooLarge. */
  readonly maxBytes: number;
};

/**
 * The plain bytes of data that is compressed with gzip, zstd or xz, or not at all. Failure ProtocolError for data that is broken
 * or ends early: it never passes as complete.
 */
export async function* decompress(
  chunks: Chunks,
  { doing, maxBytes }: Decompression,
): AsyncGenerator<Uint8Array, void, void> {
  const { head, all } = await peek(chunks, longestMagic);
  const format = formats.find(({ magic }) => magic.every((byte, at) => head[at] === byte));
  let bytes = 0;
  for await (const chunk of format === undefined ? all : open(format, all, doing)) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Failure('TooLarge', `${doing}: over ${maxBytes} bytes when unpacked`);
    yield chunk;
  }
}

async function* open(
  format: (typeof formats)[number],
  chunks: Chunks,
  doing: string,
): AsyncGenerator<Uint8Array, void, void> {
  if (format.open === undefined) {
    throw new Failure('ProtocolError', `${doing}: ${format.name} is not supported; use gzip, xz or zstd`);
  }
  try {
    yield* format.open(chunks);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure('ProtocolError', `${doing}: the ${format.name} data ${complaint(error)}`, { cause: error });
  }
}

/** `decoder` is destroyed with the generator. */
async function* through(chunks: Chunks, decoder: Transform): AsyncGenerator<Uint8Array, void, void> {
  const input = Readable.from(chunks, { objectMode: true });
  input.on('error', (error) => decoder.destroy(error));
  try {
    for await (const chunk of input.pipe(decoder)) yield chunk as Buffer;
  } finally {
    input.destroy();
    decoder.destroy();
  }
}

async function* throughXz(chunks: Chunks): AsyncGenerator<Uint8Array, void, void> {
  let inputError: unknown;
  const input = Readable.from(chunks, { objectMode: true });
  input.once('error', (error) => (inputError = error));
  // The two halves of the same class are not one type to the compiler.
  const output = new xz.XzReadableStream(Readable.toWeb(input) as never) as unknown as ReadableStream<Uint8Array>;
  try {
    yield* output;
  } catch (error) {
    throw inputError ?? error;
  } finally {
    input.destroy();
  }
}

/** Codes of node:zlib by name, of liblzma by number (lzma_ret in lzma/base.h). */
const complaints: Readonly<Record<string, string>> = {
  Z_BUF_ERROR: 'ends early',
  ZSTD_error_frameParameter_windowTooLarge: 'needs too much memory; compress it with a window of at most 128 MiB',
  'code 4': 'needs too much memory; compress it with `xz -9` or less',
  'code 6': 'has a kind of checksum that is not supported; compress it with `xz --check=crc64`',
  'code 8': 'ends early',
};

function complaint(error: unknown): string {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const known = typeof code === 'string' ? code : /code \d+$/.exec(String(message))?.[0];
  return complaints[known ?? ''] ?? 'is broken';
}
