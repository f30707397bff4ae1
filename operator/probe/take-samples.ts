import type { Pick } from './sample-plan.ts';
import type { FileFinding } from './verify-file.ts';

/** Looks at one file and settles what follows; `stillWrong`: whether a file that is found wrong counts in the window. */
export type Take = (pick: Pick, stillWrong: 'Counts' | 'IsKnown') => Promise<FileFinding['kind']>;
/** Of several looks: the first that was Inconclusive ends them, one that was Wrong makes all of them so. */
export type Outcome = FileFinding['kind'] | 'Nothing';

/** Looks at up to so many files that `next` finds. */
export async function takeFresh(take: Take, next: () => Pick | undefined, count: number): Promise<Outcome> {
  let outcome: Outcome = 'Nothing';
  for (let i = 0; i < count; i += 1) {
    const pick = next();
    if (pick === undefined) break;
    const kind = await take(pick, 'Counts');
    if (kind === 'Inconclusive') return kind;
    if (outcome !== 'Wrong') outcome = kind;
  }
  return outcome;
}

const mostAgain = 50;

/** Looks at least at so many, and as long as they come out clean more: a mended mirror should not wait for each of its files. */
export async function takeAgain(
  take: Take,
  picks: readonly Pick[],
  { stillWrong, least }: { readonly stillWrong: 'Counts' | 'IsKnown'; readonly least: number },
): Promise<Outcome> {
  let outcome: Outcome = 'Nothing';
  for (const [index, pick] of picks.slice(0, mostAgain).entries()) {
    if (outcome === 'Wrong' && index >= least) break;
    const kind = await take(pick, stillWrong);
    if (kind === 'Inconclusive') return kind;
    if (outcome !== 'Wrong') outcome = kind;
  }
  return outcome;
}
