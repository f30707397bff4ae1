/** What a mirror's last probes say. */
export type Heard = {
  readonly up: boolean;
  /** Unix ms of the last change of `up`. */
  readonly since: number;
  /** No endpoint of it was reached by its last probe. */
  readonly failing: boolean;
  /** Unix ms of the last probe. */
  readonly heardAt: number;
};

const fewest = 3;

/**
 * Whether so much fails at once that our own network is the likelier culprit: of the mirrors that were up at `from` (Unix ms)
 * and were heard of since then, more than half fail, and at least three.
 */
export function isMassFailure(mirrors: Iterable<Heard>, from: number): boolean {
  let heard = 0;
  let failing = 0;
  for (const mirror of mirrors) {
    const wasUp = mirror.up || mirror.since >= from;
    if (!wasUp || mirror.heardAt < from) continue;
    heard += 1;
    if (mirror.failing) failing += 1;
  }
  return failing >= fewest && failing * 2 > heard;
}

/** Whether anything else of the world answers; Unknown where nobody was asked. */
export type Canaries = 'Alive' | 'Dead' | 'Unknown';

/** Where we are with a mass failure that began at `from`; Released: verdicts are applied although it goes on. */
export type Episode =
  | { readonly kind: 'Calm' }
  | { readonly kind: 'Held'; readonly from: number; readonly since: number; readonly until: number }
  | { readonly kind: 'Released'; readonly from: number };

export const calm: Episode = { kind: 'Calm' };

const longestHoldMs = 600_000;

/** One look at the world; `from` is when what fails now began to. Unix ms. */
export type Observation = {
  readonly mass: boolean;
  readonly canaries: Canaries;
  readonly from: number;
  readonly now: number;
};

/**
 *     episode     mass   canaries   10 minutes over   then
 *     any         no                                  Calm
 *     Calm, Held  yes    Alive                        Released: it is them
 *     Held        yes               yes               Released: nobody knows, and waiting has an end
 *     Calm, Held  yes    else       no                Held
 *     Released    yes                                 Released
 */
export function nextEpisode(episode: Episode, seen: Observation): Episode {
  if (!seen.mass) return calm;
  switch (episode.kind) {
    case 'Released':
      return episode;
    case 'Calm':
      if (seen.canaries === 'Alive') return { kind: 'Released', from: seen.from };
      return { kind: 'Held', from: seen.from, since: seen.now, until: seen.now + longestHoldMs };
    case 'Held':
      if (seen.canaries === 'Alive' || seen.now >= episode.until) return { kind: 'Released', from: episode.from };
      return episode;
  }
}
