import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { PushStepStatus } from '../lambdas/core/step-result.ts';
import type { HandlerFunctions } from './functions.ts';
import { createMachine, end, type StatusRoutes, statusChoice, waitFor } from './machine.ts';
import { FAILURE_PATH, failureEnd, stepTask } from './step-task.ts';

/** Puts a version into one target and waits until that serves it. */
export function createPushMachine(parent: Construct, functions: HandlerFunctions): StateMachine {
  const scope = new Construct(parent, 'PushMachine');
  const push = stepTask(scope, 'PushTarget', functions['push-target']);
  const probe = stepTask(scope, 'ProbeTarget', functions['probe-target']);
  const failure = failureEnd(scope, 'PushFailed', functions['record-failure']);
  const routes: StatusRoutes<PushStepStatus> = {
    proving: waitFor(scope, 'WaitForTarget', probe),
    push,
    done: end(scope, 'Done'),
    parked: end(scope, 'Parked'),
    superseded: end(scope, 'Superseded'),
  };
  const choice = statusChoice(scope, 'PushStatus?', routes, failure.unexpectedStatus);
  for (const task of [push, probe]) {
    task.addCatch(failure.recordFailure, { resultPath: FAILURE_PATH }).next(choice);
  }
  return createMachine(scope, 'push', push, [
    functions['push-target'],
    functions['probe-target'],
    functions['record-failure'],
  ]);
}
