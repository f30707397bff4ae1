import type { Resources } from '../ports.ts';
import type { Mirror } from '../resources/mirror.ts';
import type { World } from '../world.ts';
import type { RepositoryState } from './state.ts';

const longestMs = 30 * 60_000;
const enoughShare = 0.9;

/**
 * Why nothing is published yet although the store is empty: redirectors that still serve a whole view must not swap it for a poor
 * one. Over once nine in ten of the mirrors with an earlier good scan (by their status) have been scanned again, or after 30 minutes.
 */
export function rebuildingMessage(
  deps: {
    readonly resources: Pick<Resources, 'mirrorStatus'>;
    readonly world: Pick<World, 'mirrors'>;
    readonly now: () => number;
  },
  state: Pick<RepositoryState, 'startedAt'>,
  mirrors: readonly Mirror[],
): string | undefined {
  if (deps.now() - state.startedAt >= longestMs) return undefined;
  const earlier = mirrors.filter(({ metadata }) => deps.resources.mirrorStatus(metadata.uid)?.inventory !== undefined);
  const again = earlier.filter(({ metadata }) => deps.world.mirrors.get(metadata.uid)?.inventory !== undefined);
  if (again.length >= earlier.length * enoughShare) return undefined;
  return `the store was empty: ${again.length} of ${earlier.length} mirrors are scanned again, publishing waits for nine in ten of them or 30 minutes`;
}
