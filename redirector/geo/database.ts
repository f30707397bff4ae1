import { readFile, stat } from 'node:fs/promises';
import { Reader, type Response } from 'maxmind';
import type { Address } from './address.ts';
import { type GeoFacts, isUseful, readFacts } from './facts.ts';

/** A database in memory. */
export type GeoDatabase = {
  readonly file: string;
  /** What it calls itself: `GeoLite2-City`. */
  readonly type: string;
  /** Unix ms. */
  readonly builtAt: number;
  /** The record of an address, undefined if it has none, and how many leading bits share it. Never throws. */
  readonly find: (address: Address) => readonly [facts: GeoFacts | undefined, prefixLength: number];
};

/** Changes whenever a file is replaced or rewritten. */
export type Stamp = string;

/** The file's stamp; undefined if it cannot be looked at. */
export const stampOf = async (file: string): Promise<Stamp | undefined> => {
  try {
    const { mtimeNs, size, ino } = await stat(file, { bigint: true });
    return `${mtimeNs} ${size} ${ino}`;
  } catch {
    return undefined;
  }
};

const causeOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file: put the database there, or correct the list of databases';
  if (code === 'EACCES') return 'it may not be read: allow it to the user that geomirror runs as';
  if (code === 'EISDIR') return 'it is a folder: name the mmdb file in it';
  return 'it cannot be read as an mmdb database, or is cut off: download it again';
};

const isCompressed = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

const bitsOf = { 4: 32, 6: 128 } as const;

/** Enough addresses to meet a record of any database of the whole Internet. */
const samples: readonly string[] = Array.from({ length: 223 }, (_, at) => `${at + 1}.7.7.7`);

const lookUp = (reader: Reader<Response>, address: string): readonly [GeoFacts | undefined, number] => {
  const [record, prefixLength] = reader.getWithPrefixLength(address);
  return [record === null ? undefined : readFacts(record), prefixLength];
};

const readerOf = (bytes: Buffer): Reader<Response> => {
  const reader = new Reader<Response>(bytes);
  const { nodeCount, searchTreeSize, ipVersion } = reader.metadata;
  const isWhole = nodeCount > 0 && searchTreeSize < bytes.length && (ipVersion === 4 || ipVersion === 6);
  if (!isWhole) throw new Error('the search tree does not fit the file');
  return reader;
};

const isForeign = (reader: Reader<Response>): boolean => {
  const found = samples.map((address) => lookUp(reader, address)[0]).filter((facts) => facts !== undefined);
  return found.length > 0 && !found.some(isUseful);
};

const toDatabase = (file: string, reader: Reader<Response>): GeoDatabase => ({
  file,
  type: reader.metadata.databaseType,
  builtAt: reader.metadata.buildEpoch.getTime(),
  find: ({ family, text }) => {
    // An IPv4 tree asked for an IPv6 address would answer for its first 32 bits.
    if (family > reader.metadata.ipVersion) return [undefined, 0];
    try {
      return lookUp(reader, text);
    } catch {
      return [undefined, bitsOf[family]];
    }
  },
});

/** Reads an mmdb file whole; the failure as text says what is wrong and what to do, without the file's name. */
export const openDatabase = async (file: string): Promise<GeoDatabase | string> => {
  try {
    const bytes = await readFile(file);
    if (isCompressed(bytes)) return 'it is compressed: unpack it';
    const reader = readerOf(bytes);
    if (isForeign(reader)) {
      return `its records (${reader.metadata.databaseType}) hold neither coordinates, countries nor AS numbers: use a City, Country or ASN database`;
    }
    return toDatabase(file, reader);
  } catch (error) {
    return causeOf(error);
  }
};
