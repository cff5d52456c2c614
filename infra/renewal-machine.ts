import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { OrderStepStatus } from '../lambdas/core/step-result.ts';
import type { HandlerFunctions } from './functions.ts';
import { createMachine, end, type StatusRoutes, statusChoice, waitFor } from './machine.ts';
import { FAILURE_PATH, failureEnd, stepTask } from './step-task.ts';

/** Renews one certificate: any step may discover any state of the order, so one Choice follows what the last one saw. */
export function createRenewalMachine(parent: Construct, functions: HandlerFunctions): StateMachine {
  const scope = new Construct(parent, 'RenewalMachine');
  const create = stepTask(scope, 'CreateOrder', functions['create-order']);
  const poll = stepTask(scope, 'PollOrder', functions['poll-order']);
  const finalize = stepTask(scope, 'FinalizeOrder', functions['finalize-order']);
  const failure = failureEnd(scope, 'RenewalFailed', functions['record-failure']);
  const wait = waitFor(scope, 'WaitForCa', poll);
  const routes: StatusRoutes<OrderStepStatus> = {
    pending: wait,
    processing: wait,
    ready: finalize,
    valid: finalize,
    reorder: create,
    done: end(scope, 'Done'),
    held: end(scope, 'Held'),
    parked: end(scope, 'Parked'),
    superseded: end(scope, 'Superseded'),
  };
  const choice = statusChoice(scope, 'OrderStatus?', routes, failure.unexpectedStatus);
  for (const task of [create, poll, finalize]) {
    task.addCatch(failure.recordFailure, { resultPath: FAILURE_PATH }).next(choice);
  }
  return createMachine(scope, 'renewal', create, [
    functions['create-order'],
    functions['poll-order'],
    functions['finalize-order'],
    functions['record-failure'],
  ]);
}
