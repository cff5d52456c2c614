import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { SqsAccount } from '../aws/sqs.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION, resolveText, type TemplateResources } from './template-values.ts';

/** The Lambda that empties queues, in process. */
export type QueueHandler = (event: SQSEvent) => Promise<SQSBatchResponse>;

/**
 * Lambda's own poller for the stack's event sources: hands each visible message of a queue to the handler until none is
 * left. A message is deleted where the handler did not report it; where it throws, the message stays hidden for its time.
 */
export function createQueuePoller(
  resources: TemplateResources,
  sqs: SqsAccount,
  handler: QueueHandler,
): () => Promise<void> {
  const sources = Object.values(resources).filter(({ Type }) => Type === 'AWS::Lambda::EventSourceMapping');
  const queues = sources.map(
    ({ Properties }) => resolveText(Properties.EventSourceArn, resources).split(':').at(-1) ?? '',
  );
  return async () => {
    await Promise.all(queues.map((queue) => drain(queue, sqs, handler)));
  };
}

async function drain(queue: string, sqs: SqsAccount, handler: QueueHandler): Promise<void> {
  for (;;) {
    const message = sqs.receive(queue);
    if (message === undefined) return;
    const { messageId, receiptHandle } = message;
    const { batchItemFailures } = await handler(eventOf(queue, message)).catch(() => ({
      batchItemFailures: [{ itemIdentifier: messageId }],
    }));
    if (batchItemFailures.length === 0) sqs.delete(queue, receiptHandle);
  }
}

function eventOf(queue: string, message: NonNullable<ReturnType<SqsAccount['receive']>>): SQSEvent {
  const { messageId, receiptHandle, body, receiveCount } = message;
  return {
    Records: [
      {
        messageId,
        receiptHandle,
        body,
        attributes: {
          ApproximateReceiveCount: String(receiveCount),
          SentTimestamp: '0',
          SenderId: 'events.amazonaws.com',
          ApproximateFirstReceiveTimestamp: '0',
        },
        messageAttributes: {},
        md5OfBody: '',
        eventSource: 'aws:sqs',
        eventSourceARN: `arn:aws:sqs:${LOCAL_REGION}:${LOCAL_ACCOUNT}:${queue}`,
        awsRegion: LOCAL_REGION,
      },
    ],
  };
}
