import type { SFNClient } from '@aws-sdk/client-sfn';
import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { awsFailure } from '../core/aws-failure.ts';
import type { Executions } from '../core/ports.ts';
import type { DueKind } from '../core/rows.ts';

/** Statuses in which an execution may still act. https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html */
const ALIVE: readonly (string | undefined)[] = ['RUNNING', 'PENDING_REDRIVE'];

/** Step Functions; `machineOf` names the machine of each kind of run that this Lambda may start. */
export function createExecutions(client: SFNClient, machineOf: (kind: DueKind) => string): Executions {
  return {
    start: async (kind, name, input) => {
      try {
        await client.send(
          new StartExecutionCommand({ stateMachineArn: machineOf(kind), name, input: JSON.stringify(input) }),
        );
      } catch (error) {
        if (error instanceof ExecutionAlreadyExists) return;
        throw awsFailure(error, `Starting ${name} of ${machineOf(kind)}`);
      }
    },
    isRunning: async (executionArn) => {
      try {
        const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
        return ALIVE.includes(status);
      } catch (error) {
        if (error instanceof ExecutionDoesNotExist) return false;
        throw awsFailure(error, `Describing ${executionArn}`);
      }
    },
  };
}
