import { availability, type Availability } from '@geomirror/catalog/file.ts';
import type { Outside, Resources } from './ports.ts';
import { createProber, proberDefaults, type Prober } from './probe/prober.ts';
import type { ProbedMirror } from './probe/watched-mirror.ts';
import { sampleVerdict } from './repository/health.ts';
import { heldFiles, probedFallbacks, probedMirror, type RecentlyAsked } from './repository/probed.ts';
import type { Wake } from './wake.ts';
import { findRepository, repositoryKeyOf, type World } from './world.ts';

export type ProbingDeps = Outside & {
  readonly resources: Resources;
  readonly world: World;
  readonly wake: Wake;
  readonly recentlyAsked: RecentlyAsked;
  readonly canaries: readonly URL[];
};

/** The prober, and what its findings set in motion. */
export type Probing = {
  readonly prober: Prober;
  /** Tells the prober which mirrors and fallbacks there are now. */
  readonly renew: () => void;
  /** Why verdicts are held, for a condition; undefined: they are not. */
  readonly heldMessage: () => string | undefined;
};

export function createProbing(deps: ProbingDeps): Probing {
  const { world, wake } = deps;
  const prober = createProber(
    {
      ...deps,
      onChange(uid) {
        const mirror = world.mirrors.get(uid);
        // A fallback's UID begins with its Repository's.
        if (mirror === undefined) wake.health(uid.split('/')[0] ?? '');
        else wake.mirror(mirror.key);
      },
      onWrongFile(uid, path, reason) {
        deps.log.warn({ mirror: world.mirrors.get(uid)?.key, path, reason }, 'mirror serves a wrong file');
        enterVerdict(deps, { uid, path, verdict: availability.WrongSize });
      },
      onCleanFile: (uid, path) => enterVerdict(deps, { uid, path, verdict: availability.Current }),
      onForgottenFile: (uid, path) => world.mirrors.get(uid)?.foundWrong.delete(path),
      onDisputed: (slot) => wake.repository(slot),
      onHold: () => world.repositories.forEach(({ slot }) => wake.repository(slot)),
    },
    { ...proberDefaults, canaries: deps.canaries },
  );
  return {
    prober,
    renew: () => prober.set([...probedMirrors(deps), ...everyFallback(deps)]),
    heldMessage: () => heldMessage(prober),
  };
}

type Verdict = { readonly uid: string; readonly path: string; readonly verdict: Availability };

/** A single file found wrong, or right again, goes into the mirror's column at once. */
function enterVerdict({ world, wake, log }: ProbingDeps, { uid, path, verdict }: Verdict): void {
  const mirror = world.mirrors.get(uid);
  const repository = mirror && world.repositories.get(mirror.repositoryUid);
  if (mirror === undefined || repository === undefined) return;
  if (verdict === availability.Current) mirror.foundWrong.delete(path);
  else mirror.foundWrong.add(path);
  wake.mirror(mirror.key);
  const number = repository.ledger.table.find(path);
  if (number === -1) return;
  repository.ledger.setBits(uid, [[number, verdict]]).then(
    () => wake.publication(repository.uid),
    (error: unknown) => log.error({ mirror: mirror.key, err: error }, 'a verdict was lost'),
  );
}

function probedMirrors({ resources, world, recentlyAsked }: ProbingDeps): ProbedMirror[] {
  return resources.mirrors().flatMap((mirror) => {
    const repository = findRepository(resources, repositoryKeyOf(mirror));
    if (repository === undefined || !world.mirrors.has(mirror.metadata.uid)) return [];
    const state = world.repositories.get(repository.metadata.uid);
    if (state === undefined) return [];
    const { uid } = mirror.metadata;
    const withheldBefore = sampleVerdict(state.health?.mirrors[uid]);
    return [{ ...probedMirror(mirror, repository, heldFiles(state, uid, recentlyAsked)), withheldBefore }];
  });
}

function everyFallback({ resources, world }: ProbingDeps): ProbedMirror[] {
  return resources.repositories().flatMap((repository) => {
    const state = world.repositories.get(repository.metadata.uid);
    return state === undefined ? [] : probedFallbacks(repository, state);
  });
}

function heldMessage(prober: Prober): string | undefined {
  const hold = prober.hold();
  if (hold === undefined) return undefined;
  const until = new Date(hold.until).toISOString();
  return `more than half of the mirrors began to fail at once, so our own network is suspected; verdicts wait until ${until} at the latest`;
}
