import { Duration } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Fail, JitterType, JsonPath, Pass, TaskInput, Timeout } from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';
import { errorNameOf } from '../lambdas/core/failure.ts';
import { TIMEOUTS } from '../lambdas/core/timeouts.ts';
import { publishedVersion } from './published-version.ts';

/** What a task is tried again for: our own transient failures, and those of the Lambda service. */
export const RETRIED_ERRORS = [
  errorNameOf('transient'),
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.TooManyRequestsException',
] as const;

/**
 * Waits of at most 2, 4 and 8 seconds, each drawn between 0 and that (FULL jitter): 14 seconds in all. With four attempts of
 * at most 90 seconds a task ends after 374 seconds, a tenth of its machine's hour.
 */
export const TASK_RETRY = { intervalSeconds: 2, backoffRate: 2, maxAttempts: 3 } as const;

/** Where the error that was caught is put, beside the input of the run. */
export const FAILURE_PATH = '$.failure';

/** A step: hands the execution's ARN and the state to a Lambda, and keeps its answer at `$.step.result`. */
export function stepTask(scope: Construct, state: string, handler: LambdaFunction): LambdaInvoke {
  return withRetry(
    LambdaInvoke.jsonPath(scope, state, {
      ...invocation(handler),
      resultSelector: { result: JsonPath.objectAt('$.Payload') },
      resultPath: '$.step',
    }),
  );
}

/** How a machine with a Choice ends in failure. */
export type FailureEnd = { readonly recordFailure: LambdaInvoke; readonly unexpectedStatus: Pass };

/** {@link recordFailureThenFail}, also for a status that no rule of the Choice names. */
export function failureEnd(scope: Construct, failState: string, handler: LambdaFunction): FailureEnd {
  const recordFailure = recordFailureThenFail(scope, failState, handler);
  const unexpected = unexpectedStatus(scope);
  unexpected.next(recordFailure);
  return { recordFailure, unexpectedStatus: unexpected };
}

/**
 * RecordFailure, then the Fail state that names the first error. A failing RecordFailure changes nothing of that: its own
 * Catch leads to the same end.
 */
export function recordFailureThenFail(scope: Construct, failState: string, handler: LambdaFunction): LambdaInvoke {
  const fail = failWithCaught(scope, failState);
  const recordFailure = withRetry(
    LambdaInvoke.jsonPath(scope, 'RecordFailure', { ...invocation(handler), resultPath: JsonPath.DISCARD }),
  );
  recordFailure.addCatch(fail, { resultPath: JsonPath.DISCARD }).next(fail);
  return recordFailure;
}

/** The end that tells the error at {@link FAILURE_PATH}. */
export function failWithCaught(scope: Construct, state: string): Fail {
  return new Fail(scope, state, { errorPath: `${FAILURE_PATH}.Error`, causePath: `${FAILURE_PATH}.Cause` });
}

/** Default of a Choice: a status that no rule names is told as an error of its own. */
export function unexpectedStatus(scope: Construct): Pass {
  const status = JsonPath.jsonToString(JsonPath.objectAt('$.step.result.status'));
  return Pass.jsonPath(scope, 'UnexpectedStatus', {
    parameters: {
      Error: 'UnexpectedStatus',
      Cause: JsonPath.format('The step answered the status {}, which this state machine does not know.', status),
    },
    resultPath: FAILURE_PATH,
  });
}

function invocation(handler: LambdaFunction) {
  return {
    lambdaFunction: publishedVersion(handler),
    payload: TaskInput.fromObject({
      execution: JsonPath.stringAt('$$.Execution.Id'),
      input: JsonPath.objectAt('$'),
    }),
    taskTimeout: Timeout.duration(Duration.seconds(TIMEOUTS.task)),
    retryOnServiceExceptions: false,
  };
}

function withRetry(task: LambdaInvoke): LambdaInvoke {
  task.addRetry({
    errors: [...RETRIED_ERRORS],
    interval: Duration.seconds(TASK_RETRY.intervalSeconds),
    backoffRate: TASK_RETRY.backoffRate,
    maxAttempts: TASK_RETRY.maxAttempts,
    jitterStrategy: JitterType.FULL,
  });
  return task;
}
