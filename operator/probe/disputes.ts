import { remoteHost } from '../network/remote-host.ts';
import type { ProbeFile } from './choose-files.ts';
import { strongest } from './source-digest.ts';

/** What a mirror's whole body came to, by the algorithm of the source's digest; undefined: no whole body of the right size came. */
export type Testimony = { readonly endpoint: string; readonly digest: string | undefined };

/** A testimony against the source, to be held against its mirror. */
export type Contradiction = {
  readonly uid: string;
  readonly file: ProbeFile;
  readonly endpoint: string;
  readonly digest: string;
};

/**
 * The digest that mirrors agree on against the source's, which is not to be believed for now: delivered from at least two hosts, and
 * from more than any other. Undefined: the source's is not disputed.
 *
 *     heard from different hosts            agreed on
 *     nobody, or nothing of use             nothing
 *     anybody with the source's digest      nothing: the others are wrong
 *     one host                              nothing: a mirror alone is wrong
 *     several, most with one other digest   that one: who has yet another is wrong
 *     several, as many with each            nothing
 */
export function agreedDigest(source: string, testimonies: Iterable<Testimony>): string | undefined {
  const hosts = new Map<string, Set<string>>();
  for (const { digest, endpoint } of testimonies) {
    if (digest === source) return undefined;
    if (digest !== undefined) hosts.set(digest, (hosts.get(digest) ?? new Set()).add(remoteHost(endpoint)));
  }
  const [most, second] = [...hosts].toSorted(([, a], [, b]) => b.size - a.size);
  return most !== undefined && most[1].size > Math.max(1, second?.[1].size ?? 0) ? most[0] : undefined;
}

/** How many files are disputed, and one of them. */
export type Disputed = { readonly files: number; readonly example: string };

export type DisputesDeps = {
  /** Somebody contradicts the source for the first time or anew: others that are due should be asked soon. */
  readonly onRaised: (file: ProbeFile, isDue: (uid: string) => boolean) => void;
  /** What was held against these mirrors for this file is not to be held against them any more. */
  readonly onBegun: (path: string, uids: readonly string[]) => void;
  /** What these mirrors delivered is wrong after all; without the one that was just heard. */
  readonly onEnded: (contradictions: readonly Contradiction[]) => void;
};

/** What the mirrors of one repository delivered lately, set against the source's digests. */
export type Disputes = {
  /** Takes the mirror's latest testimony on a file; tells whether it stands, since the source's digest is disputed now. */
  hear(uid: string, file: ProbeFile, testimony: Testimony): boolean;
  /** Files somebody contradicts the source on and nobody has confirmed since, which this mirror was not asked for since. */
  due(uid: string): readonly ProbeFile[];
  /** Forgets what the mirror delivered. */
  forget(uid: string): void;
  /** Forgets versions that the source has no more, by what it has under each path now. */
  follow(find: (path: string) => ProbeFile | undefined): void;
  disputed(): Disputed | undefined;
};

// Of each kind; those heard of longest ago are forgotten.
const mostCases = 2000;
/** Testimonies on one file: further mirrors have nothing to add. */
const mostHeard = 32;

type Heard = Testimony & { readonly at: number };

type Case = {
  readonly file: ProbeFile;
  /** The source's digest. */
  readonly source: string;
  readonly heard: Map<string, Heard>;
  /** When somebody contradicted the source last who had not done so before; 0: nobody has. */
  raisedAt: number;
  /** What mirrors agree on while the source's digest is disputed. */
  agreed: string | undefined;
};

/** Remembers at most a few thousand files, and of each what a few dozen mirrors delivered. */
export function createDisputes(deps: DisputesDeps): Disputes {
  const cases = createCases();
  let clock = 0;

  const judge = (each: Case, speaker?: string): void => {
    const before = each.agreed;
    const now = agreedDigest(each.source, each.heard.values());
    each.agreed = now;
    cases.keep(each);
    if (before === now) return;
    const others = contradictions(each).filter(({ uid }) => uid !== speaker);
    const condemned = others.filter(({ digest }) => digest === before);
    if (condemned.length > 0) deps.onEnded(condemned);
    const acquitted = others.filter(({ digest }) => digest === now).map(({ uid }) => uid);
    if (now !== undefined) deps.onBegun(each.file.path, acquitted);
  };

  return {
    hear(uid, file, testimony) {
      const each = cases.of(file);
      if (each === undefined || (testimony.digest === undefined && each.heard.size === 0)) return false;
      clock += 1;
      const raised = contradicts(each, testimony) && each.heard.get(uid)?.digest !== testimony.digest;
      if (raised) each.raisedAt = clock;
      enter(each, uid, { ...testimony, at: clock });
      judge(each, uid);
      if (raised) deps.onRaised(file, (other) => shouldAsk(each, other));
      return each.agreed !== undefined && (testimony.digest ?? each.agreed) === each.agreed;
    },
    due: (uid) => [...cases.open.values()].filter((each) => shouldAsk(each, uid)).map(({ file }) => file),
    forget(uid) {
      for (const each of [...cases.open.values(), ...cases.settled.values()]) {
        if (!each.heard.delete(uid)) continue;
        judge(each);
        if (each.heard.size === 0) cases.drop(each);
      }
    },
    follow(find) {
      for (const each of cases.open.values()) if (sourceOf(find(each.file.path)) !== each.source) cases.drop(each);
    },
    disputed() {
      const paths = [...cases.open.values()].filter(({ agreed }) => agreed !== undefined).map(({ file }) => file.path);
      const [example] = paths;
      return example === undefined ? undefined : { files: paths.length, example };
    },
  };
}

const contradicts = ({ source }: Case, { digest }: Testimony): boolean => digest !== undefined && digest !== source;

const confirms = ({ source }: Case, { digest }: Testimony): boolean => digest === source;

/** A mirror that confirmed the digest before may have another version by now. */
function isOpen(each: Case): boolean {
  const { heard, raisedAt } = each;
  const all = [...heard.values()];
  return all.some((told) => contradicts(each, told)) && !all.some((told) => confirms(each, told) && told.at > raisedAt);
}

function shouldAsk(each: Case, uid: string): boolean {
  const told = each.heard.get(uid);
  if (told === undefined) return each.heard.size < mostHeard;
  return confirms(each, told) && told.at < each.raisedAt;
}

function contradictions(each: Case): readonly Contradiction[] {
  const { file, heard } = each;
  return [...heard].flatMap(([uid, told]) => {
    const { endpoint, digest } = told;
    return digest !== undefined && contradicts(each, told) ? [{ uid, file, endpoint, digest }] : [];
  });
}

/** The latest comes last. A confirmation is what decides, so it goes last of all. */
function enter(each: Case, uid: string, told: Heard): void {
  const { heard } = each;
  heard.delete(uid);
  heard.set(uid, told);
  if (heard.size <= mostHeard) return;
  const uids = [...heard.keys()];
  const [dispensable] = [...heard].find(([, other]) => !confirms(each, other)) ?? uids;
  if (dispensable !== undefined) heard.delete(dispensable);
}

function sourceOf(file: ProbeFile | undefined): string | undefined {
  const known = file && strongest(file.digests);
  return known?.hex;
}

type Cases = {
  /** By path, the one heard of longest ago first. */
  readonly open: ReadonlyMap<string, Case>;
  readonly settled: ReadonlyMap<string, Case>;
  /** The case of this version, be it a new one; undefined for a file without a digest. */
  of(file: ProbeFile): Case | undefined;
  keep(each: Case): void;
  drop(each: Case): void;
};

function createCases(): Cases {
  const open = new Map<string, Case>();
  const settled = new Map<string, Case>();
  const drop = ({ file: { path } }: Case): void => {
    open.delete(path);
    settled.delete(path);
  };
  return {
    open,
    settled,
    of(file) {
      const source = sourceOf(file);
      const known = open.get(file.path) ?? settled.get(file.path);
      if (known?.source === source) return known;
      return source === undefined ? undefined : { file, source, heard: new Map(), raisedAt: 0, agreed: undefined };
    },
    keep(each) {
      drop(each);
      const among = isOpen(each) ? open : settled;
      among.set(each.file.path, each);
      const [oldest] = among.values();
      if (among.size > mostCases && oldest !== undefined) drop(oldest);
    },
    drop,
  };
}
