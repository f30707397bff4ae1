import type { Digests } from '@geomirror/catalog/file.ts';
import type { PathRefusal } from '@geomirror/catalog/path.ts';

/**
 * One line of a listing, already a valid path of the catalog (path.ts).
 *
 * Coarse values are lower bounds: the true size lies in [size, size + sizeSlack], the true time in
 * [modifiedAt, modifiedAt + timeSlack], so that `1.2M` and minute times can be compared within what they express.
 */
export type ListedFile = {
  readonly kind: 'File';
  readonly path: string;
  /** Bytes; undefined where the listing does not say. */
  readonly size: number | undefined;
  readonly sizeSlack: number;
  /** Whole Unix seconds as the other side prints them (its time zone may be wrong); undefined where it does not say. */
  readonly modifiedAt: number | undefined;
  readonly timeSlack: number;
  /** What a listing that is made of checksums says of the bytes. */
  readonly digests?: Digests | undefined;
};

/** A symbolic link, target as written there (relative to the link's folder, or absolute). */
export type ListedLink = { readonly kind: 'Link'; readonly path: string; readonly target: string };

export type ListingEntry = ListedFile | ListedLink;

/** Names that cannot stand in the catalog: counted, with a few examples made printable for people. */
export type RefusedNames = {
  readonly count: number;
  readonly examples: readonly { readonly name: string; readonly reason: PathRefusal }[];
};

/** How a listing that did not fail ended. */
export type ListingEnd = {
  /** Folders that the other side could not read (relative, '' for the root): what lies below is unknown, not gone. */
  readonly unreadable: readonly string[];
  /** Something else is missing and it cannot be said what: nothing may be concluded from absence. */
  readonly partlyUnseen: boolean;
  readonly refused: RefusedNames;
};

/**
 * A listing in batches of at most some thousand entries, in the order of the other side. Throws Failure; stops at once when
 * the signal given to its maker aborts or when the consumer returns early.
 */
export type Listing = AsyncGenerator<readonly ListingEntry[], ListingEnd, void>;

export type Credentials = { readonly username: string; readonly password: string };

/** What every scanner is asked with. */
export type ListingRequest = {
  readonly url: URL;
  readonly credentials?: Credentials | undefined;
  /** No answer, or no further byte, for this long: Failure Timeout. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** True for folders that need not be entered (an exclude pattern covers all below); files are filtered by the caller. */
  readonly skipFolder?: ((path: string) => boolean) | undefined;
};
