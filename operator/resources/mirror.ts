/* Written by crds/generate.ts from crds/geomirror.io_mirrors.yaml. Do not edit: change the CRD and run it again. */

/**
 * A Mirror is one server (or CDN) that carries a copy of a Repository's tree. The operator scans it, checks that it answers and serves what it lists, and tells the redirectors which files clients may be sent there for.
 */
export type Mirror = {
  readonly apiVersion: 'geomirror.io/v1alpha1';
  readonly kind: 'Mirror';
  readonly metadata: ObjectMeta;
  readonly spec: MirrorSpec;
  readonly status: MirrorStatus;
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
 * What the mirror is and how it may be used.
 */
export type MirrorSpec = {
  readonly repositoryRef: MirrorRepositoryRef;
  /**
   * Where clients are sent: one https URL, one http URL, or both, each with a slash at its end. Below them lie the files by the same paths as in the source. Each is checked by itself.
   */
  readonly endpoints: readonly MirrorEndpoint[];
  readonly scan: MirrorScan;
  readonly location?: MirrorLocation;
  /**
   * Share of clients among mirrors that are equally near: one with 200 gets twice as many as one with 100. With the Repository's strategy Mirrorbits, its score is weight - 100.
   */
  readonly weight: number;
  readonly audience: MirrorAudience;
  readonly healthCheck: MirrorHealthCheck;
  readonly verification: MirrorVerification;
  /**
   * Whether the mirror may redirect in its turn: Forbid, SameSite (to the same host or a subdomain, by any scheme) or Allow. Without it, the Repository's redirectPolicy holds.
   */
  readonly redirectPolicy?: 'Forbid' | 'SameSite' | 'Allow';
  /**
   * Size of the largest file that the mirror can serve, as bytes or with a unit such as 4Gi. Without it, there is no limit.
   */
  readonly maxFileSize?: string;
  /**
   * Active: clients are sent here while the mirror is good. Drained: it is watched and listed, but no client is sent here, for planned work. Disabled: it is left alone and not listed.
   */
  readonly mode: 'Active' | 'Drained' | 'Disabled';
  readonly sponsor?: MirrorSponsor;
  readonly admin?: MirrorAdmin;
};
/**
 * The Repository, in the same namespace, that this is a mirror of. It cannot be changed: another repository needs another Mirror.
 */
export type MirrorRepositoryRef = {
  /**
   * Name of the Repository.
   */
  readonly name: string;
};
export type MirrorEndpoint = {
  /**
   * Address that a file's path is appended to, such as https://ftp.acc.umu.se/mirror/videolan/.
   */
  readonly url: string;
};
/**
 * How the operator learns which files the mirror holds. Without it, the directory pages under the endpoints are read every 30 minutes.
 */
export type MirrorScan = {
  /**
   * Where the listing is read, tried in this order until one succeeds: rsync, rsyncs, ftp, ftps, http or https. rsync is the quickest and the most exact. Empty: the directory pages under spec.endpoints.
   */
  readonly endpoints: readonly MirrorScanEndpoint[];
  /**
   * Listing reads the whole tree. Sample asks for random and for the newest files of the source one by one, for servers that list nothing; the mirror counts as complete only if all of them match. Assume takes the mirror for equal to the source, for a CDN that fetches what it lacks; health checks and verification are then the only proof.
   */
  readonly method: 'Listing' | 'Sample' | 'Assume';
  /**
   * How many files method Sample asks for in one scan.
   */
  readonly sampleSize: number;
  /**
   * Time from one scan to the next, a duration from 1s to 24h such as 90s, 30m or 6h. The annotation geomirror.io/scan-requested-at asks for a scan at once.
   */
  readonly interval: string;
  /**
   * A scan that takes longer is given up, a duration from 1s to 24h such as 90s, 30m or 6h.
   */
  readonly timeout: string;
};
export type MirrorScanEndpoint = {
  /**
   * Address of the folder that corresponds to the source's root, such as rsync://ftp.acc.umu.se/mirror/videolan/.
   */
  readonly url: string;
  readonly credentialsSecretRef?: MirrorScanEndpointCredentialsSecretRef;
};
/**
 * A Secret in the same namespace whose keys username and password are used to log in. Without it, the scan is anonymous.
 */
export type MirrorScanEndpointCredentialsSecretRef = {
  /**
   * Name of the Secret.
   */
  readonly name: string;
};
/**
 * Where the mirror stands. Each field given here takes the place of what the GeoIP databases say of its host.
 */
export type MirrorLocation = {
  /**
   * Degrees north, as a quoted decimal number from "-90" to "90".
   */
  readonly latitude?: string;
  /**
   * Degrees east, as a quoted decimal number from "-180" to "180".
   */
  readonly longitude?: string;
  /**
   * ISO 3166-1 code of the country, two capital letters such as SE. The mirror counts as nearer to clients in it.
   */
  readonly country?: string;
  /**
   * Further countries, as ISO 3166-1 codes, whose clients the mirror serves as if it stood there.
   */
  readonly additionalCountries: readonly string[];
  /**
   * Continent: AF, AN, AS, EU, NA, OC or SA.
   */
  readonly continent?: 'AF' | 'AN' | 'AS' | 'EU' | 'NA' | 'OC' | 'SA';
  /**
   * Numbers of the autonomous systems that the mirror belongs to, such as 2847. It counts as much nearer to clients in them.
   */
  readonly asns: readonly number[];
  /**
   * Networks in CIDR notation, such as 130.239.0.0/16 or 2001:6b0:e::/48, whose clients are at home with this mirror. It counts as much nearer to them.
   */
  readonly networks: readonly string[];
  /**
   * True for a CDN or an anycast address, which answers from many places: it counts as 1 500 km from every client, and country and network make it no nearer.
   */
  readonly global: boolean;
};
/**
 * Who may be sent here. A client must satisfy scope or be in one of networks, and never be in an excluded country. A client whose place is unknown satisfies scope Anyone only.
 */
export type MirrorAudience = {
  /**
   * Anyone, or only clients on the mirror's Continent, in its Country (or additionalCountries), or in its autonomous systems (ASN).
   */
  readonly scope: 'Anyone' | 'Continent' | 'Country' | 'ASN';
  /**
   * Networks in CIDR notation whose clients are welcome whatever scope says.
   */
  readonly networks: readonly string[];
  /**
   * Countries, as ISO 3166-1 codes, whose clients are never sent here.
   */
  readonly excludedCountries: readonly string[];
};
/**
 * How the operator finds out whether the endpoints answer: it asks each for a file that source and mirror both have, and compares the size.
 */
export type MirrorHealthCheck = {
  /**
   * Time between two checks of an endpoint, a duration from 1s to 24h such as 30s or 1m.
   */
  readonly interval: string;
  /**
   * A check without an answer after this time has failed, a duration from 1s to 24h such as 10s.
   */
  readonly timeout: string;
  /**
   * Failures in a row after which an endpoint is down. While that is undecided, checks come every 5 seconds (or every interval, if that is shorter).
   */
  readonly failureThreshold: number;
  /**
   * Successes in a row after which an endpoint that was down is up again. A new endpoint is up after its first.
   */
  readonly successThreshold: number;
  /**
   * The file to ask for, relative to the endpoint and without a slash in front, such as mirror-status.txt. Empty: another file each time, drawn from those that source and mirror both have, which finds more.
   */
  readonly path: string;
};
/**
 * The operator also checks, by samples, that the mirror serves the very files it lists: it downloads small ones and asks for the sizes of large ones. A file found wrong is not fetched from here any more; too many of them take the mirror out until they are mended.
 */
export type MirrorVerification = {
  /**
   * Number of latest samples that are judged together.
   */
  readonly window: number;
  /**
   * Per cent of the window that may be wrong before no client is sent here any more. 100: samples never take the mirror out as a whole.
   */
  readonly maxWrongPercent: number;
  /**
   * How much the samples may download from this mirror in an hour, as bytes or with a unit such as 500k, 20Mi or 1Gi. "0": sizes are compared, nothing is downloaded.
   */
  readonly maxBytesPerHour: string;
};
/**
 * Who gives the bandwidth, as shown on the list of mirrors.
 */
export type MirrorSponsor = {
  /**
   * Name of the sponsor.
   */
  readonly name: string;
  /**
   * The sponsor's page.
   */
  readonly url?: string;
  /**
   * The sponsor's logo, an image of at most a few hundred kilobytes.
   */
  readonly logoURL?: string;
};
/**
 * Whom to ask about the mirror. Never published.
 */
export type MirrorAdmin = {
  /**
   * Name of the administrator.
   */
  readonly name?: string;
  /**
   * E-mail address of the administrator.
   */
  readonly email?: string;
};
/**
 * What the operator observed. Written by the operator only.
 */
export type MirrorStatus = {
  /**
   * The generation of the spec that this status speaks of. -1 until the operator has seen the mirror.
   */
  readonly observedGeneration?: number;
  readonly location?: MirrorStatusLocation;
  /**
   * The value of the annotation geomirror.io/scan-requested-at that was last acted upon.
   */
  readonly lastHandledScanRequest?: string;
  readonly lastScan?: MirrorStatusLastScan;
  readonly inventory?: MirrorStatusInventory;
  /**
   * How each endpoint answers.
   */
  readonly endpoints?: readonly MirrorStatusEndpoint[];
  readonly verification?: MirrorStatusVerification;
  readonly held?: MirrorStatusHeld;
  /**
   * Ready, Scanned, Healthy, Verified and UpToDate; Held, Reconciling and Stalled only while true.
   */
  readonly conditions?: readonly Condition[];
};
/**
 * Where the mirror stands, as used for choosing it.
 */
export type MirrorStatusLocation = {
  /**
   * Degrees north.
   */
  readonly latitude?: string;
  /**
   * Degrees east.
   */
  readonly longitude?: string;
  /**
   * ISO 3166-1 code.
   */
  readonly country?: string;
  /**
   * Further countries that count as its own.
   */
  readonly additionalCountries?: readonly string[];
  /**
   * Continent: AF, AN, AS, EU, NA, OC or SA.
   */
  readonly continent?: string;
  /**
   * Autonomous systems that it belongs to.
   */
  readonly asns?: readonly number[];
  /**
   * Networks whose clients are at home with it.
   */
  readonly networks?: readonly string[];
  /**
   * Whether it counts as 1 500 km from every client.
   */
  readonly global?: boolean;
  /**
   * Where this comes from: GeoIP, or Spec if spec.location says anything.
   */
  readonly source?: 'GeoIP' | 'Spec';
};
/**
 * The last attempt to scan, successful or not.
 */
export type MirrorStatusLastScan = {
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
 * What the last accepted scan found.
 */
export type MirrorStatusInventory = {
  /**
   * When that scan ended.
   */
  readonly scannedAt?: string;
  /**
   * How it was read: rsync, rsyncs, ftp, ftps, http or https; sample or assumed by those methods.
   */
  readonly protocol?: string;
  /**
   * Files that the mirror lists.
   */
  readonly files?: number;
  /**
   * The source's files that it holds in their current version.
   */
  readonly current?: number;
  /**
   * The source's files that it holds in an older version.
   */
  readonly outdated?: number;
  /**
   * The source's files that it holds with another size.
   */
  readonly wrongSize?: number;
  /**
   * The source's files that it lacks.
   */
  readonly missing?: number;
  /**
   * Share of the source's files that it holds in their current version, such as 99.8%.
   */
  readonly currentPercent?: string;
  /**
   * How far its listed times are off by its time zone, such as +02:00. Taken into account when times are compared.
   */
  readonly timezoneOffset?: string;
  /**
   * Whether its files' times follow the source's, so that they tell versions apart.
   */
  readonly keepsTimes?: boolean;
};
export type MirrorStatusEndpoint = {
  /**
   * The endpoint's URL as in the spec.
   */
  readonly url: string;
  /**
   * Whether it answers as it should.
   */
  readonly up?: boolean;
  /**
   * Whether it does by IPv4. Absent where the host has no such address.
   */
  readonly ipv4Up?: boolean;
  /**
   * Whether it does by IPv6. Absent where the host has no such address.
   */
  readonly ipv6Up?: boolean;
  /**
   * Since when it has been up or down.
   */
  readonly since?: string;
  /**
   * Why it is down.
   */
  readonly reason?: string;
  /**
   * When its TLS certificate expires. Absent for http.
   */
  readonly certificateExpires?: string;
};
/**
 * Result of the latest samples of what the mirror really serves.
 */
export type MirrorStatusVerification = {
  /**
   * Samples in the window.
   */
  readonly sampled?: number;
  /**
   * Samples in the window that were wrong.
   */
  readonly wrong?: number;
  readonly lastWrong?: MirrorStatusVerificationLastWrong;
};
/**
 * The latest wrong sample.
 */
export type MirrorStatusVerificationLastWrong = {
  /**
   * Path of the file in the tree.
   */
  readonly path?: string;
  /**
   * What was wrong with it.
   */
  readonly reason?: string;
  /**
   * When it was sampled.
   */
  readonly at?: string;
};
/**
 * A listing that lost too much to be believed at once. It is accepted if a second scan confirms it, or by the annotation geomirror.io/accept-held with this id.
 */
export type MirrorStatusHeld = {
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
