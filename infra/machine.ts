import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  Choice,
  Condition,
  DefinitionBody,
  type IChainable,
  type INextable,
  LogLevel,
  StateMachine,
  StateMachineType,
  Succeed,
  Wait,
  WaitTime,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { TIMEOUTS } from '../lambdas/core/timeouts.ts';
import { type MachineName, machineName } from './machine-names.ts';

/** A Standard machine with a fixed name. Its log has errors without payloads. */
export function createMachine(
  scope: Construct,
  machine: MachineName,
  start: IChainable,
  calls: readonly LambdaFunction[],
): StateMachine {
  const stateMachineName = machineName(scope, machine);
  const destination = new LogGroup(scope, 'Logs', {
    // Log groups of this prefix need no entry in the account's resource policy, whose size is limited.
    logGroupName: `/aws/vendedlogs/states/${stateMachineName}`,
    retention: RetentionDays.THREE_MONTHS,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const created = new StateMachine(scope, 'StateMachine', {
    stateMachineName,
    stateMachineType: StateMachineType.STANDARD,
    definitionBody: DefinitionBody.fromChainable(start),
    timeout: Duration.seconds(TIMEOUTS.machine),
    logs: { destination, level: LogLevel.ERROR, includeExecutionData: false },
  });
  created.addToRolePolicy(allVersionsOf(calls));
  return created;
}

/** A running execution calls the versions of its own definition, by the role as the latest deployment left it. */
function allVersionsOf(calls: readonly LambdaFunction[]): PolicyStatement {
  return new PolicyStatement({
    actions: ['lambda:InvokeFunction'],
    resources: calls.map((call) => `${call.functionArn}:*`),
  });
}

/** Where each status leads; the keys are all that steps may answer. */
export type StatusRoutes<Status extends string> = Readonly<Record<Status, IChainable>>;

/** The Choice on what the last step answered, with one rule a target state. */
export function statusChoice<Status extends string>(
  scope: Construct,
  state: string,
  routes: StatusRoutes<Status>,
  otherwise: IChainable,
): Choice {
  const choice = new Choice(scope, state);
  for (const [status, next] of Object.entries<IChainable>(routes)) {
    choice.when(Condition.stringEquals('$.step.result.status', status), next);
  }
  return choice.otherwise(otherwise);
}

/** Waits as long as the last step asked for, then goes on. */
export function waitFor(scope: Construct, state: string, next: IChainable & INextable): Wait {
  const wait = new Wait(scope, state, { time: WaitTime.secondsPath('$.step.result.waitSeconds') });
  wait.next(next);
  return wait;
}

/** An end of a run without failure. */
export function end(scope: Construct, state: string): Succeed {
  return new Succeed(scope, state);
}
