/* Written by crds/generate.ts from crds/geomirror.io_repositories.yaml. Do not edit: change the CRD and run it again. */

/**
 * A Repository is a tree of files that clients download: where its authoritative copy lies, under which address clients ask for it, and how a mirror is chosen for them.
 */
export type Repository = {
  readonly apiVersion: 'geomirror.io/v1alpha1';
  readonly kind: 'Repository';
  readonly metadata: ObjectMeta;
  readonly spec: RepositorySpec;
  readonly status: RepositoryStatus;
};
/**
 * What Kubernetes keeps of every object, as far as it is used.
 */
export type ObjectMeta = {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  /**
   * Grows with every change of the spec.
   */
  readonly generation: number;
  /**
   * RFC 3339.
   */
  readonly creationTimestamp: string;
  readonly resourceVersion?: string;
  /**
   * RFC 3339; set while the object is being deleted.
   */
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};
/**
 * What the tree is and how it is served.
 */
export type RepositorySpec = {
  /**
   * Host names under which clients ask, in lower case and without a port, such as get.videolan.org. Empty: any host. Several repositories may share a host if their pathPrefix differs; of two with the same host and prefix the older keeps them, and the newer is Ready=False with reason HostConflict.
   */
  readonly hosts: readonly string[];
  /**
   * Path below which the tree is served, with a slash at both ends, such as /videolan/. Where several repositories fit a request, the longest prefix wins.
   */
  readonly pathPrefix: string;
  readonly source: RepositorySource;
  readonly checksums: RepositoryChecksums;
  readonly freshness: RepositoryFreshness;
  /**
   * What clients get for a path that is not in the tree. Fallback sends them to a fallback, because the file may have been published seconds ago; NotFound answers 404. Without it: Fallback where there are fallbacks.
   */
  readonly unknownFiles?: 'Fallback' | 'NotFound';
  /**
   * How long a file that left the source is still served from mirrors that hold it, a duration from 0s (not at all) to 720h such as 1h.
   */
  readonly retainRemovedFor: string;
  readonly selection: RepositorySelection;
  readonly protocol: RepositoryProtocol;
  /**
   * Whether mirrors may redirect in their turn: Forbid, SameSite (to the same host or a subdomain, by any scheme) or Allow. A mirror that does otherwise counts as down.
   */
  readonly redirectPolicy: 'Forbid' | 'SameSite' | 'Allow';
  /**
   * Servers that have every file, for paths that no mirror can serve. Where there are several, the nearest that answers is taken.
   */
  readonly fallbacks: readonly RepositoryFallback[];
  /**
   * Where clients are sent for paths that have left the tree. The first rule with a glob that matches holds.
   */
  readonly archive: readonly RepositoryArchive[];
  /**
   * Path of a file in the tree that the source renews regularly and that begins with the time in Unix seconds, such as trace. It is fetched from each mirror to show how old its copy is.
   */
  readonly traceFile?: string;
  readonly scanGuard: RepositoryScanGuard;
  readonly statistics: RepositoryStatistics;
  /**
   * Auto redirects, or answers in JSON to clients that ask for it by Accept. Redirect and JSON do so for all.
   */
  readonly output: 'Auto' | 'Redirect' | 'JSON';
  readonly pages: RepositoryPages;
};
/**
 * Where the authoritative copy lies. It says what the tree should contain; clients are not sent there. Exactly one of rsync, http, listing and directory.
 */
export type RepositorySource = {
  readonly rsync?: RepositorySourceRsync;
  readonly http?: RepositorySourceHttp;
  readonly listing?: RepositorySourceListing;
  readonly directory?: RepositorySourceDirectory;
  /**
   * Time from one reading of the source to the next, a duration from 1s to 24h such as 90s, 5m or 6h. The annotation geomirror.io/scan-requested-at asks for one at once.
   */
  readonly interval: string;
  /**
   * Only files whose path matches one of these globs belong to the tree, such as pub/**. Empty: all. Paths are relative to the root; * stays within a folder, ** does not.
   */
  readonly include: readonly string[];
  /**
   * Files whose path matches one of these globs do not belong to the tree, whatever include says.
   */
  readonly exclude: readonly string[];
};
/**
 * A tree served by an rsync daemon.
 */
export type RepositorySourceRsync = {
  /**
   * Address of the tree's root, such as rsync://master.example/videolan/. rsyncs is rsync within TLS.
   */
  readonly url: string;
  readonly credentialsSecretRef?: RepositorySourceRsyncCredentialsSecretRef;
};
/**
 * A Secret in the same namespace whose keys username and password are used to log in. Without it, the operator reads anonymously.
 */
export type RepositorySourceRsyncCredentialsSecretRef = {
  /**
   * Name of the Secret.
   */
  readonly name: string;
};
/**
 * A tree shown by a web server's directory pages, or by its listings in JSON.
 */
export type RepositorySourceHttp = {
  /**
   * Address of the tree's root, such as https://master.example/videolan/.
   */
  readonly url: string;
  readonly credentialsSecretRef?: RepositorySourceHttpCredentialsSecretRef;
};
/**
 * A Secret in the same namespace whose keys username and password are used to log in. Without it, the operator reads anonymously.
 */
export type RepositorySourceHttpCredentialsSecretRef = {
  /**
   * Name of the Secret.
   */
  readonly name: string;
};
/**
 * A file that lists the tree, plain or compressed by gzip, xz or zstd.
 */
export type RepositorySourceListing = {
  /**
   * Address of the list, such as https://master.example/ls-lR.gz. Its paths are relative to the tree's root.
   */
  readonly url: string;
  /**
   * LsLR is the output of ls -lR, FullFileTimeList is Fedora's fullfiletimelist, Sha256Sums is the output of sha256sum (which knows no sizes and times), RsyncList is the output of rsync --list-only.
   */
  readonly format: 'LsLR' | 'FullFileTimeList' | 'Sha256Sums' | 'RsyncList';
  readonly credentialsSecretRef?: RepositorySourceListingCredentialsSecretRef;
};
/**
 * A Secret in the same namespace whose keys username and password are used to log in. Without it, the operator reads anonymously.
 */
export type RepositorySourceListingCredentialsSecretRef = {
  /**
   * Name of the Secret.
   */
  readonly name: string;
};
/**
 * A folder that the operator can read, such as a volume mounted into it.
 */
export type RepositorySourceDirectory = {
  /**
   * Absolute path of the tree's root, such as /srv/videolan.
   */
  readonly path: string;
};
/**
 * Where the digests come from that clients and the verification of mirrors get.
 */
export type RepositoryChecksums = {
  /**
   * Digests that the operator computes itself. Needs a directory source, whose files it reads once and again when size or time change. Without effect on other sources.
   */
  readonly compute: readonly ('MD5' | 'SHA1' | 'SHA256' | 'SHA512')[];
  /**
   * Globs of files in which the project publishes digests itself, such as ** /SHA256SUMS or ** /*.sha256. Works with every source that files can be fetched from.
   */
  readonly files: readonly string[];
  readonly pieces: RepositoryChecksumsPieces;
};
/**
 * Digests of parts of each file, which some download programs use. They need a directory source.
 */
export type RepositoryChecksumsPieces = {
  /**
   * Whether pieces for BitTorrent and Metalink are computed.
   */
  readonly torrent: boolean;
  /**
   * Whether block sums for zsync are computed.
   */
  readonly zsync: boolean;
};
/**
 * When a mirror's copy is good enough for clients.
 */
export type RepositoryFreshness = {
  /**
   * Size takes a copy of equal size for current. SizeAndTime also demands equal modification times, within timeTolerance. Auto does so for mirrors whose times are seen to follow the source's (nine in ten files).
   */
  readonly compare: 'Auto' | 'Size' | 'SizeAndTime';
  /**
   * How far two times may differ and still count as equal, a duration from 0s to 24h such as 2s.
   */
  readonly timeTolerance: string;
  /**
   * How long after a file changed its previous version may still be served from mirrors that hold it, a duration from 0s (never) to 720h such as 1h. Answers that lead to such a copy carry no digest.
   */
  readonly maxLag: string;
  /**
   * Exceptions for some paths. The first rule with a glob that matches a path holds for it, so write the most specific first. Each rule names exactly one of compare, maxLag and serveFrom.
   */
  readonly rules: readonly RepositoryFreshnessRule[];
};
export type RepositoryFreshnessRule = {
  /**
   * Globs of the paths that the rule is for, such as ** /Release* or nightly/**.
   */
  readonly paths: readonly string[];
  /**
   * Takes the place of freshness.compare for these paths.
   */
  readonly compare?: 'Auto' | 'Size' | 'SizeAndTime';
  /**
   * Takes the place of freshness.maxLag for these paths, a duration from 0s to 720h such as 160m.
   */
  readonly maxLag?: string;
  /**
   * Fallback sends clients for these paths to spec.fallbacks only, never to a mirror.
   */
  readonly serveFrom?: 'Fallback';
};
/**
 * How one of the mirrors that hold a file is chosen for a client.
 */
export type RepositorySelection = {
  /**
   * Proximity shares clients among the nearest mirrors by weight and closeness. Weighted shares them among all mirrors by weight. Mirrorbits chooses as mirrorbits does.
   */
  readonly strategy: 'Proximity' | 'Weighted' | 'Mirrorbits';
  /**
   * Mirrors count as near up to this per cent of the nearest one's distance: with 150, those at most half as far again.
   */
  readonly rangePercent: number;
  /**
   * None draws anew for each request. Client keeps a client with one mirror while it is good, by its network (/24 or /48).
   */
  readonly stickiness: 'None' | 'Client';
  /**
   * How many further mirrors an answer names for the case that the first fails.
   */
  readonly alternatives: number;
  /**
   * No mirror is drawn with a higher probability than this, in per cent, as long as there are enough of them; more distant ones help out. 100: no limit.
   */
  readonly maxSharePercent: number;
  /**
   * For strategy Mirrorbits: a mirror and a client of unknown autonomous system count as being in the same one, as in mirrorbits.
   */
  readonly mirrorbitsZeroASMatches: boolean;
};
/**
 * Which schemes clients may be sent to.
 */
export type RepositoryProtocol = {
  /**
   * Whether a client that asks by http may be sent to https. One that asks by https is never sent to http.
   */
  readonly upgradeToHTTPS: boolean;
};
export type RepositoryFallback = {
  /**
   * Short name for answers, logs and metrics, such as archive.
   */
  readonly name: string;
  /**
   * Address that a file's path is appended to, such as https://archive.example/videolan/.
   */
  readonly url: string;
  readonly location?: RepositoryFallbackLocation;
};
/**
 * Where the server stands. What is not given here comes from the GeoIP databases.
 */
export type RepositoryFallbackLocation = {
  /**
   * Degrees north, as a quoted decimal number from "-90" to "90".
   */
  readonly latitude?: string;
  /**
   * Degrees east, as a quoted decimal number from "-180" to "180".
   */
  readonly longitude?: string;
  /**
   * ISO 3166-1 code of the country, two capital letters such as DE.
   */
  readonly country?: string;
  /**
   * Further countries, as ISO 3166-1 codes, whose clients it serves as if it stood there.
   */
  readonly additionalCountries: readonly string[];
  /**
   * Continent: AF, AN, AS, EU, NA, OC or SA.
   */
  readonly continent?: 'AF' | 'AN' | 'AS' | 'EU' | 'NA' | 'OC' | 'SA';
  /**
   * Numbers of the autonomous systems that it belongs to, such as 2847.
   */
  readonly asns: readonly number[];
  /**
   * Networks in CIDR notation, such as 130.239.0.0/16, whose clients are at home with it.
   */
  readonly networks: readonly string[];
  /**
   * True for a CDN or an anycast address, which answers from many places.
   */
  readonly global: boolean;
};
export type RepositoryArchive = {
  /**
   * Globs of the paths that the rule is for, such as old/**.
   */
  readonly paths: readonly string[];
  /**
   * Address that the path is appended to, such as https://archive.example/videolan/.
   */
  readonly url: string;
};
/**
 * Protection against believing a listing that is broken or half empty.
 */
export type RepositoryScanGuard = {
  /**
   * A listing that loses more than this per cent of the files is held: that of the source until the annotation geomirror.io/accept-held accepts it, that of a mirror until a second scan confirms it.
   */
  readonly maxRemovedPercent: number;
};
/**
 * What is counted of the downloads, and for how long it is kept.
 */
export type RepositoryStatistics = {
  /**
   * Number of files that are counted one by one; the rest together.
   */
  readonly topFiles: number;
  /**
   * Days for which numbers per day are kept.
   */
  readonly dailyRetentionDays: number;
  /**
   * Months for which numbers per month are kept.
   */
  readonly monthlyRetentionMonths: number;
  /**
   * Range requests of one client for one file that are no further apart than this count as one download, a duration from 0s (each counts) to 24h such as 10m.
   */
  readonly sameDownloadInterval: string;
};
/**
 * Look of the pages for people.
 */
export type RepositoryPages = {
  /**
   * Title of the pages, such as VideoLAN downloads. Without it, the Repository's name.
   */
  readonly title?: string;
  /**
   * Logo of the project.
   */
  readonly logoURL?: string;
  /**
   * Home page of the project.
   */
  readonly homeURL?: string;
  /**
   * Colour of links and bars, such as "#ff7700".
   */
  readonly accentColor?: string;
  /**
   * Path below which the pages' own files are served, with a slash at both ends, for the case that the usual one is taken by the tree.
   */
  readonly builtinPrefix?: string;
};
/**
 * What the operator observed. Written by the operator only.
 */
export type RepositoryStatus = {
  /**
   * The generation of the spec that this status speaks of. -1 until the operator has seen the repository.
   */
  readonly observedGeneration?: number;
  /**
   * Number of the last publication to the redirectors.
   */
  readonly revision?: number;
  /**
   * Files in the source.
   */
  readonly files?: number;
  /**
   * Sum of their sizes in bytes, as far as known.
   */
  readonly bytes?: number;
  readonly lastIndex?: RepositoryStatusLastIndex;
  readonly held?: RepositoryStatusHeld;
  readonly mirrors?: RepositoryStatusMirrors;
  /**
   * The value of the annotation geomirror.io/scan-requested-at that was last acted upon.
   */
  readonly lastHandledScanRequest?: string;
  /**
   * The value of the annotation geomirror.io/publish-requested-at for which the source has been read and all mirrors scanned.
   */
  readonly lastHandledPublishRequest?: string;
  /**
   * Ready, SourceIndexed and Published; HealthHeld, DigestsDisputed, Reconciling and Stalled only while true.
   */
  readonly conditions?: readonly Condition[];
};
/**
 * The last attempt to read the source, successful or not.
 */
export type RepositoryStatusLastIndex = {
  /**
   * When it began.
   */
  readonly startedAt?: string;
  /**
   * When it ended. Absent while it runs.
   */
  readonly finishedAt?: string;
  /**
   * Succeeded, PartlyUnreadable (some folders could not be read and keep what was known of them), Held or Failed.
   */
  readonly outcome?: string;
  /**
   * The outcome in a sentence.
   */
  readonly message?: string;
};
/**
 * A listing of the source that lost too much to be believed. It is accepted by the annotation geomirror.io/accept-held with this id.
 */
export type RepositoryStatusHeld = {
  /**
   * Names this loss; it stays the same while the loss does.
   */
  readonly id?: string;
  /**
   * When it was first seen.
   */
  readonly since?: string;
  /**
   * How many files were lost.
   */
  readonly removed?: number;
};
/**
 * The mirrors of this repository.
 */
export type RepositoryStatusMirrors = {
  /**
   * How many there are.
   */
  readonly total?: number;
  /**
   * How many of them are ready.
   */
  readonly ready?: number;
};
export type Condition = {
  /**
   * What the condition is about.
   */
  readonly type: string;
  /**
   * True, False or Unknown.
   */
  readonly status: 'True' | 'False' | 'Unknown';
  /**
   * The generation of the spec that the condition speaks of.
   */
  readonly observedGeneration?: number;
  /**
   * When the status last changed.
   */
  readonly lastTransitionTime: string;
  /**
   * Why, in one word.
   */
  readonly reason: string;
  /**
   * Why, in a sentence.
   */
  readonly message: string;
};
