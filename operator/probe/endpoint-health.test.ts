import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';

import { applyProbe, isPending, nextProbeInMs, probedEndpoint, type EndpointState } from './endpoint-health.ts';
import type { FamilyOutcome, ProbeResult } from './probe.ts';

const ok: FamilyOutcome = { kind: 'OK' };
const failed: FamilyOutcome = { kind: 'Failed', reason: 'Unreachable', detail: 'HEAD http://m/a: refused' };
const thresholds = { failureThreshold: 3, successThreshold: 2 };
const url = 'http://m/';

/** `.` = reached, `x` = failed, `X` = failed while held; one probe a second. */
function history(signs: string): EndpointState | undefined {
  let state: EndpointState | undefined;
  signs.split('').forEach((sign, second) => {
    const result = { ipv4: sign === '.' ? ok : failed, wrongFiles: [] };
    state = applyProbe(state, result, { url, thresholds, now: second * 1000, held: sign === 'X' });
  });
  return state;
}

describe('the health of an endpoint', () => {
  const cases: readonly (readonly [history: string, up: boolean, since: number, pending: boolean, what: string])[] = [
    ['.', true, 0, false, 'the first success counts at once'],
    ['x', false, 0, false, 'the first failure counts at once'],
    ['x.', false, 0, true, 'after a failure one success is not enough'],
    ['x..', true, 2, false, 'after a failure two successes are'],
    ['x.x.', false, 0, true, 'successes must follow each other'],
    ['.xx', true, 0, true, 'two failures are not enough'],
    ['.xx.', true, 0, false, 'a success forgives'],
    ['.xx.xx', true, 0, true, 'failures must follow each other'],
    ['.xxx', false, 3, false, 'three failures in a row take it down'],
    ['.xxxxxx', false, 3, false, 'since is when it went down'],
    ['.XXXXXX', true, 0, true, 'held, it stays up whatever happens'],
    ['.XXXXx', false, 5, false, 'the first failure after a hold takes it down if there were enough'],
    ['.XXXX.', true, 0, false, 'a success after a hold forgives'],
    ['xX', false, 0, false, 'a hold does not bring up what was down'],
  ];
  for (const [signs, up, since, pending, what] of cases) {
    it(`${signs.padEnd(8)} ${what}`, () => {
      const state = history(signs);
      assert.ok(state);
      assert.deepEqual([state.up, state.since, isPending(state)], [up, since * 1000, pending]);
      assert.equal(state.reason === undefined, up);
    });
  }

  it('is up if any family is, and says so of each', () => {
    const at = { url, thresholds, now: 0, held: false };
    const state = applyProbe(undefined, { ipv4: ok, ipv6: failed, wrongFiles: [] }, at);
    assert.deepEqual(probedEndpoint(state), { url, up: true, ipv4Up: true, ipv6Up: false, since: 0 });
    assert.equal(state.failingSince, undefined);
  });

  it('says nothing of a family that the host has no more', () => {
    const at = { url, thresholds, now: 0, held: false };
    const both = applyProbe(undefined, { ipv4: ok, ipv6: ok, wrongFiles: [] }, at);
    const one = applyProbe(both, { ipv4: ok, wrongFiles: [] }, at);
    assert.deepEqual(probedEndpoint(one), { url, up: true, ipv4Up: true, since: 0 });
  });

  it('counts a name that does not resolve as a failure of every family', () => {
    const at = { url, thresholds, now: 0, held: false };
    const unresolved = { kind: 'Failed', reason: 'UnresolvableHost', detail: 'm has no address' } as const;
    let state: EndpointState | undefined = applyProbe(undefined, { ipv4: ok, ipv6: ok, wrongFiles: [] }, at);
    for (let i = 0; i < 3; i += 1) {
      assert.equal(state.up, true);
      state = applyProbe(state, { unresolved, wrongFiles: [] }, at);
    }
    assert.deepEqual([state.up, state.reason], [false, 'UnresolvableHost: m has no address']);
  });

  it('needs successThreshold also when the name did not resolve at first', () => {
    const at = { url, thresholds, now: 0, held: false };
    const unresolved = { kind: 'Failed', reason: 'UnresolvableHost', detail: 'm has no address' } as const;
    const first = applyProbe(undefined, { unresolved, wrongFiles: [] }, at);
    assert.deepEqual([first.up, first.reason], [false, 'UnresolvableHost: m has no address']);
    const second = applyProbe(first, { ipv4: ok, wrongFiles: [] }, at);
    const third = applyProbe(second, { ipv4: ok, wrongFiles: [] }, at);
    assert.deepEqual([second.up, third.up], [false, true]);
  });

  it('keeps its sentence while the reason stays the same, since each probe asks for another file', () => {
    const failing = (reason: 'ContentMissing' | 'Timeout', detail: string): ProbeResult => {
      return { ipv4: { kind: 'Failed', reason, detail }, wrongFiles: [] };
    };
    const at = { url, thresholds, now: 0, held: false };
    const first = applyProbe(undefined, failing('ContentMissing', 'no a'), at);
    const second = applyProbe(first, failing('ContentMissing', 'no b'), at);
    assert.equal(second.reason, 'ContentMissing: no a');
    assert.equal(applyProbe(second, failing('Timeout', 'silence'), at).reason, 'Timeout: silence');
  });

  it('names both reasons where the families fail differently', () => {
    const timeout = { kind: 'Failed', reason: 'Timeout', detail: 'silence' } as const;
    const at = { url, thresholds, now: 0, held: false };
    const state = applyProbe(undefined, { ipv4: failed, ipv6: timeout, wrongFiles: [] }, at);
    assert.equal(state.reason, 'Unreachable: HEAD http://m/a: refused; by IPv6: Timeout: silence');
  });

  it('keeps the last known end of the certificate', () => {
    const at = { url, thresholds, now: 0, held: false };
    const first = applyProbe(undefined, { ipv4: ok, certificateExpiresAt: 5, wrongFiles: [] }, at);
    assert.equal(probedEndpoint(applyProbe(first, { ipv4: failed, wrongFiles: [] }, at)).certificateExpiresAt, 5);
  });

  it('follows one rule through any history: only whole rows of contradictions change a verdict', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('.', 'x'), { minLength: 1, maxLength: 60 }), (signs) => {
        let up = signs[0] === '.';
        let row = 0;
        for (const sign of signs.slice(1)) {
          row = (sign === '.') === up ? 0 : row + 1;
          if (row < (up ? 3 : 2)) continue;
          up = !up;
          row = 0;
        }
        const state = history(signs.join(''));
        assert.deepEqual([state?.up, state && isPending(state)], [up, row > 0]);
      }),
    );
  });
});

describe('the next probe', () => {
  const cases: readonly (readonly [pending: boolean, intervalMs: number, random: number, expected: number])[] = [
    [false, 60_000, 0, 54_000],
    [false, 60_000, 0.5, 60_000],
    [false, 60_000, 1, 66_000],
    [true, 60_000, 0.5, 5000],
    [true, 1000, 0.5, 1000],
  ];
  for (const [pending, intervalMs, random, expected] of cases) {
    it(`comes after ${expected} ms of ${intervalMs}${pending ? ' if a verdict is pending' : ''}`, () => {
      assert.equal(
        nextProbeInMs(pending, intervalMs, () => random),
        expected,
      );
    });
  }
});
