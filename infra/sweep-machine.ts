import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { SweepStepStatus } from '../lambdas/core/step-result.ts';
import type { HandlerFunctions } from './functions.ts';
import { createMachine, end, type StatusRoutes, statusChoice, waitFor } from './machine.ts';
import { FAILURE_PATH, failWithCaught, stepTask, unexpectedStatus } from './step-task.ts';

/**
 * Starts what is due, round by round; then the CAs are asked when to renew, by a Lambda of its own, so that no trouble with
 * them hinders a start. A sweep that fails records nothing: the next one does its work.
 */
export function createSweepMachine(parent: Construct, functions: HandlerFunctions): StateMachine {
  const scope = new Construct(parent, 'SweepMachine');
  const findDue = stepTask(scope, 'FindDue', functions['find-due']);
  const refreshAri = stepTask(scope, 'RefreshAri', functions['refresh-ari']);
  const failed = failWithCaught(scope, 'SweepFailed');
  const routes: StatusRoutes<SweepStepStatus> = {
    more: waitFor(scope, 'WaitForRound', findDue),
    ari: refreshAri,
    done: end(scope, 'Done'),
  };
  const choice = statusChoice(scope, 'SweepStatus?', routes, unexpectedStatus(scope).next(failed));
  for (const task of [findDue, refreshAri]) task.addCatch(failed, { resultPath: FAILURE_PATH }).next(choice);
  return createMachine(scope, 'sweep', findDue, [functions['find-due'], functions['refresh-ari']]);
}
