import { isDeepStrictEqual } from 'node:util';
import type { Manifest, MirrorRecord, Slot } from '@geomirror/catalog/manifest.ts';
import type { PageName } from '@geomirror/catalog/page-name.ts';
import type { Policy } from '@geomirror/catalog/policy.ts';
import type { CatalogReader, CatalogWriter, WriteOutcome } from '@geomirror/catalog/store/store.ts';
import { createCleaner } from './clean-up.ts';
import type { ColumnRecord, Edition } from './edition.ts';
import { createTurns, type Ledger } from './ledger.ts';
import { deliver, type Delivery, putPages } from './deliver.ts';

/** What resources say of a mirror; its column comes from the ledger. */
export type PublishedMirror = Omit<MirrorRecord, keyof ColumnRecord>;

export type Publication = { readonly policy: Policy; readonly mirrors: readonly PublishedMirror[] };

export type PublisherDeps = {
  readonly writer: CatalogWriter & Pick<CatalogReader, 'revision'>;
  readonly ledger: Ledger;
  readonly slot: Slot;
  /** UID of the Repository. */
  readonly uid: string;
  /** The leader's. */
  readonly token: number;
  /** The revision published so far, 0 if none: the next is one higher. */
  readonly revision: number;
  /** Unix ms. */
  readonly now: () => number;
};

/** The only writer of one repository's slot. Its steps run one after the other; each may throw StoreFailure and can be tried again. */
export type Publisher = {
  /** The revision published last. */
  readonly revision: number;
  /**
   * Publishes the ledger as it is when its turn comes, unless the store has just that already. Calls that wait for the same turn
   * become one, and the last one counts.
   */
  publish(publication: Publication): Promise<WriteOutcome>;
  /** Deletes pages that no list has named for `graceMs`. `Outrun`: someone else has published; nothing more was deleted. */
  cleanUp(graceMs: number): Promise<WriteOutcome | 'Outrun'>;
  /** Writes again what readers reported missing. */
  answerMissingReports(): Promise<WriteOutcome>;
};

export function createPublisher(deps: PublisherDeps): Publisher {
  const inTurn = createTurns();
  const delivery: Delivery = { writer: deps.writer, slot: deps.slot, token: deps.token, stored: new Set() };
  const cleaner = createCleaner(delivery, deps.now);
  let tried = deps.revision;
  let published: Published = { revision: deps.revision };
  let next: Publication | undefined;
  let nextOutcome: Promise<WriteOutcome> | undefined;

  const publishNext = async (): Promise<WriteOutcome> => {
    const publication = next;
    next = nextOutcome = undefined;
    if (publication === undefined) return 'Done';
    const edition = await deps.ledger.edition();
    if (await isPublished(deps, manifestOf(deps, { edition, publication, revision: published.revision }), published))
      return 'Done';
    // A try whose answer was lost may have been published: its revision is not used again.
    const revision = ++tried;
    const manifest = manifestOf(deps, { edition, publication, revision });
    const outcome = await deliver(delivery, edition, manifest);
    if (outcome === 'Done') published = { revision, edition, manifest };
    return outcome;
  };

  return {
    get revision() {
      return published.revision;
    },
    publish(publication) {
      next = publication;
      nextOutcome ??= inTurn(publishNext);
      return nextOutcome;
    },
    cleanUp: (graceMs) =>
      inTurn(async () => (published.edition ? cleaner.run(published.edition, published.revision, graceMs) : 'Done')),
    answerMissingReports: () => inTurn(() => answerMissing(delivery, published.edition)),
  };
}

type Published = { readonly revision: number; readonly edition?: Edition; readonly manifest?: Manifest };

/** Whether the manifest says what the last one said, and the store has not lost or forgotten that one. */
async function isPublished({ writer, slot }: PublisherDeps, manifest: Manifest, last: Published): Promise<boolean> {
  if (last.manifest === undefined) return false;
  if (!isDeepStrictEqual({ ...manifest, publishedAt: last.manifest.publishedAt }, last.manifest)) return false;
  return (await writer.revision(slot)) === last.revision;
}

type Parts = { readonly edition: Edition; readonly publication: Publication; readonly revision: number };

const noColumn: ColumnRecord = { column: null, growing: '', exceptions: null };

function manifestOf({ uid, now }: PublisherDeps, { edition, publication, revision }: Parts): Manifest {
  return {
    schema: 1,
    uid,
    revision,
    publishedAt: now(),
    policy: publication.policy,
    ...edition.record,
    mirrors: publication.mirrors.map((mirror) => ({ ...mirror, ...(edition.columns.get(mirror.uid) ?? noColumn) })),
  };
}

async function answerMissing(delivery: Delivery, edition: Edition | undefined): Promise<WriteOutcome> {
  const names = await delivery.writer.takeMissingReports(delivery.slot);
  if (edition === undefined) return 'Done';
  const ours = names.filter((name) => edition.bytes(name) !== undefined);
  const written = await putPages(delivery, edition, ours);
  if (written === 'Fenced') return written;
  return putLists(delivery, edition, names);
}

async function putLists(
  { writer, slot, token }: Delivery,
  edition: Edition,
  names: readonly PageName[],
): Promise<WriteOutcome> {
  for (const name of names) {
    const list = edition.lists.get(name);
    if (list === undefined) continue;
    // What the list names was not reported, so it need not be checked again.
    const outcome = await writer.putList(slot, token, { ...list, names: [] });
    if (outcome === 'Fenced') return outcome;
  }
  return 'Done';
}
