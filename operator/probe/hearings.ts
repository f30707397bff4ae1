import type { Logger } from 'pino';

import type { ProbeFile } from './choose-files.ts';
import { createDisputes, type Contradiction, type Disputed, type Disputes, type Testimony } from './disputes.ts';
import { answeringEndpoints, type Watched } from './watched-mirror.ts';
import { chooseWitnesses } from './witnesses.ts';

export type HearingsDeps = {
  readonly watched: ReadonlyMap<string, Watched>;
  readonly log: Logger;
  readonly random: () => number;
  /** Has a mirror asked soon for what is in doubt. */
  readonly summon: (uid: string) => void;
  /** Verdicts on a mirror were taken back, or passed after all. */
  readonly onChange: (uid: string) => void;
  /** What is disputed of a repository has changed. */
  readonly onDisputed: (slot: string) => void;
};

/** The disputes of all repositories, and what follows from them for the mirrors. */
export type Hearings = {
  hear(mirror: Party, file: ProbeFile, testimony: Testimony): boolean;
  due(mirror: Party): readonly ProbeFile[];
  forget(mirror: Party): void;
  /** Of one repository, after forgetting versions that its source has no more. */
  disputed(slot: string): Disputed | undefined;
};

export type Party = { readonly uid: string; readonly slot: string };

export function createHearings(deps: HearingsDeps): Hearings {
  const bySlot = new Map<string, Disputes>();
  const of = (slot: string): Disputes => {
    const known = bySlot.get(slot) ?? createDisputes(consequences(deps, slot));
    bySlot.set(slot, known);
    return known;
  };
  const telling = <Result>(slot: string, change: (disputes: Disputes) => Result): Result => {
    const disputes = of(slot);
    const before = disputes.disputed();
    const result = change(disputes);
    const after = disputes.disputed();
    if (before?.files === after?.files) return result;
    if (before === undefined) tell(deps, slot, after);
    if (after === undefined) deps.log.info({ repository: slot }, 'no digest of the source is disputed any more');
    deps.onDisputed(slot);
    return result;
  };
  return {
    hear: ({ uid, slot }, file, testimony) => telling(slot, (disputes) => disputes.hear(uid, file, testimony)),
    due: ({ uid, slot }) => of(slot).due(uid),
    forget({ uid, slot }) {
      telling(slot, (disputes) => disputes.forget(uid));
      if (partiesOf(deps, slot).length === 0) bySlot.delete(slot);
    },
    disputed(slot) {
      const [any] = partiesOf(deps, slot);
      const disputes = bySlot.get(slot);
      if (any !== undefined) disputes?.follow((path) => any.mirror.files.find(path));
      return disputes?.disputed();
    },
  };
}

function partiesOf({ watched }: HearingsDeps, slot: string): readonly Watched[] {
  return [...watched.values()].filter(({ mirror }) => mirror.slot === slot);
}

function tell({ log }: HearingsDeps, slot: string, disputed: Disputed | undefined): void {
  log.warn(
    { repository: slot, example: disputed?.example },
    "mirrors agree on other bytes than the source's digests tell; are its checksums right, and its index of now?",
  );
}

function consequences(deps: HearingsDeps, slot: string): Parameters<typeof createDisputes>[0] {
  const { watched, random, summon, onChange } = deps;
  return {
    onRaised({ path }, isDue) {
      const due = partiesOf(deps, slot).filter((each) => isDue(each.mirror.uid) && canTestify(each, path));
      for (const { mirror } of chooseWitnesses(due, random)) summon(mirror.uid);
    },
    onBegun(path, uids) {
      for (const uid of uids) {
        watched.get(uid)?.verification.acquit(path);
        onChange(uid);
      }
    },
    onEnded(contradictions: readonly Contradiction[]) {
      for (const each of contradictions) {
        watched.get(each.uid)?.verification.condemn(each);
        onChange(each.uid);
      }
    },
  };
}

function canTestify(each: Watched, path: string): boolean {
  const { verification, files } = each.mirror;
  return verification.window > 0 && answeringEndpoints(each).length > 0 && files.held(path) !== undefined;
}
