import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';

/**
 * Has the watch look with what was just deployed, without waiting for it. It is not the deployment's business whether that
 * works: the schedule brings the next look.
 */
export async function startWatch(client: LambdaClient, functionArn: string): Promise<void> {
  await client
    .send(new InvokeCommand({ FunctionName: functionArn, InvocationType: 'Event', Payload: Buffer.from('{}') }))
    .catch((error: unknown) => {
      console.error(JSON.stringify({ level: 'error', message: 'the watch was not started', reason: String(error) }));
    });
}
