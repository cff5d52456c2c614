import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { QueuedItem } from '../core/alert-ports.ts';

/**
 * Works off what SQS hands a Lambda, in order, and answers which messages stay in their queue: of a FIFO queue the first that
 * is not done with and all after it. `work` answers whether a message is done with; what it throws ends the invocation.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export async function workOff(
  { Records }: SQSEvent,
  work: (item: QueuedItem) => Promise<boolean>,
): Promise<SQSBatchResponse> {
  for (const [at, { messageId, receiptHandle, body, attributes, eventSourceARN }] of Records.entries()) {
    const receivedTimes = Number(attributes.ApproximateReceiveCount);
    if (await work({ messageId, receiptHandle, body, receivedTimes, queueArn: eventSourceARN })) continue;
    return { batchItemFailures: Records.slice(at).map((left) => ({ itemIdentifier: left.messageId })) };
  }
  return { batchItemFailures: [] };
}
