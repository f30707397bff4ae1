const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const whole = /^(\d+(\.\d+)?(ms|s|m|h))+$/;

/** Milliseconds of a Go duration (`90s`, `1h30m`), the notation of Kubernetes resources; undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!whole.test(text)) return undefined;
  let total = 0;
  for (const [, amount, , unit] of text.matchAll(/(\d+(\.\d+)?)(ms|s|m|h)/g))
    total += Number(amount) * (unitMs[unit ?? ''] ?? 0);
  return Math.round(total);
}

/** As parseDuration, for values that a schema has already checked: throws RangeError for anything else. */
export function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new RangeError(`"${text}" is not a duration like 90s, 5m or 6h`);
  return ms;
}

const hourMs = 3_600_000;

/** An age or a span for people: `12s`, `4m`, `2h10m`, `3d`. */
export function shortDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (ms < 2 * hourMs) return `${Math.round(seconds / 60)}m`;
  if (ms < 48 * hourMs) return `${Math.floor(seconds / 3600)}h${Math.floor((seconds % 3600) / 60)}m`;
  return `${Math.floor(seconds / 86_400)}d`;
}
