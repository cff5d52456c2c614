import { GetQueueAttributesCommand, QueueDoesNotExist, type SQSClient } from '@aws-sdk/client-sqs';
import type { Channels } from '../account/channels.ts';
import { type Check, type Examine, unsaid } from './check.ts';

const NAME = 'dead letters';

/** Whether a channel has not taken what people were to be told by it. */
export const lookAtDeadLetters: Examine = async ({ clients }, { places }) => {
  const { channels, name: stack } = places;
  if (channels === undefined) return unsaid(NAME, 'its channels', stack);
  const names = Object.keys(channels);
  if (names.length === 0) return { name: NAME, ok: true, message: 'no channel is configured' };
  const checks = await Promise.all(
    Object.entries(channels).map(([channel, queues]) => lookAtChannel(clients.sqs, channel, queues, stack)),
  );
  const problems = checks.flat();
  return problems.length > 0 ? problems : { name: NAME, ok: true, message: `none of ${names.join(', ')}` };
};

async function lookAtChannel(
  sqs: SQSClient,
  channel: string,
  { queueArn, deadLettersUrl }: Channels[string],
  stack: string,
): Promise<readonly Check[]> {
  const name = `channel ${channel}`;
  const count = await lettersIn(sqs, deadLettersUrl);
  if (count === 0) return [];
  if (count === undefined) {
    const remedy = `\`npx cdk deploy --revert-drift\` of ${stack} makes it anew; what it held is lost.`;
    return [{ name, ok: false, message: 'the queue of its dead letters is gone', remedy }];
  }
  const message = `${count} message(s) that it has not taken are among its dead letters`;
  return [{ name, ok: false, message, remedy: remedyFor(queueArn, deadLettersUrl) }];
}

/** Undefined where there is no such queue. */
async function lettersIn(sqs: SQSClient, QueueUrl: string): Promise<number | undefined> {
  try {
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] });
    const { Attributes } = await sqs.send(command);
    return Number(Attributes?.ApproximateNumberOfMessages ?? 0);
  } catch (error) {
    if (error instanceof QueueDoesNotExist) return undefined;
    throw error;
  }
}

/**
 * SQS does not know where those come from that DeliverAlert has given up, so the way back is named.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
 */
function remedyFor(queueArn: string, deadLettersUrl: string): string {
  const deadLettersArn = queueArn.replace(/[^:]+$/, deadLettersUrl.split('/').at(-1) ?? '');
  return [
    `Each has the reason as an attribute: aws sqs receive-message --queue-url ${deadLettersUrl} --message-attribute-names reason.`,
    `Mend that, then have them told: aws sqs start-message-move-task --source-arn ${deadLettersArn} --destination-arn ${queueArn};`,
    `or, where they are old news: aws sqs purge-queue --queue-url ${deadLettersUrl}`,
  ].join(' ');
}
