import { calm, isMassFailure, nextEpisode, type Canaries, type Episode, type Heard } from './mass-failure.ts';

/** Verdicts are held since then, and until then at the latest; Unix ms. */
export type Hold = { readonly since: number; readonly until: number };

export type HoldsDeps = {
  readonly now: () => number;
  readonly mirrors: () => Iterable<Heard>;
  readonly onChange: (hold: Hold | undefined) => void;
};

/** Whether nothing goes down for now because too much failed at once. */
export type Holds = {
  current(): Hold | undefined;
  /** Looks at the mirrors; `failingSince` (Unix ms) of one that was up and now fails may begin a hold. */
  assess(failingSince: number | undefined, canaries: Canaries): void;
};

export function createHolds(deps: HoldsDeps): Holds {
  let episode: Episode = calm;
  const current = (): Hold | undefined =>
    episode.kind === 'Held' ? { since: episode.since, until: episode.until } : undefined;
  return {
    current,
    assess(failingSince, canaries) {
      const from = episode.kind === 'Calm' ? failingSince : episode.from;
      if (from === undefined) return;
      const before = episode.kind;
      const mass = isMassFailure(deps.mirrors(), from);
      episode = nextEpisode(episode, { mass, canaries, from, now: deps.now() });
      if ((before === 'Held') !== (episode.kind === 'Held')) deps.onChange(current());
    },
  };
}
