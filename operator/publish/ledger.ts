import type { Column } from '@geomirror/catalog/column.ts';
import type { Availability, FileVersion } from '@geomirror/catalog/file.ts';
import { createLinks, type Links } from '@geomirror/catalog/links.ts';
import { type Pace, paced } from '@geomirror/catalog/pace.ts';
import type { Attributes } from '@geomirror/catalog/pages/attributes.ts';
import type { OwnVersion } from '@geomirror/catalog/pages/exceptions.ts';
import type { Link } from '@geomirror/catalog/pages/links.ts';
import type { Pages } from '@geomirror/catalog/store/store.ts';
import { editTable, emptyTable } from '@geomirror/catalog/table-edit.ts';
import type { Table } from '@geomirror/catalog/table.ts';
import type { CatalogView } from '@geomirror/catalog/view.ts';
import { applySource, type SourceChange, type SourceRules } from './apply-source.ts';
import { compact, expire } from './compact.ts';
import { createEdition, type Edition } from './edition.ts';
import { eachPaced, isSameVersion, type LedgerState } from './ledger-state.ts';
import { restore } from './restore.ts';
import { mirrorOf, setColumn } from './set-column.ts';
import { setLinks } from './set-links.ts';

/**
 * The operator's working state of one repository, in memory alone. Changes run one after the other, in slices that leave
 * the event loop free; what is read in between is the state before, as a whole.
 */
export type Ledger = {
  readonly table: Table;
  readonly links: Links;
  /** Live bits; undefined for a mirror never entered. */
  column(mirrorUid: string): Column | undefined;
  /** What the mirror's last scan found under that path, where it differs from the source or the source had nothing. */
  ownVersion(mirrorUid: string, path: string): OwnVersion | undefined;
  /** The version before a number in grace. */
  previous(number: number): Attributes | undefined;
  inGrace(number: number, now: number): boolean;
  /** Whether the live number left the source and is only kept reachable for a while. */
  isRetained(number: number): boolean;
  /** All such numbers. */
  retained(): Iterable<number>;
  /** Enters a change of the source; see apply-source.ts. */
  applySource(change: SourceChange, rules: SourceRules): Promise<void>;
  /** Adds digests to live files of the same path, size and time. */
  setDigests(files: readonly FileVersion[]): Promise<void>;
  /** As setDigests, also where another digest was known: that one was wrong. */
  correctDigests(files: readonly FileVersion[]): Promise<void>;
  setLinks(links: readonly Link[]): Promise<void>;
  /** Enters a scan's outcome, given for the numbers of `table`, which may be older than the ledger's. */
  setColumn(mirrorUid: string, table: Table, column: Column, exceptions: readonly OwnVersion[]): Promise<void>;
  /** Enters single verdicts, by live numbers of the ledger's table at the time of the call. */
  setBits(mirrorUid: string, verdicts: Iterable<readonly [number, Availability]>): Promise<void>;
  forget(mirrorUid: string): Promise<void>;
  /** Ends what is over at `now` (Unix ms); tells whether anything was. */
  expire(now: number): Promise<boolean>;
  /** Empties some pages that are over half dead; tells whether there were any. */
  compact(): Promise<boolean>;
  /** Becomes a published state; `pages` are those of `operatorPages`, as far as they were found. */
  restore(view: CatalogView, pages: Pages): Promise<void>;
  /** What is to be published now. */
  edition(): Promise<Edition>;
};

/** An empty ledger; `pause` is awaited between slices of about 4 ms. */
export function createLedger(deps: { readonly pause?: () => Promise<void> } = {}): Ledger {
  const state: LedgerState = {
    table: emptyTable(),
    links: createLinks([]),
    linksPage: undefined,
    grace: new Map(),
    graceRecord: undefined,
    retained: new Map(),
    mirrors: new Map(),
    matches: () => false,
  };
  const inTurn = createTurns();
  const run = <Result>(work: (pace: Pace) => Result | Promise<Result>) => inTurn(async () => work(paced(deps.pause)));
  return {
    get table() {
      return state.table;
    },
    get links() {
      return state.links;
    },
    column: (uid) => state.mirrors.get(uid)?.column,
    ownVersion: (uid, path) => state.mirrors.get(uid)?.own?.find(path),
    previous: (number) => state.grace.get(number)?.previous,
    inGrace: (number, now) => now < (state.grace.get(number)?.until ?? -Infinity),
    isRetained: (number) => state.retained.has(number),
    retained: () => state.retained.keys(),
    applySource: (change, rules) => run((pace) => applySource(state, change, rules, pace)),
    setDigests: (files) => run((pace) => setDigests(state, files, { isSame: isSameVersion, pace })),
    correctDigests: (files) => run((pace) => setDigests(state, files, { isSame: isSameButDigests, pace })),
    setLinks: (links) => run((pace) => setLinks(state, links, pace)),
    setColumn: (uid, table, column, exceptions) =>
      run((pace) => setColumn(state, uid, { table, column, exceptions }, pace)),
    setBits(uid, verdicts) {
      const { table } = state;
      return run(() => setBits(state, uid, { table, verdicts }));
    },
    forget: (uid) => run(() => void state.mirrors.delete(uid)),
    expire: (now) => run((pace) => expire(state, now, pace)),
    compact: () => run((pace) => compact(state, pace)),
    restore: (view, pages) => run((pace) => restore(state, view, pages, pace)),
    edition: () => run((pace) => createEdition(state, pace)),
  };
}

/** Runs one piece of work after the other, whatever became of the one before. */
export function createTurns(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}

type Setting = { readonly isSame: typeof isSameVersion; readonly pace: Pace };

const isSameButDigests: typeof isSameVersion = (known, file) => isSameVersion({ ...known, digests: {} }, file);

async function setDigests(state: LedgerState, files: readonly FileVersion[], { isSame, pace }: Setting): Promise<void> {
  const edit = editTable(state.table);
  await eachPaced(files, pace, (file) => {
    const number = state.table.find(file.path);
    const known = state.table.file(number);
    if (known === undefined || !isSame(known, file)) return;
    edit.setDigests(number, { ...known.digests, ...file.digests });
  });
  state.table = await edit.finish(pace);
}

type Verdicts = { readonly table: Table; readonly verdicts: Iterable<readonly [number, Availability]> };

/** A verdict speaks of the version it was made for: it follows a file that was moved and is dropped for one that changed. */
function setBits(state: LedgerState, uid: string, { table, verdicts }: Verdicts): void {
  const { column } = mirrorOf(state, uid);
  for (const [number, value] of verdicts) {
    const judged = table.isLive(number) ? table.file(number) : undefined;
    if (judged === undefined) continue;
    const now = state.table.find(judged.path);
    const current = state.table.file(now);
    if (current !== undefined && isSameVersion(current, judged)) column.set(now, value);
  }
}
