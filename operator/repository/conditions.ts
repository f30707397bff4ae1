import { isFalse, isTrue, isUnknown, timestamp, type Finding } from '../conditions.ts';
import type { Disputed } from '../probe/disputes.ts';
import type { RepositoryState } from './state.ts';

/** Everything that a Repository's conditions follow from. */
export type RepositoryFacts = {
  readonly state: RepositoryState;
  /** Key of an older Repository with the same host and prefix. */
  readonly conflict: string | undefined;
  /** Health verdicts are held because too many mirrors failed at once; why. */
  readonly healthHeld: string | undefined;
  /** Files on which mirrors agree against the source's digests. */
  readonly disputed: Disputed | undefined;
  readonly now: number;
};

/** The conditions of a Repository, in the order in which people read them. `Ready` is computed from the others. */
export function repositoryFindings(facts: RepositoryFacts): Finding[] {
  const parts = [indexed(facts), published(facts.state)];
  const { indexes, indexedAt } = facts.state;
  const passing = [
    ...(facts.healthHeld === undefined ? [] : [isTrue('HealthHeld', 'MassFailure', facts.healthHeld)]),
    ...(facts.disputed === undefined
      ? []
      : [isTrue('DigestsDisputed', 'MirrorsAgree', disputedMessage(facts.disputed))]),
    ...(facts.conflict === undefined ? [] : [isTrue('Stalled', 'HostConflict', hostConflict(facts.conflict))]),
    ...(facts.conflict === undefined && indexes.running && indexedAt === undefined
      ? [isTrue('Reconciling', 'Indexing', 'the first index is under way')]
      : []),
  ];
  return [ready(facts, parts), ...parts, ...passing];
}

function ready({ conflict }: RepositoryFacts, parts: readonly Finding[]): Finding {
  if (conflict !== undefined) return isFalse('Ready', 'HostConflict', hostConflict(conflict));
  const publication = parts.find(({ type }) => type === 'Published');
  const index = parts.find(({ type }) => type === 'SourceIndexed');
  if (publication?.status !== 'True') {
    const blocking = index?.status === 'True' ? publication : index;
    return isFalse('Ready', blocking?.reason ?? 'NotIndexed', blocking?.message ?? '');
  }
  return isTrue('Ready', 'Serving', publication.message);
}

function disputedMessage({ files, example }: Disputed): string {
  const which = files === 1 ? `the file ${example}` : `${files} files, such as ${example}`;
  return (
    `mirrors on different hosts deliver the same bytes of ${which}, but with another digest than the source tells, and no mirror ` +
    "confirms the source's. Clients are sent there as before, and digests of these files are not used to judge mirrors. " +
    'If the published checksums are wrong, publish the right ones; ' +
    'if the source is newer than its index, have it indexed again (annotation geomirror.io/scan-requested-at)'
  );
}

const hostConflict = (older: string): string =>
  `the older Repository ${older} answers for the same host and pathPrefix; give one of them another host or pathPrefix`;

function indexed({ state }: RepositoryFacts): Finding {
  const { last } = state.indexes;
  if (last === undefined) return isUnknown('SourceIndexed', 'NotIndexed', 'not indexed yet');
  const age =
    state.indexedAt === undefined ? 'none was accepted yet' : `the index in use is of ${timestamp(state.indexedAt)}`;
  if (last.outcome === 'Failed') return isFalse('SourceIndexed', last.reason ?? 'Failed', `${last.message}; ${age}`);
  if (last.outcome === 'Held') return isFalse('SourceIndexed', 'Held', `${last.message}; ${age}`);
  return isTrue('SourceIndexed', last.outcome, last.message);
}

function published({ publication }: RepositoryState): Finding {
  switch (publication.kind) {
    case 'None':
      return isUnknown('Published', 'NotPublished', 'nothing was published yet');
    case 'Published':
      return isTrue('Published', 'Published', `revision ${publication.revision} is what redirectors answer from`);
    case 'Failed':
      return isFalse('Published', 'StoreUnavailable', publication.message);
    case 'Fenced':
      return isFalse('Published', 'Fenced', 'another operator has taken over; this one has stopped writing');
    case 'Rebuilding':
      return isFalse('Published', 'Rebuilding', publication.message);
  }
}
