import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { publishedVersion } from './published-version.ts';

/** Ends of an execution that no Catch may have seen. */
export const WATCHED_STATUSES = ['FAILED', 'TIMED_OUT', 'ABORTED'] as const;

/**
 * Hands every failed execution to RecordFailure, also those that `States.ALL` does not catch.
 * https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
export function createStatusRule(scope: Construct, machines: readonly IStateMachine[], handler: LambdaFunction): Rule {
  return new Rule(scope, 'StatusRule', {
    description: 'Records the failure of executions',
    eventPattern: {
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      detail: {
        status: [...WATCHED_STATUSES],
        stateMachineArn: machines.map((machine) => machine.stateMachineArn),
      },
    },
    targets: [new LambdaTarget(publishedVersion(handler))],
  });
}
