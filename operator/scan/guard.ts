import { lostPercent, similarLoss, type Loss } from './loss.ts';

/** Why a listing is not believed, and how it would be: in words for the condition's message. */
export type Held = { readonly id: string; readonly removed: number; readonly message: string };

/** What the guard of CRD field `scanGuard` says of a listing. */
export type Verdict = { readonly kind: 'Accept' } | { readonly kind: 'Hold'; readonly held: Held };

const accept: Verdict = { kind: 'Accept' };

/** What a source's listing comes to. */
export type SourceListing = {
  readonly loss: Loss;
  /** Files of the source by this listing. */
  readonly files: number;
  /** No listing before it had a file either. */
  readonly isFirst: boolean;
};

/** The id of an empty source that never had a file: there is no loss to be named by. */
const emptyId = 'empty';

/**
 * A source that is empty or loses more than the limit is never believed by itself: a false loss and a true loss look alike, and
 * the first listing of an empty source looks like a wrong address. `accepted` is the id that a person accepted by annotation.
 */
export function guardSource(
  { loss, files, isFirst }: SourceListing,
  maxRemovedPercent: number,
  accepted: string | undefined,
): Verdict {
  if (isFirst && files === 0 && accepted !== emptyId) return holdEmpty;
  if (loss.lost === 0 || loss.id === accepted) return accept;
  const emptied = loss.lost === loss.had;
  if (!emptied && lostPercent(loss) <= maxRemovedPercent) return accept;
  return hold(loss, `annotate with geomirror.io/accept-held=${loss.id} if that is right`);
}

/**
 * A mirror that loses as much is scanned again after a minute, and believed if that scan is complete, not empty and loses about
 * the same.
 */
export function guardMirror(loss: Loss, maxRemovedPercent: number, before: MirrorDoubt): Verdict {
  if (loss.lost === 0 || loss.id === before.accepted || lostPercent(loss) <= maxRemovedPercent) return accept;
  const emptied = loss.lost === loss.had;
  if (!emptied && before.complete && before.doubted !== undefined && similarLoss(loss, before.doubted)) return accept;
  return hold(
    loss,
    emptied
      ? `annotate with geomirror.io/accept-held=${loss.id} if that is right`
      : 'it is scanned again in a minute and believed if it shows about the same',
  );
}

/** What is known when a second listing comes in. */
export type MirrorDoubt = {
  readonly accepted: string | undefined;
  /** The loss that the scan just before this one showed, if it was held. */
  readonly doubted: Loss | undefined;
  /** This listing is complete. */
  readonly complete: boolean;
};

const holdEmpty: Verdict = {
  kind: 'Hold',
  held: {
    id: emptyId,
    removed: 0,
    message:
      'the listing has no files; see whether spec.source names the root of the tree, and whether include and exclude leave anything. ' +
      `If the source is empty for now, it is looked at again; annotate with geomirror.io/accept-held=${emptyId} to start without files`,
  },
};

function hold(loss: Loss, cure: string): Verdict {
  const message = `the listing lacks ${loss.lost} of ${loss.had} files; ${cure}`;
  return { kind: 'Hold', held: { id: loss.id, removed: loss.lost, message } };
}
