import type { Outside } from '../ports.ts';
import { nextProbeInMs } from './endpoint-health.ts';
import { answeringEndpoints, telling, type Watched } from './watched-mirror.ts';

export type VerifyRoundDeps = Pick<Outside, 'now' | 'random'> & { readonly onChange: (uid: string) => void };

/**
 * Checks what one mirror serves; resolves with the milliseconds until the next time. A round that comes before the mirror's time
 * was called for a dispute and looks at nothing else: one dispute must not lead to samples that lead to the next.
 */
export async function verifyRound(deps: VerifyRoundDeps, each: Watched, signal: AbortSignal): Promise<number> {
  const { uid, files, verification, redirects, healthCheck } = each.mirror;
  const { intervalMs, timeoutMs } = healthCheck;
  const endpoints = answeringEndpoints(each);
  if (endpoints.length === 0 || verification.window === 0) return intervalMs;
  const before = telling(each);
  const verified = { files, verification, redirects, timeoutMs, endpoints };
  const earlyMs = each.checkAt - deps.now();
  if (earlyMs > 0) {
    await each.verification.testify(verified, signal);
  } else {
    const pending = await each.verification.check(verified, signal);
    each.checkAt = deps.now() + nextProbeInMs(pending, intervalMs, deps.random);
  }
  if (telling(each) !== before) deps.onChange(uid);
  return Math.max(0, each.checkAt - deps.now());
}
