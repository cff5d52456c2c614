import type { MachineName } from '../../infra/machine-names.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION } from './template-values.ts';

/** Statuses of DescribeExecution, without PENDING_REDRIVE, which the embedded account has not. */
export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** One entry of an execution's log. `at` is milliseconds since the epoch, by the account's clock. */
export type ExecutionEvent = {
  readonly at: number;
  readonly type: string;
  readonly state?: string;
  readonly stateType?: string;
  readonly error?: string;
};

/** What is known of an execution. */
export type ExecutionRecord = {
  readonly arn: string;
  readonly machine: MachineName;
  readonly machineArn: string;
  readonly name: string;
  /** JSON, as it was given. */
  readonly input: string;
  readonly startedAt: number;
  readonly status: ExecutionStatus;
  readonly stoppedAt?: number;
  /** JSON, where it succeeded. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly events: readonly ExecutionEvent[];
};

/** StartExecution of a name that is taken. */
export class ExecutionAlreadyExists extends Error {
  constructor(arn: string) {
    super(`Execution Already Exists: '${arn}'`);
    this.name = 'ExecutionAlreadyExists';
  }
}

/** DescribeExecution or StopExecution of an unknown ARN. */
export class ExecutionDoesNotExist extends Error {
  constructor(arn: string) {
    super(`Execution Does Not Exist: '${arn}'`);
    this.name = 'ExecutionDoesNotExist';
  }
}

/** RedriveExecution of an execution that runs or has succeeded. */
export class ExecutionNotRedrivable extends Error {
  constructor({ arn, status }: Pick<ExecutionRecord, 'arn' | 'status'>) {
    super(`Execution Not Redrivable: '${arn}' is ${status}`);
    this.name = 'ExecutionNotRedrivable';
  }
}

/** What AWS bills: states entered, and retries. */
export function transitionsOf({ events }: Pick<ExecutionRecord, 'events'>): number {
  return events.filter(({ type }) => type === 'StateEntered' || type === 'StateRetried').length;
}

/** States in the order they were entered. */
export function statesOf({ events }: Pick<ExecutionRecord, 'events'>): readonly string[] {
  return events.flatMap(({ type, state }) => (type === 'StateEntered' && state !== undefined ? [state] : []));
}

/** An event as EventBridge delivers it. https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html */
export type StatusChangeEvent = {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': 'Step Functions Execution Status Change';
  readonly source: 'aws.states';
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly [string];
  readonly detail: {
    readonly executionArn: string;
    readonly stateMachineArn: string;
    readonly name: string;
    readonly status: ExecutionStatus;
    readonly startDate: number;
    readonly stopDate: number | null;
    readonly input: string;
    readonly output: string | null;
    readonly error: string | null;
    readonly cause: string | null;
  };
};

/** The event that tells a status. */
export function statusChangeOf(record: ExecutionRecord, at: number): StatusChangeEvent {
  return {
    version: '0',
    id: `${record.name}-${record.status}`,
    'detail-type': 'Step Functions Execution Status Change',
    source: 'aws.states',
    account: LOCAL_ACCOUNT,
    time: new Date(at).toISOString(),
    region: LOCAL_REGION,
    resources: [record.arn],
    detail: {
      executionArn: record.arn,
      stateMachineArn: record.machineArn,
      name: record.name,
      status: record.status,
      startDate: record.startedAt,
      stopDate: record.stoppedAt ?? null,
      input: record.input,
      output: record.output ?? null,
      error: record.error ?? null,
      cause: record.cause ?? null,
    },
  };
}
