import { StoreFailure } from '@geomirror/catalog/store/failure.ts';
import type { Logger } from 'pino';
import { PagesLost } from '../publish/deliver.ts';
import { profileOf } from '../mirror/record.ts';
import type { Resources } from '../ports.ts';
import type { Mirror } from '../resources/mirror.ts';
import type { Repository } from '../resources/repository.ts';
import type { Wake } from '../wake.ts';
import { findRepository, mirrorsOf, type World } from '../world.ts';
import { policyOf } from './policy.ts';
import { rebuildingMessage } from './rebuilding.ts';
import type { Publication, RepositoryState } from './state.ts';

export type PublicationDeps = {
  readonly resources: Resources;
  readonly world: World;
  readonly wake: Wake;
  readonly log: Logger;
  readonly now: () => number;
  /** The slot has a leader with a higher token: this process must stop writing. */
  readonly onFenced: () => void;
};

const orphanGraceMs = 10 * 60_000;
const retryMs = 2000;
const quietMs = 5 * 60_000;

/** Publishes what changed of one repository, and now and then cleans up. Resolves to the milliseconds until the next visit. */
export async function publishRepository(deps: PublicationDeps, uid: string): Promise<number | undefined> {
  const state = deps.world.repositories.get(uid);
  const repository = state && findRepository(deps.resources, state.slot);
  if (state === undefined || repository?.metadata.uid !== uid || state.indexedAt === undefined) return undefined;
  const before = state.publication;
  const request = state.scannedPublishRequest;
  state.publication = await publish(deps, repository, state);
  if (state.publication.kind === 'Published') noticePublished(deps, state, request);
  if (tellingOf(state.publication) !== tellingOf(before)) deps.wake.repository(state.slot);
  return state.publication.kind === 'Published' ? quietMs : retryMs;
}

/** Health may lift now what waited for this publication; a publish request is handled. */
function noticePublished({ wake }: PublicationDeps, state: RepositoryState, request: string | undefined): void {
  wake.health(state.uid);
  if (request === state.handledPublishRequest) return;
  state.handledPublishRequest = request;
  wake.repository(state.slot);
}

const tellingOf = (publication: Publication): string =>
  `${publication.kind} ${publication.kind === 'Published' ? publication.revision : ''}`;

async function publish(deps: PublicationDeps, repository: Repository, state: RepositoryState): Promise<Publication> {
  const at = deps.now();
  const mirrors = mirrorsOf(deps.resources, repository).filter(({ spec }) => spec.mode !== 'Disabled');
  // After a start every mirror has to be known again first, or the first publication would drop those that are not.
  const isKnown = mirrors.every(({ metadata }) => deps.world.mirrors.has(metadata.uid));
  if (state.publication.kind === 'None' && !isKnown) return { kind: 'None' };
  const rebuilding = state.publisher.revision > 0 ? undefined : rebuildingMessage(deps, state, mirrors);
  if (rebuilding !== undefined) return { kind: 'Rebuilding', message: rebuilding };
  try {
    while (await state.ledger.compact());
    const written = { policy: policyOf(repository), mirrors: profilesOf(deps.world, mirrors) };
    if ((await state.publisher.publish(written)) === 'Fenced') {
      deps.onFenced();
      return { kind: 'Fenced' };
    }
    await state.publisher.answerMissingReports();
    await cleanUp(deps, state);
    return { kind: 'Published', revision: state.publisher.revision, at };
  } catch (error) {
    if (!(error instanceof StoreFailure || error instanceof PagesLost)) throw error;
    deps.log.warn({ repository: state.slot, message: error.message }, 'cannot publish');
    return { kind: 'Failed', message: error.message };
  }
}

function profilesOf(world: World, mirrors: readonly Mirror[]): ReturnType<typeof profileOf>[] {
  return mirrors.flatMap((mirror) => {
    const state = world.mirrors.get(mirror.metadata.uid);
    return state === undefined ? [] : [profileOf(mirror, state)];
  });
}

async function cleanUp({ now }: PublicationDeps, state: RepositoryState): Promise<void> {
  if (now() - state.cleanedAt < quietMs) return;
  await state.publisher.cleanUp(orphanGraceMs);
  state.cleanedAt = now();
}
