import type { FleetAttempt } from '../../../cli/fleet/history.ts';
import type { AttemptEntry } from '../../../lambdas/core/attempt-rows.ts';
import type { FailureClass } from '../../../lambdas/core/failure.ts';
import { HOUR, MINUTE } from '../../support/virtual-account.ts';

/** The instant at which the made-up fleets are looked at: a Monday noon, UTC. */
export const NOW = Date.UTC(2027, 5, 7, 12);

/** What differs from an attempt that was issued after twenty seconds of propagation. */
export type Difference = Partial<Pick<FleetAttempt, 'ca' | 'zones'>> & {
  /** Until the first challenge has moved. Milliseconds. */
  readonly propagationMs?: number;
  readonly failed?: { readonly class: FailureClass; readonly code: string; readonly message?: string };
};

const PROPAGATION_MS = 20_000;

/** An attempt as the steps write it, begun at an instant. */
export function attempt(certificate: string, startedAt: number, difference: Difference = {}): FleetAttempt {
  const { ca = 'letsencrypt', zones = [`${certificate}.test`], propagationMs = PROPAGATION_MS, failed } = difference;
  const entries = failed === undefined ? issued(startedAt, propagationMs) : lost(startedAt, failed);
  const lastAt = entries.at(-1)?.at ?? startedAt;
  return { certificate, ca, zones, startedAt, lastAt, outcome: failed === undefined ? 'issued' : 'failed', entries };
}

function issued(startedAt: number, propagationMs: number): readonly AttemptEntry[] {
  const moved = startedAt + 2_000 + propagationMs;
  return [
    seen(startedAt, startedAt + 2_000, 'createOrder', 'order', 'pending'),
    seen(startedAt, moved, 'pollOrder', 'challenge', 'valid', 'pending'),
    seen(startedAt, moved + 3_000, 'pollOrder', 'order', 'ready', 'pending'),
    seen(startedAt, moved + 8_000, 'finalizeOrder', 'order', 'valid', 'ready'),
    {
      at: moved + 9_000,
      run: startedAt,
      step: 'finalizeOrder',
      kind: 'certificate',
      version: 'ab'.repeat(32),
      state: 'stored',
    },
  ];
}

function lost(
  startedAt: number,
  { message = 'it failed', ...failed }: NonNullable<Difference['failed']>,
): readonly AttemptEntry[] {
  return [{ at: startedAt + 2_000, run: startedAt, step: 'createOrder', kind: 'failed', message, ...failed }];
}

function seen(
  run: number,
  at: number,
  step: string,
  of: 'order' | 'challenge',
  to: string,
  from?: string,
): AttemptEntry {
  const name = `https://acme.example/${of}/1`;
  return {
    at,
    run,
    step,
    kind: 'seen',
    of,
    name,
    to,
    transition: 'allowed',
    request: of,
    ...(from !== undefined && { from }),
  };
}

/** Midnight, UTC, so many days before {@link NOW}, and so many hours later. */
export function daysAgo(days: number, hour: number, minute = 0): number {
  return Date.UTC(2027, 5, 7) - days * 24 * HOUR + hour * HOUR + minute * MINUTE;
}
