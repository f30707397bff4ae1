import { createRequire } from 'node:module';
import type build from 'fast-json-stringify';
import type { ObjectSchema, Schema } from 'fast-json-stringify';

export type FileJSON = {
  /** With a slash in front. */
  readonly Path: string;
  readonly Size?: number | undefined;
  readonly ModTime: string;
  readonly Sha1?: string | undefined;
  readonly Sha256?: string | undefined;
  readonly Md5?: string | undefined;
};

export type ClientJSON = {
  readonly CountryCode: string;
  readonly ContinentCode: string;
  readonly City: string;
  /** In English. */
  readonly Country: string;
  readonly Latitude: number;
  readonly Longitude: number;
  readonly ASName: string;
  readonly ASNum: number;
};

export type MirrorJSON = {
  /** Place in the manifest, from 1; not to be remembered. 0 for fallbacks. */
  readonly ID: number;
  readonly Name: string;
  readonly HttpURL: string;
  readonly RsyncURL: '';
  readonly FtpURL: '';
  readonly SponsorName: string;
  readonly SponsorURL: string;
  readonly SponsorLogoURL: string;
  readonly CustomData: '';
  readonly ContinentOnly: boolean;
  readonly CountryOnly: boolean;
  readonly ASOnly: boolean;
  readonly Score: number;
  readonly Latitude: number;
  readonly Longitude: number;
  readonly ContinentCode: string;
  readonly CountryCodes: string;
  readonly ExcludedCountryCodes: string;
  readonly Asnum: number;
  readonly Enabled: boolean;
  readonly HttpDownReason?: string | undefined;
  readonly HttpsDownReason?: string | undefined;
  readonly StateSince: string;
  /** Kilometres; 0 where the client's place is unknown. */
  readonly Distance: number;
  readonly ComputedScore: number;
  readonly LastSync: string;
  readonly LastSuccessfulSync: string;
  readonly LastSuccessfulSyncProtocol: number;
  readonly LastSuccessfulSyncPrecision: number;
  readonly LastModTime: string;
  readonly AbsoluteURL: string;
  readonly ExcludeReason?: string | undefined;
};

export type AnswerJSON = {
  readonly FileInfo: FileJSON;
  readonly IP: string;
  readonly ClientInfo: ClientJSON;
  /** The chosen one first. */
  readonly MirrorList: readonly MirrorJSON[];
  readonly ExcludedList?: readonly MirrorJSON[] | undefined;
  readonly Fallback?: true | undefined;
};

const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };
const whole: Schema = { type: 'integer' };
const decimal: Schema = { type: 'number' };

const fileInfo = object<FileJSON>({ Path: text, Size: whole, ModTime: text, Sha1: text, Sha256: text, Md5: text });

const clientInfo = object<ClientJSON>({
  CountryCode: text,
  ContinentCode: text,
  City: text,
  Country: text,
  Latitude: decimal,
  Longitude: decimal,
  ASName: text,
  ASNum: whole,
});

const mirror = object<MirrorJSON>({
  ID: whole,
  Name: text,
  HttpURL: text,
  RsyncURL: text,
  FtpURL: text,
  SponsorName: text,
  SponsorURL: text,
  SponsorLogoURL: text,
  CustomData: text,
  ContinentOnly: flag,
  CountryOnly: flag,
  ASOnly: flag,
  Score: whole,
  Latitude: decimal,
  Longitude: decimal,
  ContinentCode: text,
  CountryCodes: text,
  ExcludedCountryCodes: text,
  Asnum: whole,
  Enabled: flag,
  HttpDownReason: text,
  HttpsDownReason: text,
  StateSince: text,
  Distance: decimal,
  ComputedScore: whole,
  LastSync: text,
  LastSuccessfulSync: text,
  LastSuccessfulSyncProtocol: whole,
  LastSuccessfulSyncPrecision: whole,
  LastModTime: text,
  AbsoluteURL: text,
  ExcludeReason: text,
});

/** What mirrorbits answers to `Accept: application/json`, in its order, without what is nobody's business. */
const answerSchema = object<AnswerJSON>({
  FileInfo: fileInfo,
  IP: text,
  ClientInfo: clientInfo,
  MirrorList: { type: 'array', items: mirror },
  ExcludedList: { type: 'array', items: mirror },
  Fallback: flag,
});

/** The order of properties is the order in the answer. */
function object<T>(properties: Record<keyof T & string, Schema>): ObjectSchema {
  return { type: 'object', properties };
}

/** Writes an answer as JSON in the order of the schema; what is undefined is left out. */
export type Serialise = (answer: AnswerJSON) => string;

/** Loads and compiles the serialiser, which takes some tens of milliseconds and megabytes: not before JSON is asked for. */
export function compileSerialiser(): Serialise {
  const buildSerializer: typeof build = createRequire(import.meta.url)('fast-json-stringify');
  return buildSerializer(answerSchema);
}
