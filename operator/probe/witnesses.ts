const most = 5;

/** A few of them at random: mirrors that are asked whether it is one mirror that fails, or we. */
export function chooseWitnesses<T>(candidates: readonly T[], random: () => number): readonly T[] {
  const left = [...candidates];
  const chosen: T[] = [];
  while (chosen.length < most && left.length > 0) {
    chosen.push(...left.splice(Math.floor(random() * left.length), 1));
  }
  return chosen;
}
