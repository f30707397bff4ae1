/** How many mirrors it takes so that none need be drawn with more than `maxSharePercent`. */
export const mirrorsNeeded = (maxSharePercent: number): number => Math.ceil(100 / maxSharePercent);

// A capped entry is marked by a negative number.
const capped = -1;

const openWeight = (share: Float64Array, count: number): number => {
  let sum = 0;
  for (let at = 0; at < count; at++) sum += Math.max(0, share[at] ?? 0);
  return sum;
};

const capAbove = (share: Float64Array, count: number, greatestWeight: number): number => {
  let found = 0;
  for (let at = 0; at < count; at++) {
    if ((share[at] ?? 0) <= greatestWeight) continue;
    share[at] = capped;
    found++;
  }
  return found;
};

/**
 * Turns the first `count` weights (all above 0) into probabilities that sum to 1, none above
 * max(`maxSharePercent`, 100 / `count`) per cent: what is cut off goes to the others in proportion to their weights.
 */
export const toShares = (share: Float64Array, count: number, maxSharePercent: number): void => {
  const cap = Math.max(maxSharePercent / 100, 1 / count);
  let factor = 1 / openWeight(share, count);
  let full = 0;
  // What the capped lose raises the others, perhaps above the cap: at most `count` rounds, seldom more than two.
  for (let more = -1; more !== 0; full += more) {
    factor = (1 - full * cap) / openWeight(share, count);
    more = capAbove(share, count, cap / factor);
  }
  for (let at = 0; at < count; at++) {
    const weight = share[at] ?? 0;
    share[at] = weight === capped ? cap : weight * factor;
  }
};
