import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { awsErrorFacts } from '../core/aws-failure.ts';
import type { Log } from '../core/log.ts';

/**
 * Has the watch look with what was just deployed, without waiting for it. It is not the deployment's business whether that
 * works: the schedule brings the next look.
 */
export async function startWatch(client: LambdaClient, functionArn: string, log: Log): Promise<void> {
  await client
    .send(new InvokeCommand({ FunctionName: functionArn, InvocationType: 'Event', Payload: Buffer.from('{}') }))
    .catch((error: unknown) => {
      const { name, message } = awsErrorFacts(error);
      log.write({ event: 'failure', class: 'transient', code: name, message: `the watch was not started: ${message}` });
    });
}
