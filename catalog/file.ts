/** Digest algorithms a catalog can carry, by the names of RFC 9530's registry without the dash. */
export const digestAlgorithms = ['md5', 'sha1', 'sha256', 'sha512'] as const;
export type DigestAlgorithm = (typeof digestAlgorithms)[number];

/** Lower-case hexadecimal digests of one file's bytes; an absent key means "not known". */
export type Digests = Readonly<Partial<Record<DigestAlgorithm, string>>>;

/**
 * One version of one file of the source. A change of size, time or digest makes another version.
 *
 * `modifiedAt` is in whole Unix seconds. Listings may be coarse: the true time lies in
 * [modifiedAt, modifiedAt + timeSlack] (0 = to the second, 59 = to the minute, 86 399 = to the day).
 */
export type FileVersion = {
  /** Relative, `/`-separated, valid by path.ts, without a leading slash. */
  readonly path: string;
  /** Bytes; undefined where the source does not say (a list of checksums). */
  readonly size: number | undefined;
  readonly modifiedAt: number | undefined;
  readonly timeSlack: number;
  readonly digests: Digests;
};

/** What a mirror's column says of a file number, two bits each. */
export const availability = { Absent: 0, Current: 1, WrongSize: 2, Outdated: 3 } as const;
export type Availability = (typeof availability)[keyof typeof availability];
