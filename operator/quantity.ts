const factors: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** Bytes of a Kubernetes quantity (`20Mi`, `4Gi`, `500k`), rounded up to whole bytes; throws RangeError for anything else. */
export function quantityBytes(text: string | number): number {
  const match = /^(\d+(?:\.\d+)?)(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$/.exec(String(text));
  const factor = factors[match?.[2] ?? ''];
  if (match === null || factor === undefined) throw new RangeError(`"${text}" is not a size like 500k, 20Mi or 4Gi`);
  return Math.ceil(Number(match[1]) * factor);
}
