import type { TargetFamily } from './target-family.ts';

/**
 * What a step of the Renewal machine tells its Choice. `pending` and `processing` wait and go to PollOrder, `ready` and
 * `valid` go to FinalizeOrder, `reorder` goes to CreateOrder, the others end the run.
 */
export const ORDER_STEP_STATUSES = [
  'pending',
  'processing',
  'ready',
  'valid',
  'reorder',
  'done',
  'held',
  'parked',
  'superseded',
] as const;
export type OrderStepStatus = (typeof ORDER_STEP_STATUSES)[number];

/** What a step of the Push machine tells its Choice. `proving` waits and goes to ProbeTarget, `push` to PushTarget. */
export const PUSH_STEP_STATUSES = ['proving', 'push', 'done', 'parked', 'superseded'] as const;
export type PushStepStatus = (typeof PUSH_STEP_STATUSES)[number];

/** What FindDue and RefreshAri tell their Choice: `more` goes round again after `waitSeconds`, `ari` goes to RefreshAri. */
export const SWEEP_STEP_STATUSES = ['more', 'ari', 'done'] as const;
export type SweepStepStatus = (typeof SWEEP_STEP_STATUSES)[number];

/**
 * The fixed shape of every step's answer: a path to a missing field would end an execution as `States.Runtime`, which no
 * Catch sees, so every field is always there.
 */
export type StepResult<Status extends string> = {
  readonly status: Status;
  /** Whole seconds, at least 0 (`SecondsPath`). */
  readonly waitSeconds: number;
  /** Steps so far in this run. */
  readonly rounds: number;
  /** Partition key of the slot the run works on, or empty. */
  readonly slot: string;
  /** The last Replay-Nonce (RFC 8555 section 6.5), or empty. */
  readonly nonce: string;
  /** Milliseconds since the epoch; when the run began, as its first step saw it. */
  readonly startedAt: number;
};

/** Version of what executions and their steps hand on; grows when its shape changes. */
export const PAYLOAD_SCHEMA = 1;

/** Input of a Renewal, Push or Settle execution: the row that is due and the claim that started it. */
export type RunInput = {
  readonly schema: typeof PAYLOAD_SCHEMA;
  readonly pk: string;
  readonly sk: string;
  readonly startSeq: number;
  /** Of a Push: whose Lambda pushes. ACM's where an earlier release has not said. */
  readonly family?: TargetFamily;
};

/** What the machine hands to each step: the execution's ARN, and its state. */
export type StepEvent<Status extends string = string> = {
  readonly execution: string;
  readonly input: RunInput & { readonly step?: { readonly result: StepResult<Status> } };
};

/** The Catch output that RecordFailure finds beside the run's input. */
export type CaughtFailure = { readonly Error: string; readonly Cause: string };
