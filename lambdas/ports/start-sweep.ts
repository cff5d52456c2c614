import type { SFNClient } from '@aws-sdk/client-sfn';
import { ExecutionAlreadyExists, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PAYLOAD_SCHEMA } from '../core/step-result.ts';

/** Starts a sweep at once, so that a deployment's changes do not wait for the schedule; the same request starts one. */
export async function startSweep(client: SFNClient, stateMachineArn: string, requestId: string): Promise<void> {
  try {
    await client.send(
      new StartExecutionCommand({
        stateMachineArn,
        name: `deployment-${requestId}`.slice(0, 80),
        input: JSON.stringify({ schema: PAYLOAD_SCHEMA }),
      }),
    );
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
}
