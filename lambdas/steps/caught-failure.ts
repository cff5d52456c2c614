import type { FailureDetail } from '../core/failure.ts';
import { messageOfCause, readFailureDetail } from '../core/failure.ts';
import type { CaughtFailure, RunInput, StepEvent } from '../core/step-result.ts';
import { PAYLOAD_SCHEMA } from '../core/step-result.ts';

/** EventBridge's `Step Functions Execution Status Change` event, as far as it is read here. */
export type StatusChangeEvent = {
  readonly 'detail-type': 'Step Functions Execution Status Change';
  readonly detail: {
    readonly executionArn: string;
    readonly status: string;
    /** The execution's input, JSON. */
    readonly input: string;
    readonly error?: string | null;
    readonly cause?: string | null;
  };
};

/** What a machine's Catch hands over. */
export type CatchEvent = StepEvent & { readonly input: StepEvent['input'] & { readonly failure?: CaughtFailure } };

/** A failed run, whoever told of it. */
export type FailedRun = {
  readonly execution: string;
  readonly input: StepEvent['input'];
  readonly detail: FailureDetail;
  /** Told by the status rule: late, perhaps, or untrue by now. */
  readonly byRule: boolean;
};

/** Errors of the platform that say nothing of the work itself. */
const PLATFORM = /^(States\.Timeout|States\.HeartbeatTimeout|Lambda\.|Sandbox\.|TransientFailure|Runtime\.)/;

/** Reads either event. Throws when it is neither. */
export function readFailedRun(event: CatchEvent | StatusChangeEvent): FailedRun {
  if ('detail' in event) return fromRule(event);
  const failure = event.input.failure ?? { Error: 'UnknownFailure', Cause: 'the machine gave no reason' };
  return { execution: event.execution, input: event.input, detail: detailOf(failure), byRule: false };
}

function fromRule({ detail }: StatusChangeEvent): FailedRun {
  const failure = {
    Error: detail.error ?? `Execution.${detail.status}`,
    Cause: detail.cause ?? `the execution ended as ${detail.status}`,
  };
  return { execution: detail.executionArn, input: parseInput(detail.input), detail: detailOf(failure), byRule: true };
}

/** Whether an error came from the platform: the step that it ended could not tell of it. */
export function isPlatformError(error: string): boolean {
  return PLATFORM.test(error) || error.startsWith('Execution.');
}

function detailOf({ Error: error, Cause: cause }: CaughtFailure): FailureDetail {
  const known = readFailureDetail(cause);
  if (known !== undefined) return known;
  const isPlatform = isPlatformError(error);
  return {
    class: isPlatform ? 'transient' : 'bug',
    code: error,
    message: `${error}: ${messageOfCause(cause).slice(0, 1000)}`,
  };
}

function parseInput(text: string): RunInput {
  const input: unknown = JSON.parse(text);
  if (typeof input === 'object' && input !== null && 'pk' in input && 'sk' in input && 'startSeq' in input) {
    return { schema: PAYLOAD_SCHEMA, pk: String(input.pk), sk: String(input.sk), startSeq: Number(input.startSeq) };
  }
  throw new Error(`the failed execution's input names no row: ${text.slice(0, 200)}`);
}
