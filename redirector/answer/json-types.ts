/* What mirrorbits answers to `Accept: application/json`, in its order, without what is nobody's business. */

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
