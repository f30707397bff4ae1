import { createColumnBits } from '@geomirror/catalog/column.ts';
import { availability, type Availability, type FileVersion } from '@geomirror/catalog/file.ts';
import type { Health } from '@geomirror/catalog/health.ts';
import type { Slot } from '@geomirror/catalog/manifest.ts';
import { createMemoryStore } from '@geomirror/catalog/store/memory.ts';
import type { CatalogStore } from '@geomirror/catalog/store/store.ts';
import { loadView, type CatalogView } from '@geomirror/catalog/view.ts';
import { pino } from 'pino';
import { newMirrorState, type MirrorState } from '../../mirror/state.ts';
import type { MirrorProbeState } from '../../probe/watched-mirror.ts';
import type { Mirror } from '../../resources/mirror.ts';
import type { Repository } from '../../resources/repository.ts';
import { sampleFile, sampleRepository, sampleResources, type SampleResources } from '../../samples.ts';
import type { Wake } from '../../wake.ts';
import { createWorld, keyOf, type World } from '../../world.ts';
import { createAdoption, type Adoption } from '../adopt.ts';
import { publishHealth } from '../health.ts';
import { publishRepository } from '../publication.ts';
import type { RepositoryState } from '../state.ts';

/** For tests: one operator's view of one repository, on a real store in memory, with a clock that stands still. */
export type RepositoryWorld = {
  readonly resources: SampleResources;
  readonly world: World;
  readonly store: CatalogStore;
  readonly adoption: Adoption;
  readonly state: RepositoryState;
  readonly clock: { now: number };
  /** What probes say, by UID of the mirror. */
  readonly probed: Map<string, MirrorProbeState>;
  /** Everything that was woken, as `kind key`. */
  readonly woken: string[];
  /** How often this operator was told that it is fenced. */
  readonly fences: { count: number };
  readonly enter: (change: SampleChange) => Promise<void>;
  /** A Mirror as it is after a scan that found these bits. */
  readonly scanned: (mirror: Mirror, bits: Readonly<Record<string, Availability>>) => Promise<MirrorState>;
  readonly publish: () => Promise<number | undefined>;
  readonly writeHealth: () => Promise<number | undefined>;
  /** What a redirector would load. */
  readonly view: () => Promise<CatalogView>;
  readonly health: () => Promise<Health | undefined>;
};

type SampleChange = {
  readonly added?: readonly FileVersion[];
  readonly changed?: readonly FileVersion[];
  /** Paths. */
  readonly removed?: readonly string[];
};

export type RepositoryWorldOptions = {
  readonly repository?: Repository;
  readonly resources?: SampleResources;
  readonly store?: CatalogStore;
  readonly token?: number;
  readonly clock?: { now: number };
};

const sampleNow = Date.UTC(2026, 10, 23);

export async function repositoryWorld(options: RepositoryWorldOptions = {}): Promise<RepositoryWorld> {
  const { repository = sampleRepository(), store = createMemoryStore(), token = 5 } = options;
  const { clock = { now: sampleNow } } = options;
  const resources = options.resources ?? sampleResources([repository], []);
  const world = createWorld();
  const probed = new Map<string, MirrorProbeState>();
  const woken: string[] = [];
  const fences = { count: 0 };
  const now = (): number => clock.now;
  const log = pino({ level: 'silent' });
  const adoption = createAdoption({ store, token, now, log });
  const state = await adoption.adopt(repository);
  world.repositories.set(state.uid, state);
  const deps = {
    resources,
    world,
    store,
    token,
    log,
    now,
    wake: wakeInto(woken),
    prober: { state: (uid: string) => probed.get(uid) },
    onFenced: () => void (fences.count += 1),
  };
  return {
    resources,
    world,
    store,
    adoption,
    state,
    clock,
    probed,
    woken,
    fences,
    enter: (change) => enterChange(state, change, now()),
    async scanned(mirror, bits) {
      const { uid } = mirror.metadata;
      const mirrorState = newMirrorState({ uid, key: keyOf(mirror), repositoryUid: state.uid });
      world.mirrors.set(uid, mirrorState);
      await enterScan(state, mirrorState, bits, now());
      return mirrorState;
    },
    publish: () => publishRepository(deps, state.uid),
    writeHealth: () => publishHealth(deps, state.uid),
    view: () => viewOf(store, state.slot),
    health: () => store.health(state.slot),
  };
}

async function enterChange(
  state: RepositoryState,
  { added = [], changed = [], removed = [] }: SampleChange,
  now: number,
): Promise<void> {
  const numbers = removed.map((path) => state.ledger.table.find(path));
  const rules = { now, graceMs: () => 3_600_000, retainMs: 3_600_000, matches: () => false };
  await state.ledger.applySource({ added, changed, removed: numbers }, rules);
  state.indexedAt = now;
}

async function viewOf(store: CatalogStore, slot: Slot): Promise<CatalogView> {
  const manifest = await store.manifest(slot);
  if (manifest === undefined) throw new Error('nothing is published');
  return loadView({ fetchPages: (names) => store.pages(slot, names) }, manifest);
}

function wakeInto(woken: string[]): Wake {
  const note = (kind: string) => (key: string) => void woken.push(`${kind} ${key}`);
  return {
    repository: note('repository'),
    mirror: note('mirror'),
    publication: note('publication'),
    health: note('health'),
    probes: () => void woken.push('probes'),
  };
}

async function enterScan(
  { ledger }: RepositoryState,
  mirror: MirrorState,
  bits: Readonly<Record<string, Availability>>,
  scannedAt: number,
): Promise<void> {
  const { table } = ledger;
  const column = createColumnBits();
  for (const [path, value] of Object.entries(bits)) column.set(table.find(path), value);
  await ledger.setColumn(mirror.uid, table, column, []);
  const count = (wanted: Availability): number => [...table.live()].filter((at) => column.get(at) === wanted).length;
  mirror.inventory = {
    files: Object.keys(bits).length,
    current: count(availability.Current),
    outdated: count(availability.Outdated),
    wrongSize: count(availability.WrongSize),
    missing: count(availability.Absent),
    scannedAt,
    protocol: 'rsync',
    times: { offsetSeconds: 0, keepsTimes: true },
  };
}

/** For tests: files by their paths. */
export const sampleFiles = (...paths: readonly string[]): FileVersion[] => paths.map((path) => sampleFile({ path }));

/** For tests: a store through which one sees what is written. */
export function watchedStore(store: CatalogStore): { readonly store: CatalogStore; readonly writes: string[] } {
  const writes: string[] = [];
  return {
    writes,
    store: {
      ...store,
      putPages: (slot, token, pages) => (writes.push('pages'), store.putPages(slot, token, pages)),
      putList: (slot, token, list) => (writes.push('list'), store.putList(slot, token, list)),
      publish: (slot, token, manifest, lists) => (writes.push('manifest'), store.publish(slot, token, manifest, lists)),
      writeHealth: (slot, token, health) => (writes.push('health'), store.writeHealth(slot, token, health)),
      deletePages: (slot, token, revision, names) => (
        writes.push('delete'),
        store.deletePages(slot, token, revision, names)
      ),
      remove: (slot, token) => (writes.push('remove'), store.remove(slot, token)),
    },
  };
}
