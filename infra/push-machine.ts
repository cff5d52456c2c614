import { Choice, Condition, type StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import type { PushStepStatus } from '../lambdas/core/step-result.ts';
import type { TargetFamily } from '../lambdas/core/target-family.ts';
import type { HandlerFunctions } from './functions.ts';
import { createMachine, end, type StatusRoutes, statusChoice, waitFor } from './machine.ts';
import { FAILURE_PATH, failureEnd, stepTask } from './step-task.ts';

/** Puts a version into one target and waits until that serves it. */
export function createPushMachine(parent: Construct, functions: HandlerFunctions): StateMachine {
  const scope = new Construct(parent, 'PushMachine');
  const push = stepTask(scope, 'PushTarget', functions['push-target']);
  const aws = stepTask(scope, 'PushAws', functions['push-aws']);
  const exported = stepTask(scope, 'PushExport', functions['push-export']);
  const family = familyChoice(scope, push, { aws, export: exported });
  const probe = stepTask(scope, 'ProbeTarget', functions['probe-target']);
  const failure = failureEnd(scope, 'PushFailed', functions['record-failure']);
  const routes: StatusRoutes<PushStepStatus> = {
    proving: waitFor(scope, 'WaitForTarget', probe),
    push: family,
    done: end(scope, 'Done'),
    parked: end(scope, 'Parked'),
    superseded: end(scope, 'Superseded'),
  };
  const choice = statusChoice(scope, 'PushStatus?', routes, failure.unexpectedStatus);
  for (const task of [push, aws, exported, probe]) {
    task.addCatch(failure.recordFailure, { resultPath: FAILURE_PATH }).next(choice);
  }
  return createMachine(scope, 'push', family, [
    functions['push-target'],
    functions['push-aws'],
    functions['push-export'],
    functions['probe-target'],
    functions['record-failure'],
  ]);
}

/** Each family of targets has a Lambda of its own. Executions that an earlier release has started name none: theirs is ACM. */
function familyChoice(
  scope: Construct,
  acm: LambdaInvoke,
  others: Readonly<Record<Exclude<TargetFamily, 'acm'>, LambdaInvoke>>,
): Choice {
  const choice = new Choice(scope, 'Family?');
  for (const [family, task] of Object.entries(others)) {
    choice.when(Condition.and(Condition.isPresent('$.family'), Condition.stringEquals('$.family', family)), task);
  }
  return choice.otherwise(acm);
}
