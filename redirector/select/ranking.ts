import type { Ranking } from './types.ts';

/** The manifest's index of the mirror at a position; -1 past the end. */
export const indexAt = ({ candidates }: Ranking, position: number): number => candidates[position]?.index ?? -1;
