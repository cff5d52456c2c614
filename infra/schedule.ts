import { Duration } from 'aws-cdk-lib';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { PAYLOAD_SCHEMA } from '../lambdas/core/step-result.ts';

/** Sweeps every `checkIntervalSeconds` (whole minutes). */
export function createSchedule(scope: Construct, sweep: IStateMachine, checkIntervalSeconds: number): Schedule {
  return new Schedule(scope, 'Schedule', {
    description: 'Sweeps for what is due',
    schedule: ScheduleExpression.rate(Duration.minutes(checkIntervalSeconds / 60)),
    target: new StepFunctionsStartExecution(sweep, {
      input: ScheduleTargetInput.fromObject({ schema: PAYLOAD_SCHEMA }),
    }),
  });
}
