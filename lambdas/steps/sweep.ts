import type { StepResult, SweepStepStatus } from '../core/step-result.ts';

/** Rounds of one sweep go on for at most this long. Milliseconds. */
const SWEEP_MS = 10 * 60_000;
/** Between two rounds; the index needs a moment to follow. Seconds. */
const BETWEEN_ROUNDS_S = 5;

export type SweepResult = StepResult<SweepStepStatus>;

/** Input of the sweep's states: the sweep's own, and its last step's answer. */
export type SweepEvent = {
  readonly input: { readonly schema?: number; readonly step?: { readonly result: SweepResult } };
};

/** When the sweep began, milliseconds since the epoch: now, in its first step. */
export function sweepStartedAt(event: SweepEvent, now: number): number {
  return event.input.step?.result.startedAt ?? now;
}

/** The answer of a sweep's step. One that has taken its time ends, whatever is left: the next one goes on. */
export function sweepResult(event: SweepEvent, wanted: SweepStepStatus, startedAt: number, now: number): SweepResult {
  const status = now - startedAt < SWEEP_MS ? wanted : 'done';
  return {
    status,
    waitSeconds: status === 'more' ? BETWEEN_ROUNDS_S : 0,
    rounds: (event.input.step?.result.rounds ?? 0) + 1,
    slot: '',
    nonce: '',
    startedAt,
  };
}
