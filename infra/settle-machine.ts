import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { HandlerFunctions } from './functions.ts';
import { createMachine, end } from './machine.ts';
import { FAILURE_PATH, recordFailureThenFail, stepTask } from './step-task.ts';

/** Clears what is left in one slot. What remains to be waited for stands in its row, so nothing is waited for here. */
export function createSettleMachine(parent: Construct, functions: HandlerFunctions): StateMachine {
  const scope = new Construct(parent, 'SettleMachine');
  const settle = stepTask(scope, 'Settle', functions.settle);
  const recordFailure = recordFailureThenFail(scope, 'SettleFailed', functions['record-failure']);
  settle.addCatch(recordFailure, { resultPath: FAILURE_PATH }).next(end(scope, 'Done'));
  return createMachine(scope, 'settle', settle, [functions.settle, functions['record-failure']]);
}
