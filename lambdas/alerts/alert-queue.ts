import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { AlertQueue } from '../core/alert-ports.ts';

/**
 * The FIFO queue of a channel, by the URL of its dead letters: URLs of queues in one account and region differ in their last
 * part only.
 */
export function createAlertQueue(sqs: SQSClient, deadLetterUrl: string): AlertQueue {
  return {
    postpone: async ({ queueArn, receiptHandle }, seconds) => {
      const QueueUrl = deadLetterUrl.replace(/[^/]+$/, queueArn.split(':').at(-1) ?? '');
      const hidden = { QueueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout: seconds };
      await sqs.send(new ChangeMessageVisibilityCommand(hidden));
    },
    bury: async ({ body, messageId }, reason) => {
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: deadLetterUrl,
          MessageBody: body,
          MessageGroupId: 'alerts',
          // A message that is handed out again before it was deleted is buried once.
          MessageDeduplicationId: messageId,
          MessageAttributes: { reason: { DataType: 'String', StringValue: reason || 'no reason' } },
        }),
      );
    },
  };
}
